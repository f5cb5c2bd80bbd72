// Why a text is not JSON, or a value has no JSON.

/// The first thing in a text that is not JSON, with its place.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What can be wrong. `message` is the sentence.
  public enum Kind: Sendable, Hashable {
    /// The text ends before the value does.
    case unexpectedEnd
    /// A byte that cannot stand where it stands.
    case unexpectedByte(UInt8, expected: Expectation)
    /// A byte order mark before the value.
    case byteOrderMark
    /// `-`, `01`, `1.`, `1e`.
    case malformedNumber
    /// An int that 64 bits with a sign do not hold.
    case intOutOfRange
    /// A number beyond the largest double, such as `1e999`.
    case doubleOutOfRange
    /// A control character in a string that is not escaped.
    case controlCharacter(UInt8)
    /// A backslash before something that makes no escape.
    case badEscape
    /// Half of a surrogate pair.
    case loneSurrogate
    /// A string with bytes that are not UTF-8.
    case invalidUTF8
    /// Arrays and objects nested deeper than allowed.
    case tooDeep(limit: Int)
    /// A second value, or anything else, after the end.
    case trailingBytes
    /// The builder did not want more.
    case stopped
    /// NaN or an infinity was to be printed.
    case notFinite
  }

  /// What could have stood at the place of an unexpected byte.
  public enum Expectation: Sendable, Hashable {
    /// A value.
    case value
    /// The key of an object's entry, which is a string.
    case key
    /// The colon after a key.
    case colon
    /// After an item of an array.
    case commaOrBracket
    /// After an entry of an object.
    case commaOrBrace
  }

  /// What is wrong, for whoever tells errors apart.
  public let kind: Kind
  /// The offset of the byte that is wrong, from 0; the text's length when it ends too early.
  public let offset: Int

  /// An error at a byte's offset.
  @inline(never)
  public init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
  }

  /// What is wrong, in plain words and without the place.
  public var message: String {
    switch kind {
    case .unexpectedEnd: "the text ends in the middle of a value"
    case .unexpectedByte(let byte, let expected): "expected \(expected.words), found \(Self.name(of: byte))"
    case .byteOrderMark: "a byte order mark does not belong into JSON"
    case .malformedNumber: "a malformed number"
    case .intOutOfRange: "the integer does not fit into 64 bits; write it as a string, or with a '.0' as a float"
    case .doubleOutOfRange: "the number is larger than the largest float"
    case .controlCharacter(let byte): "\(Self.name(of: byte)) inside a string must be escaped"
    case .badEscape: "a backslash that begins no escape of JSON"
    case .loneSurrogate: "half of a surrogate pair, which is no character"
    case .invalidUTF8: "bytes that are not UTF-8 inside a string"
    case .tooDeep(let limit): "arrays and objects nest deeper than \(limit)"
    case .trailingBytes: "something follows the end of the value"
    case .stopped: "reading was stopped"
    case .notFinite: "NaN and infinities have no JSON"
    }
  }

  /// The message with the place.
  public var description: String { "\(message) (at byte \(offset))" }

  private static func name(of byte: UInt8) -> String {
    switch byte {
    case 0x21..<0x7F: "'\(Character(Unicode.Scalar(byte)))'"
    case 0x20: "a space"
    case 0x0A, 0x0D: "a line break"
    case 0x09: "a tab"
    case 0x80...: "a character outside ASCII"
    default: "the control character \(hex(byte))"
    }
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }
}

extension JSONError.Expectation {
  fileprivate var words: String {
    switch self {
    case .value: "a value"
    case .key: "a key in double quotes"
    case .colon: "':' after a key"
    case .commaOrBracket: "',' or ']'"
    case .commaOrBrace: "',' or '}'"
    }
  }
}
