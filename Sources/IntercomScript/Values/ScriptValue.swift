// A script's value as a Swift value.

/// A value of a script, copied out of it: for programs that do not know its type beforehand.
///
///     let answer: ScriptValue = try await script.run()
///     print(answer.contact.name.string ?? "nobody")
///
/// Literals make values: `["name": "Ada", "plans": ["free", nil]]`. Ints and floats are kept apart, as in scripts.
@dynamicMemberLookup
public enum ScriptValue: Sendable {
  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A whole number of 64 bits.
  case int(Int)
  /// A number with a fraction, NaN and the infinities included.
  case float(Double)
  /// Text.
  case string(String)
  /// Values in order.
  case list([ScriptValue])
  /// Keys with values, in order.
  case map(ScriptMap)
  /// A function, to be called as long as somebody keeps it.
  case function(ScriptFunction)
  /// An object of the host's, as `Hosted` made it.
  case object(any AnyObject & Sendable)
  /// A stream, to be read once.
  case stream(ScriptStream<ScriptValue>)

  /// Whether this is `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }
  /// The bool, or nil for any other value.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The int, or nil for any other value, a float without a fraction included.
  public var int: Int? { if case .int(let value) = self { value } else { nil } }
  /// The number, when a double holds it exactly; nil for any other value.
  public var double: Double? {
    switch self {
    case .float(let value): value
    case .int(let value): Double(exactly: value)
    default: nil
    }
  }
  /// The text, or nil for any other value.
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The items, or nil for any other value.
  public var list: [ScriptValue]? { if case .list(let value) = self { value } else { nil } }
  /// The map, or nil for any other value. In a map a key that is missing and one that is null are two things.
  public var map: ScriptMap? { if case .map(let value) = self { value } else { nil } }
  /// The function, or nil for any other value.
  public var function: ScriptFunction? { if case .function(let value) = self { value } else { nil } }
  /// The host's object, when it is one of that type.
  public func object<Object>(as type: Object.Type = Object.self) -> Object? {
    if case .object(let value) = self { value as? Object } else { nil }
  }

  /// A map's entry; null when it is missing, or when this is no map.
  public subscript(dynamicMember name: String) -> ScriptValue { self[name] }

  /// A map's entry; null when it is missing, or when this is no map.
  public subscript(key: String) -> ScriptValue { map?[key] ?? .null }

  /// A list's item; null outside its bounds, or when this is no list.
  public subscript(index: Int) -> ScriptValue {
    guard let list, list.indices.contains(index) else { return .null }
    return list[index]
  }
}

extension ScriptValue: Hashable {
  /// Whether two values are the same: an int and a float are not, functions and objects by identity, NaN is itself.
  public static func == (left: ScriptValue, right: ScriptValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.float(let left), .float(let right)): left == right || left.isNaN && right.isNaN
    case (.string(let left), .string(let right)): left == right
    case (.list(let left), .list(let right)): left == right
    case (.map(let left), .map(let right)): left == right
    case (.function(let left), .function(let right)): left === right
    case (.object(let left), .object(let right)): left === right
    case (.stream(let left), .stream(let right)): left.identity == right.identity
    default: false
    }
  }

  /// Hashes what equality compares.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .float(let value): hasher.combine(value.isNaN ? .nan : value)
    case .string(let value): hasher.combine(value)
    case .list(let value): hasher.combine(value)
    case .map(let value): hasher.combine(value)
    case .function(let value): hasher.combine(ObjectIdentifier(value))
    case .object(let value): hasher.combine(ObjectIdentifier(value))
    case .stream(let value): hasher.combine(value.identity)
    }
  }
}

extension ScriptValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// `nil` is null.
  public init(nilLiteral: ()) { self = .null }
  /// `true` and `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// `42` is an int.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// `1.5` is a float.
  public init(floatLiteral value: Double) { self = .float(value) }
  /// `"text"`.
  public init(stringLiteral value: String) { self = .string(value) }
  /// `[1, "a", nil]` is a list.
  public init(arrayLiteral elements: ScriptValue...) { self = .list(elements) }
  /// `["a": 1]` is a map, in that order; of two equal keys the later wins.
  public init(dictionaryLiteral elements: (String, ScriptValue)...) {
    var map = ScriptMap()
    for (key, value) in elements { map[key] = value }
    self = .map(map)
  }
}

extension ScriptValue: CustomStringConvertible {
  /// The value much as a script writes it.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .int(let value): String(value)
    case .float(let value): String(value)
    case .string(let value): String(reflecting: value)
    case .list(let items): "[" + items.map(\.description).joined(separator: ", ") + "]"
    case .map(let map): map.description
    case .function: "<function>"
    case .object(let object): "<\(type(of: object))>"
    case .stream: "<stream>"
    }
  }
}

/// A map of a script: keys in the order in which they were added.
public struct ScriptMap: Sendable, Hashable {
  /// A key of a script's map.
  public enum Key: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Nearly every key.
    case string(String)
    /// A whole number as a key.
    case int(Int)
    /// True or false as a key.
    case bool(Bool)

    /// A key that is text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// The key as text.
    public var description: String {
      switch self {
      case .string(let text): text
      case .int(let number): String(number)
      case .bool(let value): String(value)
      }
    }
  }

  private var order: [Key] = []
  private var contents: [Key: ScriptValue] = [:]

  /// An empty map.
  public init() {}

  /// How many entries there are.
  public var count: Int { order.count }
  /// Whether there are none.
  public var isEmpty: Bool { order.isEmpty }
  /// The keys in order.
  public var keys: [Key] { order }
  /// The values in the order of their keys.
  public var values: [ScriptValue] { order.map { contents[$0] ?? .null } }

  /// The value of a key: nil when the key is missing, `.null` when it is there and null. Setting nil removes it.
  public subscript(key: Key) -> ScriptValue? {
    get { contents[key] }
    set {
      if let newValue {
        if contents.updateValue(newValue, forKey: key) == nil { order.append(key) }
      } else if contents.removeValue(forKey: key) != nil {
        order.removeAll { $0 == key }
      }
    }
  }

  /// The value of a text key.
  public subscript(key: String) -> ScriptValue? {
    get { contents[.string(key)] }
    set { self[.string(key)] = newValue }
  }

  /// Whether both have the same entries; their order does not count.
  public static func == (left: ScriptMap, right: ScriptMap) -> Bool { left.contents == right.contents }
  /// Hashes what equality compares.
  public func hash(into hasher: inout Hasher) { hasher.combine(contents) }
}

extension ScriptMap: Sequence, CustomStringConvertible {
  /// Goes over the entries in order.
  public func makeIterator() -> AnyIterator<(key: Key, value: ScriptValue)> {
    var index = 0
    return AnyIterator {
      guard index < order.count else { return nil }
      defer { index += 1 }
      return (order[index], contents[order[index]] ?? .null)
    }
  }

  /// The entries much as a script writes them.
  public var description: String { "{" + map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}" }
}
