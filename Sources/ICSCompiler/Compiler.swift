// The module's front door: source text in, bytecode and diagnostics out.

import ICSDiagnostics
import ICSSyntax
import ICSVM

/// What kind of text is compiled.
package enum CompileMode: Sendable {
  /// A file, run as a whole.
  case script
  /// One entry at the prompt, which sees the names of the entries before it.
  case repl(ReplScope)
  /// A built-in that is written in the language: one function expression, with the intrinsics `__self`,
  /// `__call(f, ...)`, `__push(list, item)`, `__stream(next)`, `__next(stream)`, `__end` and `__is_end(x)`.
  /// Prototype 0 returns it, prototype 1 is the function itself.
  case prelude
}

/// What compiling gave.
package struct CompileResult: Sendable {
  /// The programs in the order in which they run, the compiled source as the last; nil when there were errors.
  package var unit: ICSVM.Unit?
  /// Errors and warnings, at most 20 of each. Syntax errors come alone.
  package var diagnostics: [Diagnostic]
  /// At the prompt: the names that later entries see once this one is loaded; nil in other modes or with errors.
  package var scope: ReplScope?
  /// At the prompt: the text ends too early, and more lines may mend it.
  package var isIncomplete = false

  /// Whether anything in `diagnostics` keeps the program from running.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Compiles scripts with all the modules that they import.
package struct Compiler: Sendable {
  /// How many errors, and how many warnings, are reported.
  package static var maximumDiagnostics: Int { SyntaxTree.maximumErrors }

  /// The errors and the warnings that are reported of those found: the first of each, the errors first.
  static func shown(_ found: [Diagnostic]) -> [Diagnostic] {
    [Diagnostic.Severity.error, .warning].flatMap { severity in
      found.filter { $0.severity == severity }.prefix(maximumDiagnostics)
    }
  }

  let prelude: PreludeNames
  let loader: (any ModuleLoader)?
  /// Whether programs tell an observer about each statement: the prelude then has `__observe(number)`.
  package var isObserved = false
  /// Whether programs say where the variables of their functions are, so that an error can show them. Costs no time
  /// when they run.
  package var keepsLocals = false

  /// - Parameter loader: Finds modules; nil when scripts cannot import any.
  package init(prelude: PreludeNames, loader: (any ModuleLoader)? = nil) {
    self.prelude = prelude
    self.loader = loader
  }

  /// Compiles a source and whatever it imports.
  ///
  /// - Parameter path: The canonical path of the source, as the loader gives it to modules, to find imports relative to
  ///   it and cycles through it; nil for text that is no file.
  package func compile(_ source: SourceFile, path: String? = nil, mode: CompileMode = .script) -> CompileResult {
    var build = UnitBuild(
      prelude: prelude, loader: loader, mode: mode, isObserved: isObserved, keepsLocals: keepsLocals)
    return build.compile(source, path: path)
  }

  /// Compiles a tree that was parsed before, as `compile(_:path:mode:)` does.
  package func compile(_ tree: SyntaxTree, path: String? = nil, mode: CompileMode = .script) -> CompileResult {
    var build = UnitBuild(
      prelude: prelude, loader: loader, mode: mode, isObserved: isObserved, keepsLocals: keepsLocals)
    return build.compile(tree, path: path)
  }
}
