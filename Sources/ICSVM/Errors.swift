// Errors: how they are raised, traced, unwound to their handlers, and made into diagnostics.

import ICSDiagnostics
import ICSJSON

/// What a native throws: the error itself is in the machine's state (`raised`), made by one of the `raise` functions.
package struct Raised: Error {

  /// The error itself is in the machine already.
  package init() {}
}

/// An entry of a trace: a call that was in progress when an error was raised.
struct TraceEntry: BitwiseCopyable {
  var prototype: UnsafeMutablePointer<LoadedPrototype>
  /// The offset of the instruction's last word within the prototype's code.
  var offset: Int
}

extension VM {
  /// Makes an error object.
  package func newError(kind: Value, message: Value, data: Value = .null, help: Value = .null) -> Raw {
    let error = allocate(Layout.errorSize, tag: Tag.error)
    store(error, Layout.errorKind, kind)
    store(error, Layout.errorMessage, message)
    store(error, Layout.errorData, data)
    store(error, Layout.errorHelp, help)
    store(error, Layout.errorTrace, UInt(0))
    return error
  }

  /// Makes an error the one being thrown; the caller gives up at once after it.
  package func raise(_ code: String, _ message: String, help: String? = nil, data: Value = .null) {
    // Nothing takes the place of a limit's error that the loop has not seen yet.
    if hasMetLimit { return }
    let helpValue = help.map { Value.object(Tag.string, newString($0)) } ?? .null
    let error = newError(
      kind: .object(Tag.string, name(code)), message: .object(Tag.string, newString(message)), data: data,
      help: helpValue)
    pointee.raised = .object(Tag.error, error)
  }

  /// As `raise`, for a limit of the host's: nothing in the script can catch it.
  package func raiseLimit(_ code: String, _ message: String) {
    raise(code, message)
    store(pointee.raised.address, Layout.flags, Layout.flagLimit)
    // The loop's next safe point finds it, which most slow paths have right behind them.
    pointee.debt = max(pointee.debt, 1)
  }

  /// As `raise`, for a fiber that was cancelled: its `finally` blocks run, its `catch` blocks do not.
  package func raiseCancelled() {
    if hasMetLimit { return }
    raise("E_CANCELLED", "this fiber was cancelled")
    store(pointee.raised.address, Layout.flags, Layout.flagCancelled)
  }

  /// What an error carries as `.data`; null for what is no error.
  package func errorData(_ error: Value) -> Value {
    error.tag == Tag.error ? load(error.address, Layout.errorData, as: Value.self) : .null
  }

  /// The error that is being raised; null without one.
  package var raisedError: Value { pointee.raised }

  /// Drops the error that was raised: for callers outside of a script that have their own answer to it.
  package func forgetError() { pointee.raised = .null }

  /// What `throw` does with a value: errors stay, anything else is wrapped.
  func errorForThrow(_ value: Value) -> Value {
    if value.tag == Tag.error { return value }
    // A thrown value may be huge or contain itself: its printed form is cut.
    let text = printedForm(value, maximumLength: 4096) ?? "a value that is nested too deeply to print"
    return .object(
      Tag.error,
      newError(
        kind: .object(Tag.string, name("E_THROWN")), message: .object(Tag.string, newString(text)), data: value))
  }

  /// Records where an error was raised, unless it has been recorded: an error thrown again keeps its place.
  func attachTrace(_ error: Raw) {
    guard load(error, Layout.errorTrace, as: UInt.self) == 0 else { return }
    // The innermost calls and the outermost ones tell the story of an endless recursion.
    let innermost = 24
    let outermost = 8
    let depth = pointee.frame - pointee.frames + 1
    let count = min(depth, innermost + outermost)
    let trace = allocate(16 + count * MemoryLayout<TraceEntry>.stride, tag: Tag.trace)
    let entries = (trace + 16).assumingMemoryBound(to: TraceEntry.self)
    var kept = 0
    for index in 0..<count {
      let frame = index < innermost ? pointee.frame - index : pointee.frames + (count - 1 - index)
      guard let prototype = frame.prototype else { continue }
      entries[kept] = TraceEntry(prototype: prototype, offset: max(0, frame.pointee.pc - prototype.pointee.code - 1))
      kept += 1
    }
    // An error without any place of the script's gets one where it is thrown on: by `wait()`, by `parallel`.
    guard (0..<kept).contains(where: { !entries[$0].prototype.pointee.isInternal }) else { return }
    store(trace, 8, UInt32(kept))
    store(trace, 12, UInt32(truncatingIfNeeded: depth))
    store(error, Layout.errorTrace, UInt(bitPattern: trace))
  }

  /// Looks for the handler of the error in `raised` and goes there; false when the fiber has none.
  func unwind() -> Bool {
    let error = pointee.raised.address
    attachTrace(error)
    let flags = load(error, Layout.flags, as: UInt8.self)
    if flags & Layout.flagLimit != 0 { return false }
    let onlyFinally = flags & Layout.flagCancelled != 0
    var frame = pointee.frame
    while true {
      if let prototype = frame.prototype {
        let offset = Int32(truncatingIfNeeded: frame.pointee.pc - prototype.pointee.code - 1)
        for index in 0..<prototype.pointee.handlerCount {
          let handler = prototype.pointee.handlers[index]
          guard offset >= handler.start, offset < handler.end, handler.isFinally || !onlyFinally else { continue }
          pointee.frame = frame
          frame.pointee.pc = prototype.pointee.code + Int(handler.target)
          let register = frame.pointee.base + Int(handler.register) * Instruction.valueSize
          register.assumingMemoryBound(to: Value.self).pointee = pointee.raised
          pointee.raised = .null
          return true
        }
      }
      if frame == pointee.frames { return false }
      frame -= 1
    }
  }
}

