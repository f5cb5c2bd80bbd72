import ICSDiagnostics
import ICSJSON
import ICSSyntax
import IntercomAPI
import IntercomCatalogue

/// What `ics check` says about requests without sending one: bodies that are written out are compared with the
/// catalogue, and conditions with what the API can search for.
///
/// Nothing is said about a name that the file declares anew: it may be anything.
struct RequestChecks {
  let tree: SyntaxTree
  private var diagnostics: [Diagnostic] = []
  /// Names of the prelude that are something else somewhere in this file.
  private let hidden: Set<String>

  /// The findings in a tree without errors, in the order of its text.
  static func findings(in tree: SyntaxTree) -> [Diagnostic] {
    var checks = RequestChecks(tree: tree)
    for index in tree.nodes.indices.dropFirst() {
      let node = NodeID(UInt32(index))
      switch tree.kind(of: node) {
      case .call: checks.checkCall(node)
      case .whereExpression: checks.checkWhere(node)
      default: break
      }
    }
    return Array(checks.diagnostics.sorted { $0.span.start < $1.span.start }.prefix(SyntaxTree.maximumErrors))
  }

  private init(tree: SyntaxTree) {
    self.tree = tree
    var declared: Set<String> = []
    for index in tree.nodes.indices.dropFirst() {
      let node = NodeID(UInt32(index))
      switch tree.kind(of: node) {
      case .namePattern, .restParameter, .restPattern: declared.insert(tree.name(tree.name(of: node)))
      case .function: declared.insert(tree.name(tree.function(node).name))
      default: break
      }
    }
    hidden = declared
  }

  // MARK: What is meant

  /// The collection that an expression is: `contacts`, `intercom.contacts`, `intercom.as("eu").contacts`.
  func collection(_ node: NodeID) -> String? {
    switch tree.kind(of: node) {
    case .name:
      let name = tree.name(tree.name(of: node))
      return IntercomObjects.collections.contains(name) && !hidden.contains(name) ? name : nil
    case .member:
      let (object, name) = tree.member(node)
      let text = tree.name(name)
      return isIntercom(object) && Catalogue.shared.collections.contains(text) ? text : nil
    default: return nil
    }
  }

  private func isIntercom(_ node: NodeID) -> Bool {
    switch tree.kind(of: node) {
    case .name: return tree.name(tree.name(of: node)) == "intercom" && !hidden.contains("intercom")
    case .call:
      let callee = tree.call(node).callee
      guard tree.kind(of: callee) == .member else { return false }
      let (object, name) = tree.member(callee)
      return ["as", "authenticate"].contains(tree.name(name)) && isIntercom(object)
    default: return false
    }
  }

  // MARK: Calls

  private mutating func checkCall(_ node: NodeID) {
    let (callee, nodes) = tree.call(node)
    guard tree.kind(of: callee) == .member, let arguments = CallArguments(nodes, of: node, in: tree) else { return }
    let (object, name) = tree.member(callee)
    let verb = tree.name(name)
    if verb == "request", isIntercom(object) { return checkRequest(arguments) }
    guard let collection = collection(object) else { return }
    switch (collection, verb) {
    case ("contacts", "create"): checkCreate(arguments)
    case ("contacts", "upsert"): checkUpsert(arguments)
    case ("contacts", "merge"), ("contacts", "find"), ("companies", "find"): break
    case ("messages", "send"): checkMessage(arguments)
    case (_, "search") where !Catalogue.shared.searchFields(of: collection).isEmpty: checkSearch(collection, arguments)
    default:
      guard let operation = Catalogue.shared.operation(named: "\(collection).\(verb)") else { return }
      checkOperation(operation, arguments)
    }
  }

  /// `intercom.request("/contacts", method: "POST", body: {...})`
  private mutating func checkRequest(_ arguments: CallArguments) {
    guard arguments.count == 2, let path = path(arguments.nodes.first), var options = arguments.last else { return }
    guard isChecked(&options), !options.unknown.maps.contains("") else { return }
    var method = "GET"
    if let given = options.remove("method") {
      guard given.isKnown, case .string(let text) = given.value else { return }
      method = text
    }
    guard let body = options.field("body"), body.isMap || body.json.arrayValue != nil,
      let operation = Catalogue.shared.operation(method: method, path: path)
    else { return }
    check(body, for: operation)
  }

  /// The path of a request as far as it chooses an operation: what is computed stands for one segment.
  private func path(_ node: NodeID?) -> String? {
    guard let node else { return nil }
    var text = ""
    switch tree.kind(of: node) {
    case .string: text = tree.stringValue(node)
    case .interpolation:
      for piece in tree.pieces(of: node) { text += tree.kind(of: piece) == .string ? tree.stringValue(piece) : "0" }
    default: return nil
    }
    return String(text.prefix { $0 != "?" })
  }

