// A JSON value as a Swift value, for everybody who does not build values of their own.

/// A JSON value.
///
/// Ints and doubles are kept apart, as in the text: `1` is `.int(1)`, `1.0` and `1e0` are `.double(1)`, and the two
/// are not equal; use `doubleValue` where the difference does not matter. Strings are equal when their Unicode
/// scalars are, and NaN is equal to nothing.
@frozen
public enum JSONValue: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number that the text has without a point and an exponent.
  case int(Int)
  /// Any other number.
  case double(Double)
  /// A string.
  case string(String)
  /// A list of values.
  case array([JSONValue])
  /// Keys with values, in the order of the text.
  case object(JSONObject)
}

extension JSONValue {
  /// The string, or `nil` for any other value.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

  /// The int, or `nil` for any other value, a whole double included.
  public var intValue: Int? { if case .int(let value) = self { value } else { nil } }

  /// The number as a double (an int is converted), or `nil`.
  public var doubleValue: Double? {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }

  /// The bool, or `nil` for any other value.
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The items, or `nil` for any other value.
  public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  /// The object, or `nil` for any other value.
  public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// Whether the value is `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The value of an object's key; `nil` when it is missing or when this is no object.
  ///
  /// Setting makes an object of a `null`, and does nothing to other values; setting `nil` removes the key.
  public subscript(key: String) -> JSONValue? {
    get { if case .object(let object) = self { object[key] } else { nil } }
    set {
      switch self {
      case .object(var object):
        self = .null  // Leaves `object` as the only reference, so that the change copies nothing.
        object[key] = newValue
        self = .object(object)
      case .null where newValue != nil:
        var object = JSONObject()
        object[key] = newValue
        self = .object(object)
      default: break
      }
    }
  }

  /// An array's item; `nil` outside its bounds or when this is no array. Setting does nothing there.
  public subscript(index: Int) -> JSONValue? {
    get { if case .array(let items) = self, items.indices.contains(index) { items[index] } else { nil } }
    set {
      guard let newValue, case .array(var items) = self, items.indices.contains(index) else { return }
      self = .null
      items[index] = newValue
      self = .array(items)
    }
  }

  /// The value at a path of keys joined with dots, as in `"pages.next.starting_after"`; a number takes an array's
  /// item. For keys without dots only.
  public subscript(path path: String) -> JSONValue? {
    var value = self
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let next: JSONValue?
      if case .array = value { next = Int(part).flatMap { value[$0] } } else { next = value[String(part)] }
      guard let next else { return nil }
      value = next
    }
    return value
  }
}

extension JSONValue: Hashable {
  /// An int and a double are never equal; strings are when their scalars are.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.string(let left), .string(let right)): left.hasSameScalars(as: right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }

  /// Equal values have one hash.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value)
    case .string(let value): hasher.combine(value)
    case .array(let items): hasher.combine(items)
    case .object(let object): hasher.combine(object)
    }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

extension JSONValue: CustomStringConvertible {
  /// The value as compact JSON, with `null` for NaN and infinities.
  public var description: String { serialized() }
}
