// What the compiler asks of its host about modules, and what it knows of a module that is compiled.

import ICSDiagnostics

/// Finds the text of modules. The host decides what a path means, and which files a script may read.
package protocol ModuleLoader: Sendable {
  /// The module that `path` names in the file `importer`.
  ///
  /// - Parameter importer: The canonical path of the importing file; nil when that is no file.
  /// - Returns: A path that is the same for every spelling of the module, and its text.
  func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile)
}

/// Why a module cannot be had.
package enum ModuleError: Error, Sendable {
  case notFound
  /// It lies outside the root folder that the host allows.
  case outsideRoot
  /// Any other reason, in words that follow "cannot import 'x': ".
  case unreadable(String)
}

/// What a file exports, and where it is.
package struct ModuleInterface: Sendable {
  /// Where the variable of an exported name is.
  package struct Export: Sendable {
    /// Its global slot in the module's program.
    package var slot: UInt32
  }

  /// The module's number among the programs of its unit or, at the prompt, of the machine.
  package var program: UInt32
  /// In order of declaration.
  package var names: [String] = []
  /// What the module exports, by name.
  package var exports: [String: Export] = [:]
}

/// The names that the entries at a prompt have declared, and the modules that they have loaded.
///
/// A session starts with `ReplScope()`, and keeps the scope of each result whose unit it has loaded.
package struct ReplScope: Sendable {
  /// What a name of an earlier entry stands for.
  enum Name: Sendable {
    case variable(program: UInt32, slot: UInt32, isAssignable: Bool)
    /// An imported name: read-only.
    case imported(program: UInt32, slot: UInt32)
    case module(ModuleInterface)
  }

  var names: [String: Name] = [:]
  /// By canonical path.
  var modules: [String: ModuleInterface] = [:]
  /// How many programs the machine has loaded for this session.
  package internal(set) var programCount = 0

  /// A session that has seen no entry.
  package init() {}

  /// - Parameter programCount: How many programs the machine has loaded before the session began.
  package init(programCount: Int) { self.programCount = programCount }

  /// Where the value of a name is: a program's number in the machine and a slot; nil for a module and an unknown name.
  package func place(of name: String) -> (program: Int, slot: Int)? {
    switch names[name] {
    case .variable(let program, let slot, _)?, .imported(let program, let slot)?: (Int(program), Int(slot))
    case .module?, nil: nil
    }
  }

  /// What a module that was imported under a name exports; nil when the name is no module.
  package func exports(of name: String) -> [String]? {
    guard case .module(let module)? = names[name] else { return nil }
    return module.exports.keys.sorted()
  }

  /// The names that an entry can use, for completion.
  package var visibleNames: [String] { names.keys.sorted() }
}
