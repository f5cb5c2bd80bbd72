// The variables of the functions that were being run when an error ended a fiber: for prompts, which show them.

import ICSDiagnostics

/// The variables of a function that live in registers, while a part of its code runs.
package struct LocalScope: Sendable {
  /// Words of `Program.code`.
  package var code: Range<Int32>
  /// Inner ones after outer ones.
  package var variables: [Mark.Variable]

  /// Variables that can be seen while the code of a statement runs.
  package init(code: Range<Int32>, variables: [Mark.Variable]) {
    self.code = code
    self.variables = variables
  }
}

/// A function that was being run when an error ended its fiber.
package struct FailedFrame {
  package let function: String
  package let source: SourceFile
  package let span: Span
  /// The variables of the function itself, outer ones first. Valid until the machine runs again.
  package let variables: [(name: String, value: Value)]
}

extension Machine {
  /// The functions of the active fiber, innermost first, with their variables; the library's own are left out.
  ///
  /// For `willFail`: the frames are those that an error is about to end. Programs compiled without `keepsLocals` have
  /// no variables here.
  ///
  /// - Parameter limit: The most functions.
  package func failedFrames(limit: Int = 16) -> [FailedFrame] {
    var frames: [FailedFrame] = []
    var frame = state.pointee.frame
    while frames.count < limit {
      if let prototype = frame.prototype, !prototype.pointee.isInternal {
        let loaded = prototype.pointee.program.takeUnretainedValue()
        let program = loaded.program
        let compiled = program.prototypes[Int(prototype.pointee.number)]
        let offset = Int(compiled.code.lowerBound) + max(0, frame.pointee.pc - prototype.pointee.code - 1)
        if program.sites.indices.contains(offset) {
          frames.append(
            FailedFrame(
              function: program.strings[compiled.name], source: program.source,
              span: program.sourceMap.site(program.sites[offset]).span,
              variables: variables(at: Int32(offset), of: program, frame)))
        }
      }
      if frame == state.pointee.frames { break }
      frame -= 1
    }
    return frames
  }

  /// Where a function of a script is declared; nil for other values and for the library's own functions.
  package func functionPlace(of value: Value) -> (source: SourceFile, span: Span)? {
    guard value.tag == Tag.closure else { return nil }
    let prototype = load(value.address, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self)
    guard !prototype.pointee.isInternal else { return nil }
    let program = prototype.pointee.program.takeUnretainedValue().program
    let site = program.prototypes[Int(prototype.pointee.number)].site
    return (program.source, program.sourceMap.site(site).span)
  }

  private func variables(
    at offset: Int32, of program: Program, _ frame: UnsafeMutablePointer<Frame>
  ) -> [(name: String, value: Value)] {
    // The innermost statement is the shortest piece of code that the place is in.
    let scope = program.localScopes.filter { $0.code.contains(offset) }.min { $0.code.count < $1.code.count }
    return (scope?.variables ?? []).compactMap { variable in
      let value = FailedFrame.value(variable.place, in: frame)
      guard let value, !value.isUnset else { return nil }
      return (program.strings[variable.name], value)
    }
  }
}

extension FailedFrame {
  /// The value of a variable of a frame; nil for what lies outside of it.
  fileprivate static func value(_ place: Mark.Variable.Place, in frame: UnsafeMutablePointer<Frame>) -> Value? {
    let registers = frame.pointee.base.assumingMemoryBound(to: Value.self)
    let captures = (frame.pointee.closure + Layout.captures).assumingMemoryBound(to: Value.self)
    let value: Value
    switch place {
    case .register(let number), .cell(let number): value = registers[Int(number)]
    case .capture(let number), .captureCell(let number): value = captures[Int(number)]
    case .global: return nil
    }
    return value.tag == Tag.cell ? load(value.address, Layout.cellContent, as: Value.self) : value
  }
}
