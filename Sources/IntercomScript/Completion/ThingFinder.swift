import ICSLibrary
import ICSVM
import IntercomCatalogue

/// Says what the expression is that ends at a piece of typed text, without running any of it.
struct ThingFinder {
  let session: Session
  let typed: TypedText
  private let catalogue = Catalogue.shared

  init(session: Session, typed: TypedText) {
    self.session = session
    self.typed = typed
  }

  private var pieces: [TypedText.Piece] { typed.pieces }

  /// What the expression is whose last piece has this index.
  func thing(endingAt index: Int, depth: Int = 0) -> KnownThing {
    guard index >= 0, index < pieces.count, depth < 24 else { return .unknown }
    let piece = pieces[index]
    switch (piece.kind, piece.text) {
    case (.string, _): return .type(Tag.string)
    case (.number, let text):
      return index >= 2 && pieces[index - 1].text == "."
        ? .type(Tag.float) : .type(text.contains("d") ? Tag.float : Tag.int)
    case (.name, let name):
      if index > 0, pieces[index - 1].text == "." || pieces[index - 1].text == "?." {
        return member(name, of: thing(endingAt: index - 2, depth: depth + 1))
      }
      return named(name, at: index, depth: depth)
    case (.sign, ")"):
      guard let opening = piece.partner else { return .unknown }
      if opening > 0, pieces[opening - 1].kind == .name || [")", "]"].contains(pieces[opening - 1].text),
        !pieces[opening].startsLine, !Self.keywords.contains(pieces[opening - 1].text)
      {
        return thing(endingAt: opening - 1, depth: depth + 1).called(catalogue: catalogue)
      }
      return thing(endingAt: index - 1, depth: depth + 1)
    case (.sign, "]"):
      guard let opening = piece.partner else { return .unknown }
      let isIndex = opening > 0 && !pieces[opening].startsLine && Self.endsOperand(pieces[opening - 1])
      guard isIndex else { return .type(Tag.list) }
      return element(opening + 1..<index, of: thing(endingAt: opening - 1, depth: depth + 1))
    case (.sign, "}"): return .type(Tag.map)
    default: return .unknown
    }
  }

  static let keywords: Set<String> = ["if", "while", "for", "in", "return", "match", "where", "else", "throw", "catch"]

  static func endsOperand(_ piece: TypedText.Piece) -> Bool {
    switch piece.kind {
    case .name: !keywords.contains(piece.text)
    case .string, .number: true
    case .sign: [")", "]", "}"].contains(piece.text)
    }
  }

  // MARK: Names

  private func named(_ name: String, at index: Int, depth: Int) -> KnownThing {
    if let local = declared(name, before: index, depth: depth) { return local }
    if let value = session.value(named: name) { return described(value.value) }
    if let members = session.scope.exports(of: name) { return .module(name, members: members) }
    if name == "intercom" { return .intercom }
    if catalogue.collections.contains(name), session.preludeNames.contains(name) { return .collection(name) }
    let members = BuiltIn.all.map(\.name).filter { $0.hasPrefix(name + ".") }
    if !members.isEmpty, session.preludeNames.contains(name) {
      return .module(name, members: members.map { String($0.dropFirst(name.count + 1)) })
    }
    return session.preludeNames.contains(name) ? .builtIn(name, receiver: nil) : .unknown
  }

  /// What a value is: of one of Intercom's objects, the place in the API.
  func described(_ value: Value) -> KnownThing {
    switch session.machine.hostObject(value) {
    case let collection as IntercomCollection: .collection(collection.name)
    case is IntercomRoot: .intercom
    default: .value(value)
    }
  }

  /// A name that what was typed declares itself: `let`, `var`, the variable of a `for`, the parameter of a lambda.
  private func declared(_ name: String, before index: Int, depth: Int) -> KnownThing? {
    var position = index - 1
    while position > 0 {
      defer { position -= 1 }
      guard pieces[position].text == name, pieces[position].kind == .name, position + 1 < pieces.count else { continue }
      let (previous, next) = (pieces[position - 1].text, pieces[position + 1].text)
      if previous == "let" || previous == "var", next == "=" {
        return thing(endingAt: endOfExpression(from: position + 2, before: index), depth: depth + 1)
      }
      if previous == "for", next == "in" {
        let end = endOfExpression(from: position + 2, before: index)
        return itemOf(loopSource(position + 2, end, depth))
      }
      if next == "=>", let opening = callOpening(of: position), opening > 1, pieces[opening - 2].text == "." {
        return itemOf(thing(endingAt: opening - 3, depth: depth + 1))
      }
    }
    // A lambda's parameter that stands first: `c => c.name`.
    return nil
  }

  /// The bracket of the call whose argument begins at a position; nil when there is none.
  private func callOpening(of position: Int) -> Int? {
    var index = position - 1
    if index >= 0, pieces[index].text == "(", index > 0, pieces[index - 1].text == "(" { index -= 1 }
    guard index > 0, pieces[index].text == "(", pieces[index - 1].kind == .name else { return nil }
    return index
  }

  /// The items of what a `for` goes through: `xs where ...` has those of `xs`.
  private func loopSource(_ start: Int, _ end: Int, _ depth: Int) -> KnownThing {
    if let condition = (start...max(start, end)).first(where: { pieces[$0].text == "where" }) {
      return thing(endingAt: condition - 1, depth: depth + 1)
    }
    return thing(endingAt: end, depth: depth + 1)
  }

