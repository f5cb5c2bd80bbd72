// What an observer of a running script sees: the compiler's marks, and the frames behind them.

import ICSDiagnostics

/// A statement, or the beginning of a function, in a program that was compiled to be observed.
package struct Mark: Sendable {
  /// A variable that can be seen there.
  package struct Variable: Sendable {
    /// Where a variable is kept.
    package enum Place: Sendable {
      /// A register's index.
      case register(Int32)
      /// The index of a register that holds a cell.
      case cell(Int32)
      /// A capture's number.
      case capture(Int32)
      /// The number of a capture that is a cell.
      case captureCell(Int32)
      /// A slot among the program's globals.
      case global(Int32)
    }
    /// An index into `Program.strings`.
    package var name: UInt32
    /// Where its value is.
    package var place: Place

    /// A variable by the index of its name.
    package init(name: UInt32, place: Place) {
      self.name = name
      self.place = place
    }
  }

  /// The place, for the program's source map.
  package var site: UInt32
  /// Whether a function begins here; otherwise a statement.
  package var isFunction: Bool
  /// Inner ones after outer ones.
  package var variables: [Variable]

  /// A mark at a place of the source map.
  package init(site: UInt32, isFunction: Bool, variables: [Variable]) {
    self.site = site
    self.isFunction = isFunction
    self.variables = variables
  }
}

/// The mark that a fiber is at. Valid during the call that it was made for.
package struct Observation {
  private let vm: VM
  private let frame: UnsafeMutablePointer<Frame>
  private let loaded: LoadedProgram
  /// The mark that was reached.
  package let mark: Mark
  /// How many calls are in progress, this function's included.
  package let depth: Int
  /// The fiber's number: functions that run at the same time have different ones.
  package let fiber: Int
  /// The function's name; the empty string for a program's top level.
  package let function: String

  /// - Parameter number: The mark's, in the program of the function that has made the call.
  package init?(_ call: Call, mark number: Int) {
    vm = call.vm
    frame = vm.pointee.frame
    guard let prototype = frame.prototype else { return nil }
    loaded = prototype.pointee.program.takeUnretainedValue()
    guard loaded.program.marks.indices.contains(number) else { return nil }
    mark = loaded.program.marks[number]
    depth = frame - vm.pointee.frames
    fiber = call.machine.current?.number ?? 0
    function = loaded.program.strings[loaded.program.prototypes[Int(prototype.pointee.number)].name]
  }

  /// The text that the program was compiled from.
  package var source: SourceFile { loaded.program.source }
  /// Where the statement or the function stands in it.
  package var span: Span { loaded.program.sourceMap.site(mark.site).span }

  /// The variables with their values, outer ones first; those that have none yet are left out.
  package var variables: [(name: String, value: Value)] {
    mark.variables.compactMap { variable in
      let value = value(variable.place)
      return value.isUnset ? nil : (loaded.program.strings[variable.name], value)
    }
  }

  private func value(_ place: Mark.Variable.Place) -> Value {
    let registers = frame.pointee.base.assumingMemoryBound(to: Value.self)
    let captures = (frame.pointee.closure + Layout.captures).assumingMemoryBound(to: Value.self)
    switch place {
    case .register(let number): return registers[Int(number)]
    case .cell(let number): return content(registers[Int(number)])
    case .capture(let number): return captures[Int(number)]
    case .captureCell(let number): return content(captures[Int(number)])
    case .global(let slot): return vm.pointee.globals[loaded.globalBase + Int(slot)]
    }
  }

  private func content(_ cell: Value) -> Value {
    cell.tag == Tag.cell ? load(cell.address, Layout.cellContent, as: Value.self) : cell
  }

  /// The functions that are being run, innermost first, with the places where they are.
  package var stack: [(function: String, source: SourceFile, span: Span)] {
    var places: [(function: String, source: SourceFile, span: Span)] = []
    var current = frame
    while places.count < 1000 {
      if let prototype = current.prototype, !prototype.pointee.isInternal {
        let program = prototype.pointee.program.takeUnretainedValue().program
        let compiled = program.prototypes[Int(prototype.pointee.number)]
        let offset = Int(compiled.code.lowerBound) + max(0, current.pointee.pc - prototype.pointee.code - 1)
        if program.sites.indices.contains(offset) {
          places.append(
            (program.strings[compiled.name], program.source, program.sourceMap.site(program.sites[offset]).span))
        }
      }
      if current == vm.pointee.frames { break }
      current -= 1
    }
    return places
  }
}
