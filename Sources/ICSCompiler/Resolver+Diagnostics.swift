// What the resolver has to say about names.

import ICSDiagnostics
import ICSSyntax

extension Resolver {
  mutating func report(
    _ code: ErrorCode, _ message: String, at span: Span, label: String = "",
    secondary: [Diagnostic.Label] = [], help: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        code, message, source: tree.source, span: span, label: label, secondary: secondary, help: help))
    if diagnostics.count >= 50 * Compiler.maximumDiagnostics {
      diagnostics = Compiler.shown(diagnostics.sorted { $0.span.start < $1.span.start })
    }
  }

  mutating func reportUnknown(_ name: NameID, span: Span) {
    let text = tree.name(name)
    report(
      .unknownName, "nothing here is called '\(text)'", at: span,
      label: "not declared in this file, and not built in",
      help: BorrowedWords.help(forBuiltIn: text) ?? suggestion(for: text, among: knownNames())
        ?? BorrowedWords.help(for: text))
  }

  mutating func reportEarlyUse(_ binding: Binding, span: Span) {
    let name = tree.name(binding.name)
    report(
      .unknownName, "'\(name)' is used before its declaration", at: span, label: "it has no value yet",
      secondary: [.init(span: nameSpan(of: binding), text: "declared here")])
  }

  mutating func reportDuplicate(_ name: NameID, span: Span, first: Int) {
    report(
      .duplicateName, "'\(tree.name(name))' is declared twice", at: span, label: "declared again",
      secondary: [.init(span: nameSpan(of: result.bindings[first]), text: "first declared here")])
  }

  mutating func reportAssignment(to binding: Binding, span: Span) {
    let reason: String
    switch binding.kind {
    case .constant: reason = "it was bound with let"
    case .parameter: reason = "it is a parameter"
    case .loop: reason = "it is the variable of a loop"
    case .caught: reason = "it is bound by catch"
    case .matched: reason = "it is bound by a pattern"
    case .function: reason = "it is a function"
    case .imported: reason = "it is imported, and only its own file can change it"
    case .module: reason = "it is a module"
    case .variable: reason = "it cannot be changed here"
    }
    reportAssignment(binding.name, span: span, reason: reason, declaration: binding)
  }

  mutating func reportAssignment(_ name: NameID, span: Span, reason: String, declaration: Binding?) {
    let text = tree.name(name)
    var secondary: [Diagnostic.Label] = []
    var help: String?
    if let declaration, !declaration.node.isNone {
      secondary = [.init(span: nameSpan(of: declaration), text: "declared here")]
    }
    if declaration?.kind == .constant { help = "declare it with var \(text) = ... to assign to it later" }
    report(
      .assignLet, "cannot assign to '\(text)': \(reason)", at: span, label: "assigned here", secondary: secondary,
      help: help)
  }

  /// "did you mean 'contacts'?"; nil when nothing is near.
  func suggestion(for name: String, among names: [String]) -> String? {
    let near = nearestNames(to: name, among: names, limit: 3)
    guard let last = near.last else { return nil }
    if near.count == 1 { return "did you mean '\(last)'?" }
    return "did you mean \(near.dropLast().map { "'\($0)'" }.joined(separator: ", ")) or '\(last)'?"
  }

  private func knownNames() -> [String] {
    var names = openBindings.map { tree.name(result.bindings[Int($0)].name) }
    if let session { names += session.names.keys.sorted() }
    names += prelude.names.lazy.filter { isPrelude || !$0.hasPrefix("__") }
    return names
  }

  func nameSpan(of binding: Binding) -> Span { tree.mainSpan(of: binding.node) }

  /// Remembers the bindings that nothing has read by the end of their scope.
  mutating func noteUnused(from start: Int) {
    if session != nil || isPrelude { return }
    for index in openBindings[start...] {
      let binding = result.bindings[Int(index)]
      guard binding.flags.isDisjoint(with: [.used, .exported]), isWorthUsing(binding.kind) else { continue }
      if tree.names.bytes(of: binding.name).first == UInt8(ascii: "_") { continue }
      unused.append(index)
    }
  }

  /// Warns about those that a reader sees first: a generated file may have a hundred thousand.
  mutating func warnAboutUnused() {
    let places = unused.map { (index: $0, span: nameSpan(of: result.bindings[Int($0)])) }
    for (index, span) in places.sorted(by: { $0.span.start < $1.span.start }).prefix(Compiler.maximumDiagnostics) {
      let binding = result.bindings[Int(index)]
      let name = tree.name(binding.name)
      report(
        .unused, "'\(name)' is never used", at: span,
        help: binding.kind == .function || binding.kind == .imported || binding.kind == .module
          ? nil : "write _ or _\(name) when that is intended")
    }
  }

  private func isWorthUsing(_ kind: BindingKind) -> Bool {
    switch kind {
    case .constant, .variable, .function, .imported, .module: true
    case .parameter, .loop, .caught, .matched: false
    }
  }
}
