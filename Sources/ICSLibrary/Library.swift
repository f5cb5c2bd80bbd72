// The machine's library: gives numbers to the prelude's names and makes values of rows when they are first used.

import ICSCompiler
import ICSDiagnostics
import ICSVM
import Synchronization

/// What the machines of one script share: names, and built-ins written in the language that were compiled for one of
/// them.
package final class SharedPrelude: Sendable {
  /// The names of the prelude, which the compiler numbers.
  package let names: PreludeNames
  private let programs = Mutex<[String: Program]>([:])

  /// A prelude in which nothing was compiled yet.
  package init(names: PreludeNames) { self.names = names }

  func program(_ name: String, compile: () -> Program) -> Program {
    if let known = programs.withLock({ $0[name] }) { return known }
    let made = compile()
    programs.withLock { $0[name] = made }
    return made
  }
}

/// The built-ins of one machine.
package final class Library: MachineLibrary {
  /// What the built-ins know of the world outside.
  package let host: LibraryHost
  /// The prelude's names by number, for the compiler.
  package let names: PreludeNames
  /// The host's own values. A list, because a dictionary of this type would cost half a million instructions at start.
  private let hostValues: [(name: String, make: (Machine) -> Value)]
  /// Whatever topics keep for the machine's lifetime: a random generator's state, caches.
  package var state: [ObjectIdentifier: AnyObject] = [:]

  /// What this library shares with others; nil when it is alone.
  private let shared: SharedPrelude?

  /// - Parameter shared: Of libraries whose hosts add the same names in the same order.
  package init(host: LibraryHost, shared: SharedPrelude) {
    self.host = host
    hostValues = host.values
    names = shared.names
    self.shared = shared
  }

  /// The library for one machine.
  package init(host: LibraryHost) {
    shared = nil
    self.host = host
    var names = Topic.prelude.map { $0.name }
    hostValues = host.values
    for value in hostValues where !names.contains(value.name) { names.append(value.name) }
    self.names = PreludeNames(names)
  }

  // MARK: MachineLibrary

  /// How many names the prelude has, the host's included.
  package var preludeCount: Int { names.names.count }

  /// Makes the value of a name: the host's if it has one, else the library's.
  package func preludeValue(_ index: Int, machine: Machine) -> Value {
    let name = names.names[index]
    if let value = hostValues.last(where: { $0.name == name }) { return value.make(machine) }
    guard index < Topic.prelude.count else { return .null }
    let rows = Topic.prelude[index].topic.rows
    if let row = rows.first(where: { $0.name == name }) { return value(of: row, machine: machine) }
    return module(name, rows: rows, machine: machine)
  }

  /// Makes the built-in method of a type.
  package func method(_ name: String, of tag: UInt8, machine: Machine) -> Value? {
    for topic in Topic.methods(of: tag) {
      if let row = topic.rows.first(where: { $0.member == name }) { return value(of: row, machine: machine) }
    }
    return nil
  }

  /// The methods of a type that scripts may call.
  package func methodNames(of tag: UInt8) -> [String] {
    Topic.methods(of: tag).flatMap { $0.rows.map(\.member) }.filter { !$0.hasPrefix("__") }
  }

  // MARK: Values

  private func module(_ name: String, rows: [BuiltIn], machine: Machine) -> Value {
    let members = machine.state.newMap()
    for row in rows where row.name.hasPrefix(name + ".") {
      machine.state.set(members, row.member, value(of: row, machine: machine))
    }
    return machine.state.newModule(name: name, members: members)
  }

  /// The value of a row, made anew at each call: the machine asks once for each.
  package func value(of row: BuiltIn, machine: Machine) -> Value {
    switch row.implementation {
    case .native(let arity, let body): machine.value(of: NativeFunction(row.member, arity: arity, body))
    case .suspending(let arity, let body): machine.value(of: NativeFunction(row.member, arity: arity, suspending: body))
    case .value(let make): make(machine)
    case .script(let source): compile(source, name: row.name, machine: machine)
    }
  }

  /// The function that a row's source in the language stands for.
  private func compile(_ source: String, name: String, machine: Machine) -> Value {
    if let shared {
      return machine.preludeFunction(shared.program(name) { program(source, name: name) })
    }
    return machine.preludeFunction(program(source, name: name))
  }

  private func program(_ source: String, name: String) -> Program {
    let result = Compiler(prelude: names).compile(SourceFile(name: name, text: source), mode: .prelude)
    guard let program = result.unit?.programs.last else {
      // A test compiles every row; what can come here is a mistake of ours.
      preconditionFailure("the built-in '\(name)' does not compile: \(result.diagnostics.map(\.message))")
    }
    return program
  }
}

extension Call {
  /// The library of the machine that runs.
  package var library: Library {
    guard let library = machine.library as? Library else {
      preconditionFailure("the rows of ICSLibrary run on machines that have it as their library")
    }
    return library
  }

  /// What the built-ins know of the world outside.
  package var host: LibraryHost { library.host }
}