extension UnsafeMutablePointer where Pointee == Frame {
  /// The function that runs in this frame; nil for the stub below a fiber's first function.
  var prototype: UnsafeMutablePointer<LoadedPrototype>? {
    guard UInt(bitPattern: pointee.closure) > 4096 else { return nil }
    return load(pointee.closure, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self)
  }
}

// MARK: - Errors as diagnostics

extension Machine {
  /// What the error says that was raised, which is forgotten by that; nil when there is none.
  package func takeMessage() -> String? {
    let error = takeRaised()
    return error.tag == Tag.error ? text(load(error.address, Layout.errorMessage, as: Value.self)) : nil
  }

  /// What an error object says, with its place in the source, for people.
  package func diagnostic(for error: Value) -> Diagnostic {
    guard error.tag == Tag.error else {
      return Diagnostic(
        code: "E_THROWN", message: state.printedForm(error, maximumLength: 4096) ?? "")
    }
    let p = error.address
    let code = text(load(p, Layout.errorKind, as: Value.self))
    let message = text(load(p, Layout.errorMessage, as: Value.self))
    let places = trace(of: p)
    let help = load(p, Layout.errorHelp, as: Value.self)
    var diagnostic = Diagnostic(
      code: code, message: message, source: places.first?.source, span: places.first?.span ?? .zero)
    diagnostic.help = help.isString ? swiftString(help.address) : nil
    diagnostic.data = json(of: load(p, Layout.errorData, as: Value.self))
    if let first = places.first { addLabels(to: &diagnostic, code: code, place: first) }
    for place in places.dropFirst() {
      diagnostic.frames.append(
        Diagnostic.Frame(name: place.function, source: place.source, span: place.span))
    }
    return diagnostic
  }

  /// The value as JSON text; nil for null and for what JSON cannot say.
  private func json(of value: Value) -> String? {
    guard !value.isNull else { return nil }
    do throws(Raised) {
      return try state.jsonValue(of: value).serialized()
    } catch {
      // Nobody asked for this conversion, so nobody hears that it failed.
      state.pointee.raised = .null
      return nil
    }
  }

  private func text(_ value: Value) -> String {
    value.isString ? swiftString(value.address) : state.printedForm(value, maximumLength: 4096) ?? ""
  }

  /// A call of a trace, for people. `function` is the function that was running there.
  package struct TracePlace {
    /// The name of the function; that of the file for its top level.
    package var function: String
    /// The file that it is in.
    package var source: SourceFile
    /// Where in the file.
    package var site: Site
    /// What the error points at.
    package var span: Span
    /// Whether the error was raised right here, and not in what the library did for this call.
    package var isExact = true
  }

  /// The calls that were in progress when an error was raised, innermost first, without the prelude's own and those of
  /// standard modules; with these where there is nothing else.
  package func trace(of error: Raw) -> [TracePlace] {
    let places = trace(of: error, withStandard: false)
    return places.isEmpty ? trace(of: error, withStandard: true) : places
  }

  private func trace(of error: Raw, withStandard: Bool) -> [TracePlace] {
    guard let trace = Raw(bitPattern: load(error, Layout.errorTrace, as: UInt.self)) else { return [] }
    let entries = (trace + 16).assumingMemoryBound(to: TraceEntry.self)
    let kind = text(load(error, Layout.errorKind, as: Value.self))
    var places: [TracePlace] = []
    for index in 0..<Int(load(trace, 8, as: UInt32.self)) {
      let prototype = entries[index].prototype
      guard !prototype.pointee.isInternal else { continue }
      let program = prototype.pointee.program.takeUnretainedValue()
      guard withStandard || !program.program.isStandard else { continue }
      let compiled = program.program.prototypes[Int(prototype.pointee.number)]
      let offset = Int(compiled.code.lowerBound) + entries[index].offset
      guard offset >= 0 && offset < program.program.sites.count else { continue }
      let site = program.program.sourceMap.site(program.program.sites[offset])
      // In a chain over several lines the name is the place, not the line on which the chain begins.
      let isAboutAccess = index == 0 && (kind == "E_NULL" || kind == "E_MEMBER")
      places.append(
        TracePlace(
          function: program.program.strings[compiled.name], source: program.program.source, site: site,
          span: isAboutAccess ? site.access ?? site.span : site.span, isExact: index == 0))
    }
    return places
  }

  /// The labels and helps that need the script's own words.
  private func addLabels(to diagnostic: inout Diagnostic, code: String, place: TracePlace) {
    let bytes = place.source.bytes
    func words(_ span: Span?) -> String? {
      guard let span, span.end > span.start, Int(span.end) <= bytes.count, span.end - span.start <= 60 else {
        return nil
      }
      let text = String(decoding: bytes[Int(span.start)..<Int(span.end)], as: UTF8.self)
      return text.contains("\n") ? nil : text
    }
    guard code == "E_NULL", place.isExact, let subject = place.site.subject, let object = words(subject) else { return }
    diagnostic.label = "this is null"
    diagnostic.secondary.append(Diagnostic.Label(source: place.source, span: subject))
    guard diagnostic.help == nil, !diagnostic.message.hasPrefix("cannot set") else { return }
    // The member or index as written: what follows the object.
    let rest = Span(start: subject.end, end: max(place.site.span.end, place.site.second?.end ?? 0))
    if let member = words(rest) {
      if member.hasPrefix(".") || member.hasPrefix("[") {
        diagnostic.help = "write \(object)?\(member) to get null instead"
      }
    }
  }
}