  /// The last piece of an expression: before a line break, or a block of a `for`.
  private func endOfExpression(from start: Int, before limit: Int) -> Int {
    var index = start
    while index < limit {
      if index > start, pieces[index].startsLine, pieces[index].text != "." { break }
      if pieces[index].text == "{", index > start, Self.endsOperand(pieces[index - 1]) { break }
      if pieces[index].text == ";" { break }
      index = pieces[index].partner.map { $0 + 1 } ?? index + 1
    }
    return min(index, limit) - 1
  }

  // MARK: Steps

  /// A member of a thing.
  func member(_ name: String, of thing: KnownThing) -> KnownThing {
    switch thing {
    case .intercom: return catalogue.collections.contains(name) ? .collection(name) : .operation("intercom." + name)
    case .collection(let collection): return .operation("\(collection).\(name)")
    case .module(let module, _): return .builtIn("\(module).\(name)", receiver: nil)
    case .schema(let schema):
      if let field = fields(of: schema).first(where: { $0.name == name }) { return .schema(field.schema) }
      return .builtIn("\(typeName(of: thing)).\(name)", receiver: thing)
    case .value(let value):
      if value.isMap, let entry = entry(name, of: value) { return described(entry) }
      if value.isList, listCount(value.address) > 0, name == "first" || name == "last" {
        let item = listItems(value.address)[name == "first" ? 0 : listCount(value.address) - 1]
        return described(item)
      }
      return .builtIn("\(typeName(of: thing)).\(name)", receiver: sequence(of: value))
    default: return .builtIn("\(typeName(of: thing)).\(name)", receiver: thing)
    }
  }

  private func sequence(of value: Value) -> KnownThing {
    guard value.isList, listCount(value.address) > 0 else { return .value(value) }
    return .sequence(of: described(listItems(value.address)[0]), tag: Tag.list)
  }

  func entry(_ name: String, of map: Value) -> Value? {
    let state = session.machine.state
    return state.mapGet(map.address, .object(Tag.string, state.name(name)))
  }

  /// An item of a thing.
  func itemOf(_ thing: KnownThing) -> KnownThing {
    switch thing {
    case .sequence(let item, _): item
    case .collection(let name): KnownThing.item(of: name, catalogue).map(KnownThing.schema) ?? .unknown
    case .schema(let schema):
      if case .array(let item) = catalogue.resolve(schema).shape { .schema(item) } else { .unknown }
    case .value(let value):
      value.isList && listCount(value.address) > 0 ? described(listItems(value.address)[0]) : .unknown
    case .type(Tag.string): .type(Tag.string)
    case .type(Tag.range): .type(Tag.int)
    default: .unknown
    }
  }

  private func element(_ index: Range<Int>, of thing: KnownThing) -> KnownThing {
    guard index.count == 1, let piece = pieces[index].first else { return itemOf(thing) }
    if piece.kind == .string { return member(piece.text, of: thing) }
    if case .value(let value) = thing, value.isList, let number = Int(piece.text),
      (0..<listCount(value.address)).contains(number)
    {
      return described(listItems(value.address)[number])
    }
    if case .value(let value) = thing, value.isMap, let number = Int(piece.text),
      let entry = session.machine.state.mapGet(value.address, .int(number))
    {
      return described(entry)
    }
    return itemOf(thing)
  }

  // MARK: Types

  /// The fields of an object of the API, those of its variants too.
  func fields(of schema: Schema) -> [ObjectShape.Field] {
    switch catalogue.resolve(schema).shape {
    case .object(let object):
      return object.fields
        + object.variants.flatMap { variant in
          variant.fields + (variant.reference.flatMap(catalogue.schema(named:)).map(fields) ?? [])
        }
    case .oneOf(let choices, _): return choices.flatMap(fields)
    default: return []
    }
  }

  /// The tag of the values that a thing stands for; nil when that is not known.
  func tag(of thing: KnownThing) -> UInt8? {
    switch thing {
    case .value(let value): return value.tag
    case .type(let tag): return tag
    case .sequence(_, let tag): return tag
    case .schema(let schema):
      switch catalogue.resolve(schema).shape {
      case .string: return Tag.string
      case .integer: return Tag.int
      case .number: return Tag.float
      case .boolean: return Tag.bool
      case .array: return Tag.list
      case .object: return Tag.map
      case .any, .oneOf, .reference: return nil
      }
    default: return nil
    }
  }

  /// The type of a thing in a word: `list`, `contact`, `stream of contact`.
  func typeName(of thing: KnownThing) -> String {
    switch thing {
    case .value(let value): return session.machine.state.typeName(value)
    case .sequence(_, let tag): return Self.typeName(tag)
    case .type(let tag): return Self.typeName(tag)
    case .schema: return tag(of: thing).map(Self.typeName) ?? "any"
    case .collection: return "collection"
    case .intercom: return "intercom"
    case .module: return "module"
    case .operation, .builtIn: return "function"
    case .unknown: return "any"
    }
  }

  static func typeName(_ tag: UInt8) -> String {
    switch tag {
    case Tag.null: "null"
    case Tag.bool: "bool"
    case Tag.int: "int"
    case Tag.float: "float"
    case Tag.string: "string"
    case Tag.list: "list"
    case Tag.map: "map"
    case Tag.range: "range"
    case Tag.stream: "stream"
    case Tag.task: "task"
    case Tag.error: "error"
    default: "value"
    }
  }
}
