// Uses of names: what they mean, and what the functions between a use and its declaration have to capture.

import ICSDiagnostics
import ICSSyntax

extension Resolver {
  /// A name that is read.
  mutating func use(_ node: NodeID) {
    let name = tree.name(of: node)
    if let index = lookUp(name) {
      result.resolutions[Int(node.rawValue)] = .binding(index)
      result.bindings[index].flags.insert(.used)
      touch(index, at: node)
    } else if let intrinsic = intrinsic(name) {
      result.resolutions[Int(node.rawValue)] = .intrinsic(intrinsic)
    } else if let index = preludeIndex(name) {
      result.resolutions[Int(node.rawValue)] = .prelude(index)
    } else {
      reportUnknown(name, span: tree.span(of: node))
    }
  }

  /// A name that is assigned to; `reads` for a compound assignment.
  mutating func assign(_ node: NodeID, reads: Bool) {
    let name = tree.name(of: node)
    guard let index = lookUp(name) else {
      if preludeIndex(name) != nil {
        reportAssignment(name, span: tree.span(of: node), reason: "it is built in", declaration: nil)
      } else {
        reportUnknown(name, span: tree.span(of: node))
      }
      return
    }
    result.resolutions[Int(node.rawValue)] = .binding(index)
    if reads { result.bindings[index].flags.insert(.used) }
    let binding = result.bindings[index]
    guard binding.kind == .variable || binding.flags.contains(.assignable) else {
      result.bindings[index].flags.insert(.used)
      reportAssignment(to: binding, span: tree.span(of: node))
      return
    }
    touch(index, at: node)
    result.bindings[index].flags.insert(.assigned)
    if expressionDepth > 0 { result.functions[Int(function)].assignsInExpressions = true }
  }

  /// The binding that a name means here; nil when nothing in the file, or in the session, declares it.
  func visibleBinding(_ name: NameID) -> Int? {
    let index = visible[Int(name.rawValue)]
    return index < 0 ? nil : Int(index)
  }

  private mutating func lookUp(_ name: NameID) -> Int? {
    let index = visible[Int(name.rawValue)]
    if index >= 0 { return Int(index) }
    guard let session, let known = session.names[tree.name(name)] else { return nil }
    return declareFromSession(name, known)
  }

  /// Makes a binding for a name of an earlier entry at the prompt. It lies outside all scopes of this entry.
  private mutating func declareFromSession(_ name: NameID, _ known: ReplScope.Name) -> Int {
    var binding = Binding(
      name: name, node: .none, function: 0, scope: 0, kind: .constant, flags: [.initialized, .topLevel, .used],
      shadowed: -1)
    switch known {
    case .variable(let program, let slot, let isAssignable):
      if isAssignable { binding.flags.insert(.assignable) }
      binding.storage = .imported
      binding.location = link(program: program, slot: slot)
    case .imported(let program, let slot):
      binding.kind = .imported
      binding.storage = .imported
      binding.location = link(program: program, slot: slot)
    case .module(let module):
      binding.kind = .module
      binding.storage = .module
      binding.location = Int32(result.modules.count)
      result.modules.append(module)
    }
    let index = result.bindings.count
    result.bindings.append(binding)
    visible[Int(name.rawValue)] = Int32(index)
    return index
  }

  /// The number of a link to another program's global.
  mutating func link(program: UInt32, slot: UInt32) -> Int32 {
    result.importedLinks.append(ImportedLink(program: program, slot: slot))
    return Int32(result.importedLinks.count - 1)
  }

  /// The number of a prelude name; names that begin `__` are the compiler's own.
  mutating func preludeIndex(_ name: NameID) -> Int? {
    let known = preludeIndexes[Int(name.rawValue)]
    if known >= -1 { return known < 0 ? nil : Int(known) }
    let text = tree.name(name)
    let index = text.hasPrefix("__") && text != "__" && !isPrelude ? nil : prelude.index(of: text)
    preludeIndexes[Int(name.rawValue)] = Int32(index ?? -1)
    return index
  }

  private func intrinsic(_ name: NameID) -> Intrinsic? {
    guard isPrelude else { return nil }
    let text = tree.name(name)
    return Intrinsic.allCases.first { $0.spelling == text }
  }

  // MARK: Captures

  /// Notes that the current function uses a variable.
  private mutating func touch(_ index: Int, at node: NodeID) {
    let binding = result.bindings[index]
    if binding.function == function {
      if !binding.flags.contains(.initialized) { reportEarlyUse(binding, span: tree.span(of: node)) }
      return
    }
    guard binding.storage == .register else { return }
    result.bindings[index].flags.insert(.captured)
    // The top level's variables that functions use are globals: nothing to capture.
    if binding.flags.contains(.topLevel) { return }
    capture(index, binding)
  }

  private mutating func capture(_ index: Int, _ binding: Binding) {
    var inner = function
    while true {
      let key = UInt64(UInt32(bitPattern: inner)) << 32 | UInt64(index)
      if knownCaptures.insert(key).inserted { addCapture(index, to: Int(inner)) }
      let parent = result.functions[Int(inner)].parent
      if parent == binding.function || parent < 0 { break }
      inner = parent
    }
    // `inner` is now made by the function that has the variable. A declared function is made at the start of its
    // block, before the block's own variables, and before the functions that follow it.
    let info = result.functions[Int(inner)]
    let isOlder = binding.kind == .function && index < info.binding
    if !binding.flags.contains(.initialized) || (info.hoistScope == binding.scope && !isOlder) {
      result.bindings[index].flags.insert(.readEarly)
    }
  }

  private mutating func addCapture(_ binding: Int, to function: Int) {
    let number = Int32(result.captures.count)
    result.captures.append(CaptureEntry(binding: Int32(binding), next: -1))
    let last = result.functions[function].lastCapture
    if last < 0 {
      result.functions[function].firstCapture = number
    } else {
      result.captures[Int(last)].next = number
    }
    result.functions[function].lastCapture = number
    result.functions[function].captureCount += 1
  }
}
