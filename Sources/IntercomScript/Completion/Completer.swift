// What may stand at the end of typed text: names, members, arguments and bodies.

import ICSLibrary
import ICSVM
import IntercomCatalogue

/// Says what may stand at the end of typed text: from the names, values and facts that are there. Never asks the API.
package struct Completer {
  let session: Session
  let typed: TypedText
  let finder: ThingFinder
  let catalogue = Catalogue.shared
  /// The byte behind what was typed.
  private let end: Int

  /// - Parameter text: The entry up to the cursor; lines that were entered before are part of it.
  package init(_ text: String, session: Session) {
    self.session = session
    typed = TypedText(text.utf8)
    end = text.utf8.count
    finder = ThingFinder(session: session, typed: typed)
  }

  /// What may stand there, sorted as it is offered.
  package var list: CompletionList {
    guard !typed.isInComment else { return CompletionList(start: end, candidates: []) }
    if let string = typed.string { return inString(string) }
    let word = typed.word
    let start = word?.start ?? end
    let text = word?.text ?? ""
    let found = candidates(before: word == nil ? typed.pieces.count : typed.pieces.count - 1, word: text)
    return CompletionList(start: start, candidates: Self.matching(found, text))
  }

  /// The type of the expression that was typed, without running it: `list`, `stream of contact`, `any`.
  package var typeOfExpression: String {
    guard let last = typed.pieces.indices.last else { return "null" }
    if let condition = typed.pieces.lastIndex(where: { $0.text == "where" && $0.kind == .name }), condition > 0 {
      return "stream of \(itemName(finder.itemOf(finder.thing(endingAt: condition - 1))))"
    }
    let operators = typed.pieces.enumerated().filter { index, piece in
      piece.kind == .sign && !isInside(index) && !["(", ")", "[", "]", "{", "}", ".", "?.", ","].contains(piece.text)
    }
    if let sign = operators.first(where: { $0.offset > 0 })?.element.text {
      if ["==", "!=", "<", ">", "<=", ">=", "!in"].contains(sign) { return "bool" }
      return sign == "=>" ? "function" : arithmeticType
    }
    return described(finder.thing(endingAt: last))
  }

  // MARK: Places

  /// What may stand before the piece of an index, where `word` has been begun.
  private func candidates(before index: Int, word: String) -> [Candidate] {
    let previous = index > 0 ? typed.pieces[index - 1] : nil
    if let previous, previous.text == "." || previous.text == "?." {
      if let topic = topicPrefix(before: index) { return topics(after: topic) }
      if index > 1, typed.pieces[index - 2].text == "custom_attributes" {
        let known = attributeCandidates(of: conditionCollection(before: index))
        if !known.isEmpty { return known.filter { Self.isName($0.text) } }
      }
      return members(of: finder.thing(endingAt: index - 2)).filter { Self.isName($0.text) }
    }
    if let previous, previous.kind == .name {
      // A topic is a word of the API's; a name that is being declared is nobody's yet.
      if previous.text == "on", isStatementStart(index - 1) { return topics(after: "") }
      if ["let", "var", "fn"].contains(previous.text) { return [] }
    }
    if let condition = openCondition(before: index) {
      let fields = fieldCandidates(of: finder.thing(endingAt: condition - 1))
      return fields + names()
    }
    if let opening = typed.open.last, let arguments = argumentCandidates(opening, before: index) { return arguments }
    return typed.isInInterpolation && word.isEmpty ? names() : names() + Keywords.candidates
  }

  private func inString(_ string: TypedText.OpenString) -> CompletionList {
    let content = string.content
    let index = typed.pieces.count
    let previous = index > 0 ? typed.pieces[index - 1] : nil
    var found: [Candidate] = []
    switch previous?.text {
    case "import", "from": found = importPaths()
    case "(" where isRequest(index - 1): found = endpoints(matching: content)
    case "[": found = members(of: finder.thing(endingAt: index - 2)).filter { !$0.detail.contains("(") }
    case ":": found = valuesOfField(before: index - 1)
    case "==", "!=", "=", "^=": found = valuesOfCondition(before: index - 1)
    case "on": found = topics(after: "")
    default:
      // A list of values: `role in ["user", "le`.
      if let opening = typed.open.last, typed.pieces[opening].text == "[", opening > 0 {
        found = valuesOfCondition(before: opening - 1)
      }
    }
    return CompletionList(start: string.contentStart, candidates: Self.matching(found, content))
  }

  // MARK: Names

  private func names() -> [Candidate] {
    var found = declaredHere()
    for name in session.declaredNames {
      if let members = session.scope.exports(of: name) {
        found.append(Candidate(name, "module", doc: members.joined(separator: ", ")))
      } else {
        found.append(
          Candidate(name, session.value(named: name).map { described(finder.described($0.value)) } ?? "no value yet"))
      }
    }
    if typed.isInInterpolation, typed.word == nil { return found }
    for name in session.preludeNames + ["__"] {
      if PromptResults.names.contains(name) {
        guard let value = session.value(named: name), !value.isNull else { continue }
        found.append(Candidate(name, described(finder.described(value.value)), doc: "the values of entries before"))
      } else if let row = Self.rows[name] {
        found.append(Candidate(name, row.signature, doc: row.doc))
      } else if catalogue.collections.contains(name) {
        found.append(Candidate(name, "collection", doc: "\(name) of the workspace"))
      } else {
        let isFunction = library(name)?.tag == Tag.native || library(name)?.tag == Tag.closure
        let detail = isFunction ? "function" : name == "intercom" ? "intercom" : "module"
        found.append(Candidate(name, detail, doc: moduleDoc(name)))
      }
    }
    return found
  }

  /// The value of a name of the prelude, for those that the host has added.
  private func library(_ name: String) -> Value? {
    session.library.names.index(of: name).map(session.machine.currentPreludeValue)
  }

  private func moduleDoc(_ name: String) -> String {
    if name == "history" { return "What was entered: a list of maps with number, text and worked." }
    if name == "intercom" { return "the workspace: request, as, and every collection" }
    return Self.rows.keys.filter { $0.hasPrefix(name + ".") }.map { String($0.dropFirst(name.count + 1)) }.sorted()
      .prefix(6).joined(separator: ", ")
  }

  /// Names that the entry itself declares, before they are anybody else's.
  private func declaredHere() -> [Candidate] {
    var found: [Candidate] = []
    for (index, piece) in typed.pieces.enumerated() where index > 0 && piece.kind == .name {
      let previous = typed.pieces[index - 1].text
      guard ["let", "var", "for", "fn"].contains(previous), piece.end < end else { continue }
      let thing = finder.thing(endingAt: index)
      found.append(Candidate(piece.text, previous == "fn" ? "function" : described(thing)))
    }
    return found
  }

  // MARK: Members

  private func members(of thing: KnownThing) -> [Candidate] {
    switch thing {
    case .intercom:
      let own = [
        Candidate("request", "intercom.request(path, {method, query, body})", doc: "Any request to the API."),
        Candidate("as", "intercom.as(name)", doc: "The same, for another account."),
        Candidate("authenticate", "intercom.authenticate(project_id, user_token)", doc: "For a project's user."),
      ]
      return own + catalogue.collections.map { Candidate($0, "collection", doc: "\($0) of the workspace") }
    case .collection(let name): return operations(of: name)
    case .module(let module, let members):
      return members.filter { !$0.hasPrefix("__") }.map { member in
        let row = Self.rows["\(module).\(member)"]
        return Candidate(member, row?.signature ?? "", doc: row?.doc ?? "")
      }
    case .schema(let schema):
      let fields = finder.fields(of: schema).map(candidate)
      return fields + methods(finder.tag(of: thing))
    case .value(let value):
      var found: [Candidate] = []
      if value.isMap { found = keys(of: value) }
      if let host = session.machine.hostObject(value) {
        return host.memberNames.filter { !$0.hasPrefix("__") }.map { Candidate($0) }
      }
      if value.tag == Tag.error {
        found += ["kind", "message", "data", "help"].map { Candidate($0, "field") }
      }
      return found + methods(value.tag)
    default: return methods(finder.tag(of: thing))
    }
  }

  private func operations(of collection: String) -> [Candidate] {
    let object = IntercomCollection(name: collection, connection: session.connection)
    return object.memberNames.map { verb in
      guard let operation = catalogue.operation(named: "\(collection).\(verb)") else {
        return Candidate(verb, "\(collection).\(verb)(…)")
      }
      return Candidate(
        verb, SchemaText.signature(operation), doc: "\(operation.summary) (\(operation.method) \(operation.path))")
    }
  }

  /// The keys that are actually there.
  func keys(of map: Value) -> [Candidate] {
    var found: [Candidate] = []
    var position = 0
    while found.count < 500, let entry = session.machine.state.mapEntry(map.address, at: position) {
      position = entry.next
      guard entry.key.isString else { continue }
      let name = swiftString(entry.key.address)
      let short = session.machine.state.printedForm(entry.value, maximumLength: 40) ?? ""
      found.append(Candidate(name, session.machine.state.typeName(entry.value), doc: short))
    }
    return found
  }

  private func methods(_ tag: UInt8?) -> [Candidate] {
    guard let tag else { return [] }
    let type = ThingFinder.typeName(tag)
    return session.library.methodNames(of: tag).map { name in
      // A range has the methods of lists.
      let row = Self.rows["\(type).\(name)"] ?? Self.rows["list.\(name)"]
      return Candidate(name, row?.signature ?? "\(type).\(name)()", doc: row?.doc ?? "")
    }
  }

  func candidate(_ field: ObjectShape.Field) -> Candidate {
    Candidate(field.name, SchemaText.type(field.schema, catalogue), doc: field.isRequired ? "needed" : "")
  }

  // MARK: Arguments and bodies

  /// The names of arguments and fields in a call of an operation, or in a map that is its body.
  private func argumentCandidates(_ opening: Int, before index: Int) -> [Candidate]? {
    let bracket = typed.pieces[opening].text
    let previous = index > 0 ? typed.pieces[index - 1].text : ""
    guard previous == bracket || previous == "," else { return nil }
    guard let place = bodyPlace(opening) else { return nil }
    if place.path.isEmpty, bracket == "(" {
      return argumentNames(place.operation) + names()
    }
    guard bracket == "{", let body = place.operation.body else { return nil }
    if place.path.last == "custom_attributes" {
      let known = attributeCandidates(of: place.operation.collection).filter { Self.isName($0.text) }
      if !known.isEmpty { return known }
    }
    return fields(at: place.path, of: body).filter { !$0.isReadOnly }.map(candidate)
  }

  private func argumentNames(_ operation: Operation) -> [Candidate] {
    var found = operation.parameters.filter { $0.location != .header }.map {
      Candidate($0.name + ":", SchemaText.type($0.schema, catalogue), doc: $0.isRequired ? "needed" : "")
    }
    if let body = operation.body {
      found += fields(at: [], of: body).filter { !$0.isReadOnly }.map {
        Candidate($0.name + ":", SchemaText.type($0.schema, catalogue), doc: $0.isRequired ? "needed" : "")
      }
    }
    found += [
      Candidate("timeout:", "duration", doc: "How long the answer may take."),
      Candidate("retries:", "int", doc: "How often it may be sent again."),
      Candidate("check:", "bool", doc: "Whether the body is checked before it is sent."),
    ]
    return found
  }

  /// The operation in whose call a bracket is, and the fields on the way to it.
  private func bodyPlace(_ opening: Int) -> (operation: Operation, path: [String])? {
    var path: [String] = []
    var level = typed.open.lastIndex(of: opening) ?? 0
    while level >= 0 {
      let bracket = typed.open[level]
      let piece = typed.pieces[bracket]
      if piece.text == "(" {
        guard bracket > 0, case .operation(let name) = finder.thing(endingAt: bracket - 1),
          let operation = catalogue.operation(named: name) ?? upsert(name)
        else { return nil }
        return (operation, path)
      }
      if bracket > 1, typed.pieces[bracket - 1].text == ":" { path.insert(typed.pieces[bracket - 2].text, at: 0) }
      level -= 1
    }
    return nil
  }

  /// An upsert, which the catalogue does not have, takes what creating does.
  private func upsert(_ name: String) -> Operation? {
    name.hasSuffix(".upsert") ? catalogue.operation(named: name.dropLast("upsert".count) + "create") : nil
  }

  private func fields(at path: [String], of body: Schema) -> [ObjectShape.Field] {
    var schema = body
    for name in path {
      guard let field = SchemaText.bodyFields(schema, catalogue).first(where: { $0.name == name }) else { return [] }
      schema = field.schema
      if case .array(let item) = catalogue.resolve(schema).shape { schema = item }
    }
    return SchemaText.bodyFields(schema, catalogue)
  }

  /// The values that the field before a colon takes.
  private func valuesOfField(before colon: Int) -> [Candidate] {
    guard colon > 0, let opening = typed.open.last, let place = bodyPlace(opening) else { return [] }
    let name = typed.pieces[colon - 1].text
    if let parameter = place.operation.parameters.first(where: { $0.name == name }) {
      return values(of: parameter.schema)
    }
    if place.path.last == "custom_attributes" { return attributeValues(name, of: place.operation.collection) }
    let known = session.configuration.facts?.ids(for: name) ?? []
    if !known.isEmpty { return known }
    if name == "name", place.path.isEmpty {
      return session.configuration.facts?.names(of: place.operation.collection) ?? []
    }
    guard let body = place.operation.body else { return [] }
    // A body of several kinds has the field once for each of them.
    let listed = fields(at: place.path, of: body).filter { $0.name == name }.flatMap { values(of: $0.schema) }
    guard listed.isEmpty, place.path.isEmpty else { return listed }
    // What can be searched for under this name can be stored under it.
    let searched = catalogue.searchFields(of: place.operation.collection).first { $0.name == name }
    return (searched?.values ?? []).map { Candidate($0, "value") }
  }

  func values(of schema: Schema) -> [Candidate] {
    let resolved = catalogue.resolve(schema)
    if case .array(let item) = resolved.shape { return values(of: item) }
    return resolved.allowedValues.compactMap(\.stringValue).map { Candidate($0, "value") }
  }

  // MARK: Words

  /// The type of a thing, with what its items are.
  private func described(_ thing: KnownThing) -> String {
    switch thing {
    case .sequence(let item, let tag):
      let name = itemName(item)
      return name == "any" ? ThingFinder.typeName(tag) : "\(ThingFinder.typeName(tag)) of \(name)"
    case .schema(let schema): return SchemaText.type(schema, catalogue)
    case .value(let value) where value.isList || value.isMap:
      let count = value.isList ? listCount(value.address) : session.machine.state.mapCount(value.address)
      return "\(finder.typeName(of: thing)) (\(count))"
    default: return finder.typeName(of: thing)
    }
  }

  private func itemName(_ thing: KnownThing) -> String {
    if case .schema(let schema) = thing { return SchemaText.type(schema, catalogue) }
    return finder.typeName(of: thing)
  }

  private func isInside(_ index: Int) -> Bool {
    typed.pieces.enumerated().contains { opening, piece in
      guard let partner = piece.partner, opening < partner else { return false }
      return opening < index && index < partner
    }
  }

  private var arithmeticType: String {
    let isFloat = typed.pieces.contains { $0.text == "/" || $0.text == "." && $0.kind == .sign }
    if typed.pieces.contains(where: { $0.kind == .string }) { return "string" }
    return isFloat ? "float" : "int"
  }

  /// Whether a text can stand behind a point.
  static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first == "_" || first.properties.isXIDStart else { return false }
    return text.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isXIDContinue }
  }

  /// The candidates that continue a word, each once, sorted.
  private static func matching(_ candidates: [Candidate], _ word: String) -> [Candidate] {
    var known: Set<String> = []
    return candidates.filter { $0.text.hasPrefix(word) && known.insert($0.text).inserted }.sorted {
      // Arguments come before everything that may be given as one.
      ($0.text.hasSuffix(":") ? 0 : 1, $0.text) < ($1.text.hasSuffix(":") ? 0 : 1, $1.text)
    }
  }

  /// The rows of the library by name: made when they are first asked for.
  static let rows = Dictionary(BuiltIn.all.map { ($0.name, $0) }) { first, _ in first }
}

/// The words of the language.
package enum Keywords {
  package static let all = [
    "let", "var", "fn", "return", "if", "else", "for", "in", "while", "break", "continue", "match", "try", "catch",
    "finally", "throw", "import", "export", "true", "false", "null", "where", "on", "every", "step", "wait",
  ]

  static let candidates = all.map { Candidate($0, "keyword") }
}
