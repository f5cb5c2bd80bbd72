// What `ics check` and `ics serve` find in a script's hooks before anything runs.

import ICSDiagnostics
import ICSDurable
import ICSSyntax

/// Looks at the hooks of a script: topics that do not exist, names that stand for two things, schedules that never come,
/// and what would differ when a run starts again.
package struct HookCheck {
  private let tree: SyntaxTree
  private var diagnostics: [Diagnostic] = []

  /// The errors of a source's hooks, in the order of the text. Empty when it does not parse: the compiler says why.
  package static func findings(in source: SourceFile) -> [Diagnostic] {
    let tree = SyntaxTree.parse(source)
    guard !tree.hasErrors else { return [] }
    var check = HookCheck(tree: tree)
    check.checkAll()
    return check.diagnostics.sorted { $0.span.start < $1.span.start }
  }

  private init(tree: SyntaxTree) { self.tree = tree }

  // What the walk has met.
  private var hooks: [NodeID] = []
  private var steps: [NodeID] = []
  private var branches: [Span] = []
  /// Names of the prelude that give another value each time, where they are read.
  private var unrepeatable: [NodeID] = []
  /// Those that the file has a declaration of its own for.
  private var declared: Set<String> = []

  private mutating func checkAll() {
    for index in tree.nodes.indices.dropFirst() { meet(NodeID(UInt32(index))) }
    guard !hooks.isEmpty else { return }
    steps.sort { tree.span(of: $0).start < tree.span(of: $1).start }
    for hook in hooks {
      if tree.kind(of: hook) == .onHook {
        checkTopic(tree.onHook(hook).event, hasName: !tree.onHook(hook).name.isNone)
      } else {
        checkSchedule(hook)
      }
    }
    checkNames()
    for hook in hooks where diagnostics.count < Self.maximumFindings {
      let span = tree.span(of: body(of: hook))
      let steps = steps.filter { Self.contains(span, tree.span(of: $0)) }
      checkNames(ofSteps: steps, in: span)
      checkRepeatability(of: span, steps: steps.map { tree.span(of: $0) })
    }
  }

  private mutating func meet(_ node: NodeID) {
    switch tree.kind(of: node) {
    case .onHook, .everyHook: hooks.append(node)
    case .step: steps.append(node)
    case .ifBranch, .ifLetBranch, .matchArm, .lambda: branches.append(tree.span(of: node))
    case .ifExpression:
      let otherwise = tree.ifExpression(node).otherwise
      if !otherwise.isNone { branches.append(tree.span(of: otherwise)) }
    case .name where Self.unrepeatableNames.contains(tree.name(tree.name(of: node))): unrepeatable.append(node)
    case .namePattern: declared.insert(tree.name(tree.name(of: node)))
    case .function: declared.insert(tree.name(tree.function(node).name))
    default: break
    }
  }

  private func body(of hook: NodeID) -> NodeID {
    tree.kind(of: hook) == .onHook ? tree.onHook(hook).body : tree.everyHook(hook).body
  }

  private mutating func report(
    _ code: ErrorCode, _ message: String, at span: Span, label: String = "", first: Span? = nil, help: String? = nil
  ) {
    let secondary = first.map { [Diagnostic.Label(span: $0, text: "first here")] } ?? []
    diagnostics.append(
      Diagnostic(code, message, source: tree.source, span: span, label: label, secondary: secondary, help: help))
  }

  // MARK: Topics and schedules

  /// A topic without quotes is Intercom's; in quotes stands any.
  private mutating func checkTopic(_ event: NodeID, hasName: Bool) {
    guard tree.kind(of: event) == .topic else { return }
    let topic = tree.topicText(event)
    if topic == "request" {
      guard !hasName else { return }
      report(
        .syntax, "'on request' takes the path that it answers", at: tree.span(of: event),
        help: "on request \"/signups\" as req { ... }")
    } else if !TopicPattern.isKnown(topic) {
      report(
        .unknownName, "Intercom has no topic '\(topic)'", at: tree.span(of: event),
        label: "no notification is called that",
        help: TopicPattern.suggestion(for: topic) ?? "a topic of your own stands in quotes: on \"\(topic)\"")
    }
  }

  private mutating func checkSchedule(_ node: NodeID) {
    let (schedule, options, _, _) = tree.everyHook(node)
    guard tree.kind(of: schedule) == .string else { return }
    var zone: String?
    for option in options where ["zone", "time_zone"].contains(tree.name(tree.namedArgument(option).name)) {
      let value = tree.namedArgument(option).value
      if tree.kind(of: value) == .string { zone = tree.stringValue(value) }
    }
    do throws(ScheduleText.Malformed) {
      _ = try ScheduleText(tree.stringValue(schedule), zone: zone)
    } catch {
      report(.value, error.description, at: tree.span(of: schedule))
    }
  }

  // MARK: Names

  private mutating func checkNames() {
    var seen: [String: NodeID] = [:]
    for hook in hooks {
      let isOn = tree.kind(of: hook) == .onHook
      let name = isOn ? tree.onHook(hook).name : tree.everyHook(hook).name
      guard !name.isNone, tree.kind(of: name) == .string else { continue }
      let isPath = isOn && isRequest(tree.onHook(hook).event)
      let text = (isPath ? "request " : "") + tree.stringValue(name)
      if let first = seen[text] {
        report(
          .duplicateName, isPath ? "two hooks answer the same path" : "two hooks are called '\(text)'",
          at: tree.span(of: name), label: isPath ? "answered already" : "called the same", first: tree.span(of: first),
          help: isPath ? nil : "a hook's name is its identity over restarts: give this one another")
      }
      seen[text] = name
    }
  }

  private func isRequest(_ event: NodeID) -> Bool {
    tree.kind(of: event) == .topic && tree.topicText(event) == "request"
  }

  /// Two steps of one name are wrong when both can run: not when they stand in two branches.
  private mutating func checkNames(ofSteps steps: [NodeID], in outer: Span) {
    var seen: [String: NodeID] = [:]
    for step in steps where tree.kind(of: tree.step(step).name) == .string {
      let name = tree.step(step).name
      let text = tree.stringValue(name)
      guard let first = seen[text] else {
        seen[text] = step
        continue
      }
      guard diagnostics.count < Self.maximumFindings, mayBothRun(first, step, in: outer) else { continue }
      report(
        .duplicateName, "two steps of this hook are called '\(text)'", at: tree.span(of: name),
        label: "called the same", first: tree.span(of: tree.step(first).name),
        help: "a step is found again by its name: give this one another")
    }
  }

  private func mayBothRun(_ one: NodeID, _ other: NodeID, in outer: Span) -> Bool {
    let (a, b) = (tree.span(of: one), tree.span(of: other))
    return Self.contains(branch(around: a, in: outer), b) || Self.contains(branch(around: b, in: outer), a)
  }

  /// The innermost branch that a place lies in.
  private func branch(around place: Span, in outer: Span) -> Span {
    var innermost = outer
    for span in branches where Self.contains(span, place) && Self.contains(innermost, span) { innermost = span }
    return innermost
  }

  // MARK: What differs between two runs

  /// What reads the clock or throws dice gives something else when a run starts again, and the run takes another way.
  private static let unrepeatableNames = ["now", "random", "uuid"]
  private static let maximumFindings = 20

  private mutating func checkRepeatability(of hook: Span, steps: [Span]) {
    for node in unrepeatable {
      let name = tree.name(tree.name(of: node))
      let place = tree.span(of: node)
      guard Self.contains(hook, place), !declared.contains(name), !steps.contains(where: { Self.contains($0, place) })
      else { continue }
      report(
        .step, "'\(name)' stands outside of a step, where a run that starts again gets another value", at: place,
        label: "differs from attempt to attempt",
        help: name == "now" ? "let time = step \"time\" { now() }" : "put it into a step, which records its value")
    }
  }

  private static func contains(_ outer: Span, _ inner: Span) -> Bool {
    outer.start <= inner.start && inner.end <= outer.end
  }
}
