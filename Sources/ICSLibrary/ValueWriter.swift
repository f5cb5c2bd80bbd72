// Values to JSON text, without values in between.

import ICSJSON
import ICSVM

/// Writes one value of a machine as JSON.
struct ValueWriter: ~Copyable {
  private let call: Call
  private var vm: VM { call.vm }
  private var writer: JSONWriter
  /// The lists and maps around the current value.
  private var open: [Raw] = []
  private static let maximumDepth = 1000

  /// What became of a value.
  enum Outcome {
    case written
    /// Why it has no JSON: an error code and the sentence.
    case refused(String, String)
    /// A limit: its error is raised.
    case stopped
  }

  init(_ call: Call, indent: Int) {
    self.call = call
    writer = JSONWriter(indent: indent)
  }

  /// The text so far.
  var text: String { writer.withBytes { String(decoding: $0, as: UTF8.self) } }

  /// Gives the text so far to `body`.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result { writer.withBytes(body) }

  var byteCount: Int { writer.byteCount }

  mutating func write(_ value: Value) -> Outcome {
    switch value.tag {
    case Tag.null, Tag.unset: _ = writer.null()
    case Tag.bool: _ = writer.bool(value.isTrue)
    case Tag.int: _ = writer.int(value.asInt)
    case Tag.float:
      guard writer.double(value.asFloat) else { return .refused("E_VALUE", "JSON has no \(name(of: value.asFloat))") }
    case Tag.string: _ = writer.string(stringBuffer(value.address))
    case Tag.list, Tag.map:
      guard open.count < Self.maximumDepth else { return tooDeep(value.address) }
      open.append(value.address)
      let outcome = value.isList ? writeList(value.address) : writeMap(value.address)
      open.removeLast()
      return outcome
    case Tag.range: return writeRange(value.address)
    default: return .refused("E_VALUE", "\(vm.describe(value)) has no JSON")
    }
    return .written
  }

  private mutating func writeList(_ list: Raw) -> Outcome {
    _ = writer.beginArray()
    let count = listCount(list)
    guard pay(count) else { return .stopped }
    for index in 0..<count {
      let outcome = write(listItems(list)[index])
      guard case .written = outcome else { return outcome }
    }
    _ = writer.endArray(count: count)
    return .written
  }

  private mutating func writeMap(_ map: Raw) -> Outcome {
    _ = writer.beginObject()
    guard pay(vm.mapCount(map)) else { return .stopped }
    var position = 0
    var count = 0
    while let entry = vm.mapEntry(map, at: position) {
      position = entry.next
      count += 1
      if entry.key.isString {
        _ = writer.key(stringBuffer(entry.key.address))
      } else if entry.key.isInt {
        withIntBytes(entry.key.asInt) { _ = writer.key($0) }
      } else {
        return .refused("E_VALUE", "a key of a JSON object is a string, and this one is \(vm.describe(entry.key))")
      }
      let outcome = write(entry.value)
      guard case .written = outcome else { return outcome }
    }
    _ = writer.endObject(count: count)
    return .written
  }

  private mutating func writeRange(_ range: Raw) -> Outcome {
    let (start, count) = vm.rangeBounds(range)
    guard count <= 10_000_000 else { return .refused("E_VALUE", "a range of \(count) ints is too long for JSON") }
    _ = writer.beginArray()
    for offset in 0..<count { _ = writer.int(start + offset) }
    _ = writer.endArray(count: count)
    return .written
  }

  /// Pays for a container. One that is there many times can make an endless text of little memory.
  private func pay(_ count: Int) -> Bool {
    do throws(Raised) {
      try call.charge(2 + count * 2)
      try call.reserve(bytes: writer.byteCount > maximumFormLength ? Int.max : writer.byteCount)
      return true
    } catch {
      return false
    }
  }

  /// At the deepest level the values around are looked at: one that is there twice contains itself.
  private func tooDeep(_ container: Raw) -> Outcome {
    var seen: Set<Raw> = [container]
    for outer in open where !seen.insert(outer).inserted {
      return .refused("E_VALUE", "a value that contains itself has no JSON")
    }
    return .refused("E_JSON", "lists and maps nest deeper than \(Self.maximumDepth)")
  }

  private func name(of float: Double) -> String { float.isNaN ? "nan" : "infinity" }
}
