// Time zones, from the system database of compiled zone files.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A time zone: when which offset from UTC applies.
final class TimeZoneRules: Sendable {
  /// An offset and what it is called.
  struct Period: Sendable {
    /// Seconds east of UTC.
    var offset: Int
    var isDaylight: Bool
    var abbreviation: String
  }

  let name: String
  /// When the periods begin (Unix seconds, ascending) and which they are.
  private let transitions: [(start: Int, period: Int)]
  private let periods: [Period]
  /// The rule for the time behind the last transition.
  private let future: TimeZoneFooter?

  static let utc = TimeZoneRules(name: "UTC", fixed: Period(offset: 0, isDaylight: false, abbreviation: "UTC"))

  init(name: String, fixed: Period) {
    self.name = name
    transitions = []
    periods = [fixed]
    future = nil
  }

  /// Reads the contents of a file of the tz database.
  ///
  /// - Returns: nil when it is none. Every size in it is checked: the file is the system's, and may still be damaged.
  /// - Source: RFC 8536.
  init?(name: String, file: [UInt8]) {
    var reader = Bytes(file)
    guard let first = Header(&reader) else { return nil }
    var header = first
    var wordSize = 4
    if first.version >= 2 {
      // The first half repeats the data in 32 bits for old readers.
      guard reader.skip(first.size(wordSize: 4)), let second = Header(&reader) else { return nil }
      header = second
      wordSize = 8
    }
    guard header.periodCount > 0, reader.left >= header.size(wordSize: wordSize) else { return nil }
    let starts = (0..<header.transitionCount).map { _ in reader.signed(wordSize) }
    let numbers = (0..<header.transitionCount).map { _ in Int(reader.byte()) }
    let raw = (0..<header.periodCount).map { _ in (reader.signed(4), reader.byte(), Int(reader.byte())) }
    let names = (0..<header.nameBytes).map { _ in reader.byte() }
    guard reader.skip(header.leapCount * (wordSize + 4) + header.standardCount + header.utcCount) else { return nil }
    guard numbers.allSatisfy({ $0 < header.periodCount }), raw.allSatisfy({ $0.2 < names.count && abs($0.0) <= 93_600 })
    else { return nil }
    self.name = name
    transitions = Array(zip(starts, numbers))
    periods = raw.map { offset, isDaylight, place in
      Period(
        offset: offset, isDaylight: isDaylight != 0,
        abbreviation: String(decoding: names[place...].prefix { $0 != 0 }, as: UTF8.self))
    }
    future = wordSize == 8 ? TimeZoneFooter(reader.footer()) : nil
  }

  /// What applies at a time.
  func period(at time: Int) -> Period {
    guard let last = transitions.last, let first = transitions.first else {
      return future?.period(at: time) ?? periods[0]
    }
    if time >= last.start { return future?.period(at: time) ?? periods[last.period] }
    // Before the first transition: the first standard time, as RFC 8536 says.
    if time < first.start { return periods.first { !$0.isDaylight } ?? periods[0] }
    var low = 0
    var high = transitions.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if transitions[middle].start <= time { low = middle } else { high = middle }
    }
    return periods[transitions[low].period]
  }

  /// The time at which the zone's clocks show something. What they show twice is taken the first time; what they skip
  /// as if they had not been set forward yet.
  func time(ofLocal local: Int) -> Int {
    let before = period(at: local - 86_400).offset
    if period(at: local - before).offset == before { return local - before }
    let after = period(at: local + 86_400).offset
    if period(at: local - after).offset == after { return local - after }
    return local - before
  }
}

/// The counts at the start of each half of a file.
private struct Header {
  var version: Int
  var utcCount = 0
  var standardCount = 0
  var leapCount = 0
  var transitionCount = 0
  var periodCount = 0
  var nameBytes = 0

  init?(_ reader: inout Bytes) {
    guard reader.left >= 44, [reader.byte(), reader.byte(), reader.byte(), reader.byte()] == Array("TZif".utf8) else {
      return nil
    }
    let digit = reader.byte()
    version = digit == 0 ? 1 : Int(digit) - 48
    guard reader.skip(15) else { return nil }
    let counts = (0..<6).map { _ in reader.signed(4) }
    guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
    utcCount = counts[0]
    standardCount = counts[1]
    leapCount = counts[2]
    transitionCount = counts[3]
    periodCount = counts[4]
    nameBytes = counts[5]
  }

  func size(wordSize: Int) -> Int {
    transitionCount * (wordSize + 1) + periodCount * 6 + nameBytes + leapCount * (wordSize + 4) + standardCount
      + utcCount
  }
}

/// Reads big-endian numbers; zeros behind the end.
private struct Bytes {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var left: Int { bytes.count - offset }

  mutating func byte() -> UInt8 {
    guard offset < bytes.count else { return 0 }
    offset += 1
    return bytes[offset - 1]
  }

  mutating func signed(_ size: Int) -> Int {
    var value: UInt64 = 0
    for _ in 0..<size { value = value << 8 | UInt64(byte()) }
    return size == 4 ? Int(Int32(truncatingIfNeeded: value)) : Int(Int64(bitPattern: value))
  }

  mutating func skip(_ count: Int) -> Bool {
    guard left >= count else { return false }
    offset += count
    return true
  }

  /// The line at the end of the file, without its line breaks.
  mutating func footer() -> String {
    guard byte() == 10 else { return "" }
    return String(decoding: bytes[offset...].prefix { $0 != 10 }, as: UTF8.self)
  }
}

/// The zones that were asked for, each read once.
final class TimeZones {
  private var known: [String: TimeZoneRules] = [:]
  private static let folders = [
    "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo", "/var/db/timezone/zoneinfo",
  ]
  private static let maximumFileSize = 1 << 20

  /// A zone by its name in the tz database, or by its offset (`+02:00`); nil when there is none.
  func zone(_ name: String) -> TimeZoneRules? {
    if name == "UTC" || name == "Z" || name == "GMT" { return .utc }
    if let zone = known[name] { return zone }
    guard let zone = fixed(name) ?? read(name) else { return nil }
    known[name] = zone
    return zone
  }

  private func fixed(_ name: String) -> TimeZoneRules? {
    var text = TimeText(name)
    guard name.first == "+" || name.first == "-", let offset = text.offset(), text.isAtEnd else { return nil }
    return TimeZoneRules(name: name, fixed: .init(offset: offset, isDaylight: false, abbreviation: name))
  }

  private func read(_ name: String) -> TimeZoneRules? {
    let isName = name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "_+-/".utf8.contains($0) }
    guard isName, name.utf8.first?.isLetter ?? false, name.utf8.count < 100 else { return nil }
    for folder in Self.folders {
      if let bytes = contents("\(folder)/\(name)"), let zone = TimeZoneRules(name: name, file: bytes) { return zone }
    }
    return nil
  }

  private func contents(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 13)
    var count = 0
    while count < Self.maximumFileSize {
      if count == bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
      let got = bytes.withUnsafeMutableBytes { buffer in
        buffer.baseAddress.map { systemRead(descriptor, $0 + count, buffer.count - count) } ?? 0
      }
      if got <= 0 { break }
      count += got
    }
    return count > 0 ? Array(bytes[..<count]) : nil
  }
}

/// `read(2)`, whose name a method above takes.
private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
