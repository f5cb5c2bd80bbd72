import ICSDiagnostics
import ICSJSON
import ICSSyntax
import IntercomAPI

/// What a script's text says about a value, without running it: JSON as far as it is written out, and where each part
/// stands. What is computed is null here, and noted as unknown.
struct LiteralValue {
  private(set) var json = JSONValue.null
  private(set) var unknown = BodyCheck.Unknown()
  /// Where the value of a path stands, and its key.
  private var places: [String: (key: Span, value: Span)] = [:]
  private let tree: SyntaxTree

  /// The value of an expression.
  init(_ node: NodeID, in tree: SyntaxTree) {
    self.tree = tree
    places[""] = (tree.span(of: node), tree.span(of: node))
    json = value(node, at: "")
  }

  /// The map that named arguments make.
  ///
  /// - Parameter span: Where the call stands, for what is missing.
  init(arguments: [NodeID], span: Span, in tree: SyntaxTree) {
    self.tree = tree
    places[""] = (span, span)
    var object = JSONObject()
    for argument in arguments {
      let (name, value) = tree.namedArgument(argument)
      add(tree.name(name), key: tree.mainSpan(of: argument), value, to: &object, at: "")
    }
    json = .object(object)
  }

  /// Whether it is a map whose fields are seen.
  var isMap: Bool { json.objectValue != nil }

  /// Whether every part of it is seen.
  var isComplete: Bool { unknown.values.isEmpty && unknown.maps.isEmpty }

  /// Takes a field away; gives what it was, and whether that is known.
  mutating func remove(_ name: String) -> (value: JSONValue, isKnown: Bool)? {
    guard case .object(var object) = json, let value = object[name] else { return nil }
    object[name] = nil
    json = .object(object)
    return (value, unknown.values.remove(name) == nil)
  }

  /// The value of a field, as a literal of its own.
  func field(_ name: String) -> LiteralValue? {
    guard let value = json[name] else { return nil }
    var field = self
    field.json = value
    field.places = [:]
    for (path, place) in places {
      if let rest = Self.rest(of: path, below: name) { field.places[rest] = place }
    }
    field.unknown.values = Set(unknown.values.compactMap { Self.rest(of: $0, below: name) })
    field.unknown.maps = Set(unknown.maps.compactMap { Self.rest(of: $0, below: name) })
    return field
  }

  /// Says that more fields may be there than are seen.
  mutating func open() { unknown.maps.insert("") }

  /// Where a path stands: the key for a name that is wrong, else the value. The nearest part for what is not there.
  func span(of path: String, isName: Bool) -> Span {
    var path = path
    while true {
      if let place = places[path] { return isName ? place.key : place.value }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
      path = String(path[..<end])
    }
    return places[""]?.value ?? .zero
  }

  private static func rest(of path: String, below name: String) -> String? {
    if path == name { return "" }
    guard path.hasPrefix(name), let next = path.dropFirst(name.count).first, next == "." || next == "[" else {
      return nil
    }
    return String(path.dropFirst(name.count + (next == "." ? 1 : 0)))
  }

  // MARK: Reading the tree

  private mutating func value(_ given: NodeID, at path: String) -> JSONValue {
    let node = tree.withoutParentheses(given)
    switch tree.kind(of: node) {
    case .nullLiteral: return .null
    case .trueLiteral: return .bool(true)
    case .falseLiteral: return .bool(false)
    case .integer: return .int(tree.integerValue(node))
    case .float: return .double(tree.floatValue(node))
    case .string: return .string(tree.stringValue(node))
    case .list: return list(node, at: path)
    case .map: return map(node, at: path)
    default:
      unknown.values.insert(path)
      return .null
    }
  }

  private mutating func list(_ node: NodeID, at path: String) -> JSONValue {
    let elements = tree.elements(of: node)
    // How many items a spread has, and so which place the others get, is not known.
    guard !elements.contains(where: { tree.kind(of: $0) == .spread }) else {
      unknown.values.insert(path)
      return .null
    }
    return .array(
      elements.enumerated().map { index, element in
        let place = "\(path)[\(index)]"
        places[place] = (tree.span(of: element), tree.span(of: element))
        return value(element, at: place)
      })
  }

  private mutating func map(_ node: NodeID, at path: String) -> JSONValue {
    var object = JSONObject()
    for element in tree.elements(of: node) {
      guard tree.kind(of: element) == .mapEntry else {
        unknown.maps.insert(path)
        continue
      }
      let (key, value) = tree.mapEntry(element)
      switch tree.kind(of: key) {
      case .key, .string: add(tree.keyText(key), key: tree.span(of: key), value, to: &object, at: path)
      default: unknown.maps.insert(path)
      }
    }
    return .object(object)
  }

  private mutating func add(
    _ name: String, key: Span, _ node: NodeID, to object: inout JSONObject, at path: String
  ) {
    let place = path.isEmpty ? name : "\(path).\(name)"
    places[place] = (key, tree.span(of: node))
    object[name] = value(node, at: place)
  }
}
