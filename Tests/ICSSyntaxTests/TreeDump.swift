// Trees as compact S-expressions, so that a test says on one line what a text means.

import ICSDiagnostics
import ICSSyntax

/// Prints a tree: `(let x (+ 1 2))`.
struct TreeDump {
  let tree: SyntaxTree

  /// The statements of a text, with a space between them.
  static func of(_ text: String) -> String {
    let tree = SyntaxTree.parse(SourceFile(name: "test.ics", text: text))
    return TreeDump(tree: tree).list(tree.statements(of: tree.root))
  }

  func dump(_ node: NodeID) -> String {
    if node.isNone { return "-" }
    switch tree.kind(of: node) {
    case .missing: return "<missing>"
    case .program, .block: return group("do", tree.statements(of: node))
    case .topic: return tree.topicText(node)
    case .nullLiteral: return "null"
    case .trueLiteral: return "true"
    case .falseLiteral: return "false"
    case .integer: return "\(tree.integerValue(node))"
    case .float: return "\(tree.floatValue(node))"
    case .string: return quoted(tree.stringValue(node))
    case .interpolation: return group("cat", tree.pieces(of: node))
    case .name, .namePattern: return tree.name(tree.name(of: node))
    case .key: return ":" + tree.name(tree.name(of: node))
    case .wildcardPattern: return "_"
    case .restParameter, .restPattern: return "..." + tree.name(tree.name(of: node))
    default: return dumpCompound(node)
    }
  }

  private func dumpCompound(_ node: NodeID) -> String {
    switch tree.kind(of: node) {
    case .list: return group("list", tree.elements(of: node))
    case .map: return group("map", tree.elements(of: node))
    case .mapEntry: return form("", [tree.mapEntry(node).key, tree.mapEntry(node).value])
    case .computedKey: return "[\(dump(tree.operand(of: node)))]"
    case .spread: return "..." + dump(tree.operand(of: node))
    case .parenthesized: return "(p(\(dump(tree.operand(of: node)))))"
    case .unary: return form(tree.isNot(node) ? "!" : "-", [tree.operand(of: node)])
    case .binary, .logicalAnd, .logicalOr, .coalesce, .range, .fieldComparison:
      let (op, left, right) = tree.binary(node)
      return form(op.spelling, [left, right])
    case .conditionAnd: return form("and", [tree.sides(of: node).left, tree.sides(of: node).right])
    case .conditionOr: return form("or", [tree.sides(of: node).left, tree.sides(of: node).right])
    case .conditionNot: return form("not", [tree.operand(of: node)])
    case .conditionGroup: return "(p(\(dump(tree.operand(of: node)))))"
    case .fieldPath: return "@" + tree.elements(of: node).map { tree.keyText($0) }.joined(separator: ".")
    case .call: return group("call " + dump(tree.call(node).callee), tree.call(node).arguments)
    case .namedArgument: return tree.name(tree.namedArgument(node).name) + ":" + dump(tree.namedArgument(node).value)
    case .member: return "(. \(dump(tree.member(node).object)) \(tree.name(tree.member(node).name)))"
    case .optionalMember: return "(?. \(dump(tree.member(node).object)) \(tree.name(tree.member(node).name)))"
    case .index: return form("at", [tree.index(node).object, tree.index(node).index])
    case .optionalIndex: return form("?at", [tree.index(node).object, tree.index(node).index])
    case .optionalChain: return form("chain", [tree.operand(of: node)])
    case .whereExpression:
      return form("where", [tree.whereExpression(node).collection, tree.whereExpression(node).condition])
    default: return dumpWithBody(node)
    }
  }

