// A field that may be missing and may be null, which are two things.

/// A value or null, for fields where a missing one means something else than null.
///
///     struct Change: Codable { var owner: Nullable<String>? }   // nil: leave it; .null: nobody; .value: that one
///
/// A plain optional takes both for nil, and nil in a Swift value is a missing key in the script.
public enum Nullable<Wrapped> {
  /// The key is there, and its value is null.
  case null
  /// The key has this value.
  case value(Wrapped)

  /// The value; nil for null.
  public var wrapped: Wrapped? { if case .value(let value) = self { value } else { nil } }
}

extension Nullable: Sendable where Wrapped: Sendable {}
extension Nullable: Equatable where Wrapped: Equatable {}
extension Nullable: Hashable where Wrapped: Hashable {}

extension Nullable: Decodable where Wrapped: Decodable {
  /// Reads null or a value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self = container.decodeNil() ? .null : .value(try container.decode(Wrapped.self))
  }
}

extension Nullable: Encodable where Wrapped: Encodable {
  /// Writes null or the value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .value(let value): try container.encode(value)
    }
  }
}

/// What the decoder asks a field's type: whether null is a value of it, rather than no value.
protocol KnowsNull {}
extension Nullable: KnowsNull {}
