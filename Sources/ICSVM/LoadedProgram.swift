// Programs as one machine has loaded them: code with its inline caches, constants as values of its heap.

/// A compiled function in one machine: its own copy of the code, since inline caches are written into it.
package struct LoadedPrototype {
  var code: UnsafeMutablePointer<UInt64>
  var constants: Raw
  /// What a call checks the stack for: the registers and the head of calls made from here, in bytes.
  var frameBytes: Int
  /// The number of arguments that a call may pass without further ado; -1 when there are defaults or a rest.
  var exactCount: Int
  var parameterCount: Int
  var requiredCount: Int
  /// How many of the arguments that a built-in offers the function takes.
  var callbackCount: Int
  var hasRest: Bool
  var isInternal: Bool
  var captureCount: Int
  var captures: UnsafeMutablePointer<Capture>
  var handlerCount: Int
  var handlers: UnsafeMutablePointer<Handler>
  /// INVARIANT: programs live as long as their machine.
  var program: Unmanaged<LoadedProgram>
  var number: Int32
  var constantCount: Int
}

/// A program in one machine. Functions are loaded when a closure over them is first made.
package final class LoadedProgram {
  /// What was loaded.
  package let program: Program
  let table: UnsafeMutablePointer<UnsafeMutablePointer<LoadedPrototype>?>
  /// The heap strings of the program's texts, made on first use; marked as roots.
  let strings: UnsafeMutablePointer<UInt>
  /// Byte offsets of the linked globals, resolved at loading.
  let links: UnsafeMutablePointer<Int>
  /// The machine's shape for each template; 0 until it is first needed.
  let shapes: UnsafeMutablePointer<UInt32>
  /// The first of the program's own globals in the machine's array.
  package let globalBase: Int

  init(_ program: Program, globalBase: Int, bases: [Int]) {
    self.program = program
    self.globalBase = globalBase
    table = .allocate(capacity: max(1, program.prototypes.count))
    table.initialize(repeating: nil, count: program.prototypes.count)
    strings = .allocate(capacity: max(1, program.strings.extents.count))
    strings.initialize(repeating: 0, count: program.strings.extents.count)
    shapes = .allocate(capacity: max(1, program.shapeTemplates.count))
    shapes.initialize(repeating: 0, count: program.shapeTemplates.count)
    links = .allocate(capacity: max(1, program.links.count))
    for (index, link) in program.links.enumerated() {
      let slot =
        switch link {
        case .own(let slot): globalBase + Int(slot)
        case .imported(let number, let slot): bases[Int(number)] + Int(slot)
        }
      links[index] = slot * Instruction.valueSize
    }
  }

  deinit {
    for index in 0..<program.prototypes.count {
      guard let prototype = table[index] else { continue }
      prototype.pointee.code.deallocate()
      prototype.pointee.constants.deallocate()
      prototype.pointee.captures.deallocate()
      prototype.pointee.handlers.deallocate()
      prototype.deallocate()
    }
    table.deallocate()
    strings.deallocate()
    shapes.deallocate()
    links.deallocate()
  }

  /// The heap string of text number `index`: the machine's name for it, so that keys compare by address.
  func string(_ index: UInt32, _ vm: VM) -> Raw {
    let known = strings[Int(index)]
    if let s = Raw(bitPattern: known) { return s }
    let offsets = program.strings.extents[Int(index)].offsets
    let s = program.strings.bytes.withUnsafeBufferPointer { bytes in
      let text = UnsafeBufferPointer(rebasing: bytes[offsets])
      // Long texts are no keys: interning them would only cost time.
      return text.count <= 128 ? vm.name(text) : vm.newString(text)
    }
    strings[Int(index)] = UInt(bitPattern: s)
    return s
  }

  /// The shape that map literals with these keys have.
  func shape(_ template: Int, _ vm: VM) -> UInt32 {
    if shapes[template] != 0 { return shapes[template] }
    var shape: UInt32 = ShapeTable.emptyMap
    for key in program.shapeTemplates[template].keys {
      let name = string(key, vm)
      guard let next = vm.pointee.shapes.adding(name, to: shape) else { return 0 }
      shape = next
    }
    shapes[template] = shape
    return shape
  }

  /// Prototype number `number`, loaded.
  func prototype(_ number: Int, _ vm: VM) -> UnsafeMutablePointer<LoadedPrototype> {
    if let loaded = table[number] { return loaded }
    let compiled = program.prototypes[number]
    let loaded = UnsafeMutablePointer<LoadedPrototype>.allocate(capacity: 1)
    loaded.initialize(to: makePrototype(compiled, number: number, vm))
    table[number] = loaded
    return loaded
  }

  private func makePrototype(_ compiled: Prototype, number: Int, _ vm: VM) -> LoadedPrototype {
    let isExact = !compiled.hasRest && compiled.requiredCount == compiled.parameterCount
    // A frame's registers, the callee slot and arguments of built-in calls, and the rest list of a callee.
    let headroom = 8
    return LoadedPrototype(
      code: copyCode(compiled), constants: copyConstants(compiled, vm),
      frameBytes: (Int(compiled.registerCount) + headroom) * Instruction.valueSize,
      exactCount: isExact ? Int(compiled.parameterCount) : -1, parameterCount: Int(compiled.parameterCount),
      requiredCount: Int(compiled.requiredCount),
      callbackCount: Int(max(compiled.requiredCount, compiled.callbackCount)), hasRest: compiled.hasRest,
      isInternal: compiled.isInternal,
      captureCount: compiled.captures.count, captures: copy(program.captures, compiled.captures),
      handlerCount: compiled.handlers.count, handlers: copy(program.handlers, compiled.handlers),
      program: Unmanaged.passUnretained(self), number: Int32(number), constantCount: compiled.constants.count)
  }

  private func copy<Element: BitwiseCopyable>(
    _ all: [Element], _ range: Range<Int32>
  ) -> UnsafeMutablePointer<Element> {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, range.count))
    for (offset, index) in range.enumerated() { (copy + offset).initialize(to: all[Int(index)]) }
    return copy
  }

  /// The code with its links turned into the machine's own addresses.
  private func copyCode(_ compiled: Prototype) -> UnsafeMutablePointer<UInt64> {
    let count = compiled.code.count
    let code = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, count))
    program.code.withUnsafeBufferPointer { all in
      guard let start = all.baseAddress else { return }
      code.update(from: start + Int(compiled.code.lowerBound), count: count)
    }
    var index = 0
    while index < count {
      let word = code[index]
      let opcode = unsafeBitCast(Instruction.opcodeByte(word), to: Opcode.self)
      if opcode == .getGlobal || opcode == .setGlobal {
        code[index] = Instruction.make(opcode, a: Instruction.a(word), wide: links[Instruction.wide(word)])
      }
      index += 1 + opcode.extraWords
    }
    return code
  }

  private func copyConstants(_ compiled: Prototype, _ vm: VM) -> Raw {
    let count = compiled.constants.count
    let memory = Raw.allocate(byteCount: max(1, count) * Instruction.valueSize, alignment: 16)
    let values = memory.assumingMemoryBound(to: Value.self)
    for (offset, index) in compiled.constants.enumerated() {
      let value: Value =
        switch program.constants[Int(index)] {
        case .int(let i): .int(i)
        case .float(let bits): .float(Double(bitPattern: bits))
        case .string(let s): .object(Tag.string, string(s, vm))
        case .null: .null
        case .bool(let b): .bool(b)
        }
      (values + offset).initialize(to: value)
    }
    return memory
  }

  func markRoots(_ vm: VM) {
    for index in 0..<program.strings.extents.count {
      if let s = Raw(bitPattern: strings[index]) { vm.markObject(s) }
    }
  }
}
