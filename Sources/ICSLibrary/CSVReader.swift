// Reads CSV by RFC 4180, a block of bytes at a time.

/// A CSV text that is not one.
struct CSVError: Error {
  let message: String
  /// The line where it is wrong, from 1.
  let line: Int
}

/// Reads records of RFC 4180, piece by piece: fields between commas, in quotes where they hold commas, quotes or line
/// breaks. Takes LF and CR besides CRLF, and skips blank lines.
struct CSVReader {
  /// The bytes of the current record's fields, one behind the other, and where each ends.
  private(set) var bytes: [UInt8] = []
  private(set) var ends: [Int] = []
  /// The line on which the current record begins, from 1.
  private(set) var recordLine = 1

  private var line = 1
  private var state = State.recordStart
  /// The byte before was a CR that ended a record: an LF behind it belongs to it.
  private var hasSeenCR = false
  private var quoteLine = 1

  private enum State {
    case recordStart, fieldStart, plain, quoted, quoteInQuoted, recordEnd
  }

  init() {}

  var fieldCount: Int { ends.count }

  /// The bytes of a field of the current record.
  func field(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

  /// Reads on from `offset`; true when a record is complete, false at the end of the input.
  ///
  /// - Parameter isLast: Whether nothing follows the input: then what is there is the last record.
  mutating func next(_ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int, isLast: Bool) throws(CSVError) -> Bool {
    if state == .recordEnd { beginRecord() }
    while offset < input.count {
      let byte = input[offset]
      offset += 1
      if hasSeenCR {
        hasSeenCR = false
        if byte == 10 { continue }
      }
      if try take(byte) { return true }
    }
    return isLast ? try finish() : false
  }

  private mutating func beginRecord() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    recordLine = line
    state = .recordStart
  }

  /// Takes one byte; true when it ends a record.
  private mutating func take(_ byte: UInt8) throws(CSVError) -> Bool {
    switch state {
    case .quoted:
      if byte == UInt8(ascii: "\"") {
        state = .quoteInQuoted
      } else {
        if byte == 10 { line += 1 }
        bytes.append(byte)
      }
    case .quoteInQuoted:
      if byte == UInt8(ascii: "\"") {
        bytes.append(byte)
        state = .quoted
      } else {
        return try takeEnd(byte)
      }
    case .recordStart, .fieldStart:
      if byte == UInt8(ascii: "\"") {
        state = .quoted
        quoteLine = line
      } else if byte == 10 || byte == 13 || byte == UInt8(ascii: ",") {
        return try takeEnd(byte)
      } else {
        bytes.append(byte)
        state = .plain
      }
    case .plain:
      if byte == 10 || byte == 13 || byte == UInt8(ascii: ",") { return try takeEnd(byte) }
      if byte == UInt8(ascii: "\"") {
        throw CSVError(message: "a field with a quote in it has to be in quotes as a whole", line: line)
      }
      bytes.append(byte)
    case .recordEnd: break
    }
    return false
  }

  /// Takes the byte behind a field.
  private mutating func takeEnd(_ byte: UInt8) throws(CSVError) -> Bool {
    if byte == UInt8(ascii: ",") {
      ends.append(bytes.count)
      state = .fieldStart
      return false
    }
    guard byte == 10 || byte == 13 else {
      throw CSVError(message: "a field goes on behind its closing quote", line: line)
    }
    hasSeenCR = byte == 13
    line += 1
    if state == .recordStart {
      // A blank line.
      recordLine = line
      return false
    }
    ends.append(bytes.count)
    state = .recordEnd
    return true
  }

  private mutating func finish() throws(CSVError) -> Bool {
    switch state {
    case .quoted: throw CSVError(message: "a quote is not closed", line: quoteLine)
    case .recordStart, .recordEnd: return false
    case .fieldStart, .plain, .quoteInQuoted:
      ends.append(bytes.count)
      state = .recordEnd
      return true
    }
  }
}