  /// `contacts.update(id, {...})`: the catalogue's operations, called as `OperationCall` reads them.
  private mutating func checkOperation(_ operation: Operation, _ arguments: CallArguments) {
    guard operation.body != nil else { return }
    var arguments = arguments
    for parameter in operation.pathParameters { guard arguments.takeID(parameter.name) else { return } }
    guard let (given, isLast) = arguments.takeBody() else { return }
    var body = given
    if isLast {
      guard isChecked(&body) else { return }
      for name in RequestOptions.names { _ = body.remove(name) }
      // Ids and options alone are no body.
      if body.json == [:], body.isComplete, !operation.pathParameters.isEmpty, !operation.isBodyRequired { return }
    } else {
      guard optionsCheck(arguments) else { return }
    }
    check(body, for: operation)
  }

  private mutating func checkCreate(_ arguments: CallArguments) {
    guard let operation = Catalogue.shared.operation(named: "contacts.create"),
      var body = arguments.count == 1 ? arguments.last : arguments.literal(0)
    else { return }
    if arguments.count == 1 {
      guard isChecked(&body) else { return }
      for name in RequestOptions.names.union([ContactCalls.retrySafe]) { _ = body.remove(name) }
    } else {
      guard optionsCheck(arguments) else { return }
    }
    check(body, for: operation)
  }

  /// An upsert sends the fields as an update or a create: what is missing depends on which.
  private mutating func checkUpsert(_ arguments: CallArguments) {
    guard let operation = Catalogue.shared.operation(named: "contacts.create"), var body = arguments.literal(0) else {
      return
    }
    _ = body.remove("id")
    body.open()
    check(body, for: operation)
  }

  private mutating func checkMessage(_ arguments: CallArguments) {
    guard arguments.count == 1, let message = arguments.last else { return }
    let fields = message.json.objectValue ?? [:]
    if fields["message_type"] != nil {
      if let operation = Catalogue.shared.operation(named: "messages.send") { check(message, for: operation) }
      return
    }
    var findings: [Finding] = []
    for name in fields.keys where !MessageCalls.known.contains(name) {
      let nearest = BodyCheck.nearest(name, among: MessageCalls.known.sorted())
      findings.append(Finding(.unknownField, path: name, "is no argument here", candidates: nearest))
    }
    let type = fields["type"]?.stringValue
    if let type, !Messages.types.contains(type) {
      let known = Messages.types.joined(separator: ", ")
      let nearest = BodyCheck.nearest(type, among: Messages.types)
      findings.append(Finding(.wrongValue, path: "type", "is '\(type)', and may be \(known)", candidates: nearest))
    }
    if !message.unknown.maps.contains("") {
      let needed = ["to", "body"] + (type == "email" ? ["subject", "template"] : [])
      for name in needed where fields[name] == nil {
        findings.append(Finding(.missingField, path: name, "is missing"))
      }
    }
    report(findings, of: message, subject: "messages.send", code: .invalidRequest)
  }

  /// `contacts.search({query: {...}})`
  private mutating func checkSearch(_ collection: String, _ arguments: CallArguments) {
    guard arguments.count == 1, let body = arguments.last, body.isComplete else { return }
    report(
      SearchQuery.findings(collection: collection, body: body.json), of: body, subject: "the search of \(collection)",
      code: .query)
  }

  /// Whether options after a body leave the check on: those that are computed may do anything.
  private func optionsCheck(_ arguments: CallArguments) -> Bool {
    guard var options = arguments.last, !options.unknown.maps.contains("") else { return false }
    return isChecked(&options)
  }

  /// Whether the options of a call leave the check of bodies on, as far as they are written out.
  private func isChecked(_ options: inout LiteralValue) -> Bool {
    guard let check = options.remove("check") else { return true }
    return check.isKnown && check.value != .bool(false)
  }

  private mutating func check(_ body: LiteralValue, for operation: Operation) {
    let findings = BodyCheck.shared.findings(in: body.json, unknown: body.unknown, for: operation)
    report(findings, of: body, subject: "the body of \(operation.name)", code: .invalidRequest)
  }

  // MARK: Reports

  private mutating func report(_ findings: [Finding], of value: LiteralValue, subject: String, code: ErrorCode) {
    for finding in findings {
      let span = value.span(of: finding.path, isName: finding.kind == .unknownField)
      report(finding, at: span, subject: subject, code: code)
    }
  }

  mutating func report(_ finding: Finding, at span: Span, subject: String, code: ErrorCode) {
    let place = finding.path.isEmpty ? "" : "\(finding.path): "
    diagnostics.append(
      Diagnostic(
        code, "\(subject) would not be sent: \(place)\(finding.message)", source: tree.source, span: span,
        label: finding.message, help: finding.candidates.first.map { "did you mean '\($0)'?" }))
  }
}