  private func dumpWithBody(_ node: NodeID) -> String {
    switch tree.kind(of: node) {
    case .lambda:
      let (parameters, body) = tree.lambda(node)
      return "(\\ (\(list(parameters))) \(dump(body)))"
    case .parameter:
      let (pattern, value) = tree.parameter(node)
      return value.isNone ? dump(pattern) : form("=", [pattern, value])
    case .ifExpression:
      let (branches, otherwise) = tree.ifExpression(node)
      return "(if \(list(branches))\(otherwise.isNone ? "" : " " + dump(otherwise)))"
    case .ifBranch: return dump(tree.ifBranch(node).condition) + " " + dump(tree.ifBranch(node).body)
    case .ifLetBranch:
      let (pattern, value, body) = tree.ifLetBranch(node)
      return form("let", [pattern, value]) + " " + dump(body)
    case .matchExpression:
      return group("match " + dump(tree.matchExpression(node).subject), tree.matchExpression(node).arms)
    case .matchArm:
      let (patterns, condition, body) = tree.matchArm(node)
      let guarded = condition.isNone ? "" : " if " + dump(condition)
      return "(\(patterns.map(dump).joined(separator: "|"))\(guarded) => \(dump(body)))"
    case .tryExpression:
      let (body, pattern, handler, cleanup) = tree.tryExpression(node)
      return form("try", [body, pattern, handler, cleanup])
    case .step:
      let (name, options, body) = tree.step(node)
      return "(step \(([dump(name)] + options.map(dump) + [dump(body)]).joined(separator: " ")))"
    case .literalPattern: return dump(tree.operand(of: node))
    case .listPattern: return "[\(list(tree.patterns(of: node)))]"
    case .mapPattern: return "{\(list(tree.patterns(of: node)))}"
    case .fieldPattern:
      let (key, pattern, value) = tree.fieldPattern(node)
      return tree.keyText(key) + ":" + dump(pattern) + (value.isNone ? "" : "=" + dump(value))
    default: return dumpStatement(node)
    }
  }

  private func dumpStatement(_ node: NodeID) -> String {
    switch tree.kind(of: node) {
    case .variable:
      let (isVar, pattern, value) = tree.variable(node)
      return form((tree.isExported(node) ? "export " : "") + (isVar ? "var" : "let"), [pattern, value])
    case .function:
      let (name, parameters, body) = tree.function(node)
      let export = tree.isExported(node) ? "export " : ""
      return "(\(export)fn \(tree.name(name)) (\(list(parameters))) \(dump(body)))"
    case .importModule: return form("import", [tree.importModule(node).path, tree.importModule(node).name])
    case .importNames:
      return "(import (\(list(tree.importNames(node).names))) \(dump(tree.importNames(node).path)))"
    case .importedName:
      let (name, local) = tree.importedName(node)
      return tree.name(name) + ">" + dump(local)
    case .forLoop:
      let (pattern, sequence, body) = tree.forLoop(node)
      return form("for", [pattern, sequence, body])
    case .whileLoop: return form("while", [tree.whileLoop(node).condition, tree.whileLoop(node).body])
    case .returnStatement: return form("return", [tree.operand(of: node)])
    case .breakStatement: return "break"
    case .continueStatement: return "continue"
    case .throwStatement: return form("throw", [tree.operand(of: node)])
    case .waitStatement: return form("wait", [tree.operand(of: node)])
    case .assignment:
      let (op, target, value) = tree.assignment(node)
      return form("set\(op?.spelling ?? "")", [target, value])
    case .onHook:
      let (event, name, condition, item, notification, body) = tree.onHook(node)
      return form("on", [event, name, condition, item, notification, body])
    case .everyHook:
      let (schedule, options, name, body) = tree.everyHook(node)
      return "(every \(([dump(schedule)] + options.map(dump) + [dump(name), dump(body)]).joined(separator: " ")))"
    default: return "<\(tree.kind(of: node))>"
    }
  }

  private func form(_ head: String, _ children: [NodeID]) -> String {
    let parts = (head.isEmpty ? [] : [head]) + children.map(dump)
    return "(\(parts.joined(separator: " ")))"
  }

  private func group(_ head: String, _ children: NodeList) -> String {
    "(\(([head] + children.map(dump)).joined(separator: " ")))"
  }

  func list(_ children: NodeList) -> String { children.map(dump).joined(separator: " ") }

  private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\"", with: "\\\"") + "\""
  }
}
