// The values of the reference evaluator: plain Swift, chosen to be obviously right and not to be fast.

/// A string: scalars, because that is what lengths, indexes and comparisons count.
typealias Text = [Unicode.Scalar]

/// A value of a script.
indirect enum Value {
  case null
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(Text)
  case list(ListObject)
  case map(MapObject)
  case range(start: Int, end: Int, isClosed: Bool)
  case function(Function)
  case error(ErrorObject)
  case stream(StreamObject)
  case task(TaskObject)

  static func text(_ text: String) -> Value { .string(Array(text.unicodeScalars)) }
  static func items(_ items: [Value]) -> Value { .list(ListObject(items)) }

  /// Only false and null are false.
  var isTrue: Bool {
    switch self {
    case .null, .bool(false): false
    default: true
    }
  }

  var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// What `type(x)` says.
  var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "string"
    case .list: "list"
    case .map: "map"
    case .range: "range"
    case .function: "function"
    case .error: "error"
    case .stream: "stream"
    case .task: "task"
    }
  }
}

final class ListObject {
  var items: [Value]
  init(_ items: [Value]) { self.items = items }
}

/// A key of a map.
enum Key: Hashable {
  case string(Text)
  case int(Int)
  case bool(Bool)

  var value: Value {
    switch self {
    case .string(let text): .string(text)
    case .int(let int): .int(int)
    case .bool(let bool): .bool(bool)
    }
  }

  static func text(_ text: String) -> Key { .string(Array(text.unicodeScalars)) }
}

final class MapObject {
  private(set) var keys: [Key] = []
  private var values: [Key: Value] = [:]
  /// Counts the changes of the keys.
  private(set) var version = 0

  init(_ entries: [(Key, Value)] = []) {
    for (key, value) in entries { self[key] = value }
  }

  /// nil is a missing key; setting nil takes it out.
  subscript(key: Key) -> Value? {
    get { values[key] }
    set {
      if let newValue {
        if values.updateValue(newValue, forKey: key) == nil {
          keys.append(key)
          version += 1
        }
      } else if values.removeValue(forKey: key) != nil {
        keys.removeAll { $0 == key }
        version += 1
      }
    }
  }

  var entries: [(Key, Value)] { keys.map { ($0, values[$0] ?? .null) } }
}

final class ErrorObject {
  let kind: String
  let message: String
  let data: Value

  init(_ kind: String, _ message: String = "", data: Value = .null) {
    self.kind = kind
    self.message = message
    self.data = data
  }
}

final class Function {
  let name: String
  /// How many arguments must be given, and how many may be.
  let arity: ClosedRange<Int>
  /// How many of the arguments that a built-in offers a callback takes.
  let callbackCount: Int
  let body: ([Value]) throws -> Value

  init(_ name: String, _ arity: ClosedRange<Int>, callbackCount: Int, _ body: @escaping ([Value]) throws -> Value) {
    self.name = name
    self.arity = arity
    self.callbackCount = callbackCount
    self.body = body
  }
}

/// What leaves an expression or statement other than by its value.
///
/// SAFETY: a signal is thrown and caught by one evaluator, which one task uses.
enum Signal: Error, @unchecked Sendable {
  case raised(ErrorObject)
  case returned(Value)
  case broke
  case continued
  /// `?.` or `?[` found null.
  case chainEnded
  /// The program takes longer than it is worth.
  case outOfSteps
  /// The program uses something that this evaluator does not know.
  case unsupported(String)
}

func raise(_ kind: String, _ message: String = "") -> Signal { .raised(ErrorObject(kind, message)) }
