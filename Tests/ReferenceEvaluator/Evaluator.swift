// A plain interpreter of ICS that walks the syntax tree. It exists to be compared with the compiler and the virtual
// machine: it shares no code with them, knows the core of the language only, and never ships.

import ICSDiagnostics
import ICSSyntax

/// What running a program gave.
package struct Outcome: Equatable, Sendable {
  /// Everything that was printed.
  package var output: String
  /// The printed form of the program's value, or the code of the error that ended it.
  package var end: String

  package init(output: String, end: String) {
    self.output = output
    self.end = end
  }
}

/// Why there is no outcome.
package enum EvaluationFailure: Error {
  case notAProgram
  /// It takes more steps than allowed.
  case outOfSteps
  /// It uses something that this evaluator does not know.
  case unsupported(String)
}

/// The variables of a block, a call or a turn of a loop.
final class Scope {
  let parent: Scope?
  var values: [NameID: Value] = [:]

  init(_ parent: Scope?) { self.parent = parent }

  /// The scope that has a name.
  func owner(of name: NameID) -> Scope? {
    var scope: Scope? = self
    while let it = scope, it.values[name] == nil { scope = it.parent }
    return scope
  }
}

package final class Evaluator {
  let tree: SyntaxTree
  /// What is declared at the top level: functions see it before its declaration has run.
  let globals = Scope(nil)
  var builtIns: [String: Value] = [:]
  /// The scopes that functions hold on to, to break the cycles in the end.
  var closureScopes: [Scope] = []
  private var output = ""
  private var steps: Int

  private init(_ tree: SyntaxTree, maximumSteps: Int) {
    self.tree = tree
    steps = maximumSteps
    for function in makeBuiltIns() { builtIns[function.name] = .function(function) }
  }

  /// Runs a program.
  package static func run(_ text: String, maximumSteps: Int = 200_000) throws(EvaluationFailure) -> Outcome {
    let tree = SyntaxTree.parse(SourceFile(name: "program", text: text))
    guard !tree.hasErrors else { throw .notAProgram }
    let evaluator = Evaluator(tree, maximumSteps: maximumSteps)
    defer { for scope in evaluator.closureScopes { scope.values = [:] } }
    do {
      let value = try evaluator.runProgram()
      return Outcome(output: evaluator.output, end: value.printed())
    } catch Signal.raised(let error) {
      return Outcome(output: evaluator.output, end: error.kind)
    } catch Signal.unsupported(let what) {
      throw .unsupported(what)
    } catch {
      throw .outOfSteps
    }
  }

  private func runProgram() throws -> Value {
    do {
      hoist(tree.statements(of: tree.root), in: globals)
      var last = Value.null
      for statement in tree.statements(of: tree.root) { last = try run(statement, globals) }
      return last
    } catch Signal.returned(let value) {
      return value
    }
  }

  func step() throws {
    steps -= 1
    if steps < 0 { throw Signal.outOfSteps }
  }

  /// Nothing bounds this evaluator's memory, so programs with large values, which a loop may double, are given up.
  func checkSize(_ value: Value) throws {
    let size =
      switch value {
      case .string(let text): text.count
      case .list(let list): list.items.count
      case .map(let map): map.keys.count
      default: 0
      }
    steps -= size / 16
    if size > 2_000 { throw Signal.outOfSteps }
  }

  func write(_ line: String) { output += line + "\n" }
}
