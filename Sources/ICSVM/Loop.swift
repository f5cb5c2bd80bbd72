// The virtual machine's loop: one `switch` over the opcode byte.
//
// Rules that keep it fast (measured; `vm` notes in the reference say how):
//   - The dispatch loads the opcode byte only; each case loads its own word. The shared dispatch block is then small
//     enough never to cross a cache line, wherever the linker puts it (else everything is up to 1.4 times slower).
//   - `pc`, `base`, `constants`, `frame` and `fuel` are locals, never passed `inout` to a function that is not inlined.
//   - Slow paths are functions marked `@inline(never)` that take values and write the target register themselves.
//   - A case that fails has moved `pc` past its own word and leaves by `break loop` with `raised` set; out of fuel, it
//     leaves with `raised` null. A case that must run again after refuelling has not moved `pc`.

/// How a run of the loop ended.
enum RunResult {
  case finished, failed, suspended
}

@inline(__always)
private func register(_ base: Raw, _ offset: Int) -> ValuePointer {
  (base + offset).assumingMemoryBound(to: Value.self)
}

extension VM {
  /// Runs the active fiber until it ends or waits.
  @inline(never)
  func run() -> RunResult {
    while true {
      let result = runLoop()
      if result != .failed { return result }
      raiseFault()
      if pointee.raised.isNull {
        // Out of fuel: the instruction at `pc` is still to be done, or was a jump that has been taken.
        let isFine = pointee.machine._withUnsafeGuaranteedRef { $0.refuel() }
        if isFine && collectIfDue() {
          if pointee.machine._withUnsafeGuaranteedRef({ $0.endsTurn() }) { return .suspended }
          continue
        }
        // What it could not do any more is the place of the limit's error, not what is in front of a jump's target.
        if !isFine { pointee.frame.pointee.pc += 1 }
      }
      // An error is an allocation too: a loop that only throws and catches has its safe point here.
      if !unwind() || !collectIfDue() || !payForUnwinding() { return .failed }
      if pointee.machine._withUnsafeGuaranteedRef({ $0.endsTurn() }) { return .suspended }
    }
  }

  /// Making an error with its trace and looking for a handler costs as much as some instructions do.
  private func payForUnwinding() -> Bool {
    pointee.fuel &-= 16
    if pointee.fuel >= 0 || pointee.machine._withUnsafeGuaranteedRef({ $0.refuel() }) { return true }
    attachTrace(pointee.raised.address)
    return false
  }

  /// A safe point outside the loop, for instructions that have none of their own. False with the memory limit's error.
  private func collectIfDue() -> Bool {
    if pointee.debt <= 0 || safePoint(top: registersEnd) { return true }
    attachTrace(pointee.raised.address)
    return false
  }

  /// The end of the registers of the frame that runs. A fiber's stub has no function, only a callee and its arguments.
  private var registersEnd: Raw {
    let frame = pointee.frame
    guard let prototype = frame.prototype else {
      return min(pointee.stackEnd, frame.pointee.base + Fiber.stubRegisters * Instruction.valueSize)
    }
    return frame.pointee.base + prototype.pointee.frameBytes
  }

  @inline(never)
  private func runLoop() -> RunResult {
    var frame = pointee.frame
    var pc = frame.pointee.pc
    var base = frame.pointee.base
    var constants = frame.pointee.constants
    var fuel = pointee.fuel

    /// The end of the running frame's registers.
    @inline(__always)
    func frameEnd(_ frame: UnsafeMutablePointer<Frame>, _ base: Raw) -> Raw {
      base
        + load(frame.pointee.closure, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self).pointee
        .frameBytes
    }

    loop: while true {
      switch Raw(pc).assumingMemoryBound(to: Opcode.self).pointee {

      // MARK: Ends, moves and constants

      case .halt:
        pointee.frame = frame
        pointee.fuel = fuel
        return .finished
      case .move:
        let w = pc.pointee
        pc += 1
        register(base, Instruction.a(w)).pointee = register(base, Instruction.b(w)).pointee
      case .loadConstant:
        let w = pc.pointee
        pc += 1
        register(base, Instruction.a(w)).pointee = register(constants, Instruction.wide(w)).pointee
      case .loadInt:
        let w = pc.pointee
        pc += 1
        register(base, Instruction.a(w)).pointee = .int(Instruction.signedWide(w))
      case .loadSimple:
        let w = pc.pointee
        pc += 1
        register(base, Instruction.a(w)).pointee = Value(
          tag: UInt8(truncatingIfNeeded: Instruction.b(w)), bits: UInt64(truncatingIfNeeded: Instruction.c(w)))
      case .loadSelf:
        let w = pc.pointee
        pc += 1
        register(base, Instruction.a(w)).pointee = register(base, -Instruction.valueSize).pointee
      case .getGlobal:
        let w = pc.pointee
        pc += 1
        let global = register(Raw(pointee.globals), Instruction.wide(w))
        if global.pointee.isUnset {
          pointee.fault = .uninitialized
          break loop
        }
        register(base, Instruction.a(w)).pointee = global.pointee
      case .setGlobal:
        let w = pc.pointee
        pc += 1
        register(Raw(pointee.globals), Instruction.wide(w)).pointee = register(base, Instruction.a(w)).pointee
      case .getPrelude:
        let w = pc.pointee
        pc += 1
        let slot = pointee.prelude + Instruction.wide(w)
        if slot.pointee.isUnset { makePrelude(Instruction.wide(w)) }
        register(base, Instruction.a(w)).pointee = slot.pointee

      // MARK: Captured variables

      case .newCell:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w))
        let cell = allocate(24, tag: Tag.cell)
        store(cell, Layout.cellContent, a.pointee)
        a.pointee = .object(Tag.cell, cell)
      case .getCell:
        let w = pc.pointee
        pc += 1
        let content = load(register(base, Instruction.b(w)).pointee.address, Layout.cellContent, as: Value.self)
        if content.isUnset {
          pointee.fault = .uninitialized
          break loop
        }
        register(base, Instruction.a(w)).pointee = content
      case .setCell:
        let w = pc.pointee
        pc += 1
        store(
          register(base, Instruction.a(w)).pointee.address, Layout.cellContent,
          register(base, Instruction.b(w)).pointee)
      case .getCapture:
        let w = pc.pointee
        pc += 1
        register(base, Instruction.a(w)).pointee =
          register(frame.pointee.closure + Layout.captures, 0)[Instruction.b(w)]
      case .getCaptureCell:
        let w = pc.pointee
        pc += 1
        let cell = register(frame.pointee.closure + Layout.captures, 0)[Instruction.b(w)].address
        let content = load(cell, Layout.cellContent, as: Value.self)
        if content.isUnset {
          pointee.fault = .uninitialized
          break loop
        }
        register(base, Instruction.a(w)).pointee = content
      case .setCaptureCell:
        let w = pc.pointee
        pc += 1
        let cell = register(frame.pointee.closure + Layout.captures, 0)[Instruction.b(w)].address
        store(cell, Layout.cellContent, register(base, Instruction.a(w)).pointee)
      case .closure:
        let w = pc.pointee
        pc += 1
        makeClosure(frame, base, number: Instruction.wide(w), register(base, Instruction.a(w)))
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }

      // MARK: Arithmetic

      case .add:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(base, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let (sum, overflow) = b.pointee.asInt.addingReportingOverflow(c.pointee.asInt)
          if !overflow {
            a.pointee = .int(sum)
            continue loop
          }
        } else if b.pointee.isFloat && c.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat + c.pointee.asFloat)
          continue loop
        }
        if !slowArithmetic(.add, a, b.pointee, c.pointee) { break loop }
        fuel &-= takeWork()
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .subtract:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(base, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let (difference, overflow) = b.pointee.asInt.subtractingReportingOverflow(c.pointee.asInt)
          if !overflow {
            a.pointee = .int(difference)
            continue loop
          }
        } else if b.pointee.isFloat && c.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat - c.pointee.asFloat)
          continue loop
        }
        if !slowArithmetic(.subtract, a, b.pointee, c.pointee) { break loop }
      case .multiply:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(base, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let (product, overflow) = b.pointee.asInt.multipliedReportingOverflow(by: c.pointee.asInt)
          if !overflow {
            a.pointee = .int(product)
            continue loop
          }
        } else if b.pointee.isFloat && c.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat * c.pointee.asFloat)
          continue loop
        }
        if !slowArithmetic(.multiply, a, b.pointee, c.pointee) { break loop }
      case .divide:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(base, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isFloat && c.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat / c.pointee.asFloat)
          continue loop
        }
        if !slowArithmetic(.divide, a, b.pointee, c.pointee) { break loop }
      case .divideInt:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(base, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let divisor = c.pointee.asInt
          // Neither 0 nor -1, which could overflow.
          if UInt(bitPattern: divisor &+ 1) > 1 {
            a.pointee = .int(b.pointee.asInt / divisor)
            continue loop
          }
        }
        if !slowArithmetic(.divideInt, a, b.pointee, c.pointee) { break loop }
      case .remainder:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(base, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let divisor = c.pointee.asInt
          if UInt(bitPattern: divisor &+ 1) > 1 {
            a.pointee = .int(b.pointee.asInt % divisor)
            continue loop
          }
        }
        if !slowArithmetic(.remainder, a, b.pointee, c.pointee) { break loop }
      case .addConstant:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(constants, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let (sum, overflow) = b.pointee.asInt.addingReportingOverflow(c.pointee.asInt)
          if !overflow {
            a.pointee = .int(sum)
            continue loop
          }
        } else if b.pointee.isFloat && c.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat + c.pointee.asFloat)
          continue loop
        }
        if !slowArithmetic(.add, a, b.pointee, c.pointee) { break loop }
        fuel &-= takeWork()
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .subtractConstant:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(constants, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let (difference, overflow) = b.pointee.asInt.subtractingReportingOverflow(c.pointee.asInt)
          if !overflow {
            a.pointee = .int(difference)
            continue loop
          }
        } else if b.pointee.isFloat && c.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat - c.pointee.asFloat)
          continue loop
        }
        if !slowArithmetic(.subtract, a, b.pointee, c.pointee) { break loop }
      case .multiplyConstant:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(constants, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let (product, overflow) = b.pointee.asInt.multipliedReportingOverflow(by: c.pointee.asInt)
          if !overflow {
            a.pointee = .int(product)
            continue loop
          }
        } else if b.pointee.isFloat && c.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat * c.pointee.asFloat)
          continue loop
        }
        if !slowArithmetic(.multiply, a, b.pointee, c.pointee) { break loop }
      case .divideConstant:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(constants, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isFloat && c.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat / c.pointee.asFloat)
          continue loop
        }
        if !slowArithmetic(.divide, a, b.pointee, c.pointee) { break loop }
      case .divideIntConstant:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(constants, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let divisor = c.pointee.asInt
          if UInt(bitPattern: divisor &+ 1) > 1 {
            a.pointee = .int(b.pointee.asInt / divisor)
            continue loop
          }
        }
        if !slowArithmetic(.divideInt, a, b.pointee, c.pointee) { break loop }
      case .remainderConstant:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let c = register(constants, Instruction.c(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt && c.pointee.isInt {
          let divisor = c.pointee.asInt
          if UInt(bitPattern: divisor &+ 1) > 1 {
            // Small positive operands divide faster in 32 bits on most processors.
            let dividend = b.pointee.asInt
            if (UInt(bitPattern: dividend) | UInt(bitPattern: divisor)) >> 32 == 0 {
              a.pointee = .int(Int(UInt32(truncatingIfNeeded: dividend) % UInt32(truncatingIfNeeded: divisor)))
            } else {
              a.pointee = .int(dividend % divisor)
            }
            continue loop
          }
        }
        if !slowArithmetic(.remainder, a, b.pointee, c.pointee) { break loop }
      case .addImmediate:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w))
        let a = register(base, Instruction.a(w))
        if b.pointee.isInt {
          let (sum, overflow) = b.pointee.asInt.addingReportingOverflow(Instruction.signedC(w))
          if !overflow {
            a.pointee = .int(sum)
            continue loop
          }
        } else if b.pointee.isFloat {
          a.pointee = .float(b.pointee.asFloat + Double(Instruction.signedC(w)))
          continue loop
        }
        // D = 1: written as a subtraction.
        if Instruction.d(w) == 1 {
          if !slowArithmetic(.subtract, a, b.pointee, .int(-Instruction.signedC(w))) { break loop }
        } else if !slowArithmetic(.add, a, b.pointee, .int(Instruction.signedC(w))) {
          break loop
        }
      case .negate:
        let w = pc.pointee
        pc += 1
        if !negate(register(base, Instruction.a(w)), register(base, Instruction.b(w)).pointee) { break loop }
      case .not:
        let w = pc.pointee
        pc += 1
        register(base, Instruction.a(w)).pointee = .bool(!register(base, Instruction.b(w)).pointee.isTrue)
      case .concatenate:
        let w = pc.pointee
        pc += 1
        if !concatenate(register(base, Instruction.a(w)), register(base, Instruction.b(w)), Instruction.c(w)) {
          break loop
        }
        fuel &-= takeWork()
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }

      // MARK: Jumps

      case .jump:
        pc += 1 + Instruction.signedWide(pc.pointee)
      case .loop:
        let offset = Instruction.signedWide(pc.pointee)
        pc += 1 + offset
        fuel &+= offset
        if fuel < 0 { break loop }
      case .jumpIfTrue:
        let w = pc.pointee
        pc += 1
        if register(base, Instruction.a(w)).pointee.isTrue {
          let offset = Instruction.signedWide(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfFalse:
        let w = pc.pointee
        pc += 1
        if !register(base, Instruction.a(w)).pointee.isTrue {
          let offset = Instruction.signedWide(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNull:
        let w = pc.pointee
        pc += 1
        if register(base, Instruction.a(w)).pointee.isNull {
          let offset = Instruction.signedWide(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotNull:
        let w = pc.pointee
        pc += 1
        if !register(base, Instruction.a(w)).pointee.isNull {
          let offset = Instruction.signedWide(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfSet:
        let w = pc.pointee
        pc += 1
        if !register(base, Instruction.a(w)).pointee.isUnset { pc += Instruction.signedWide(w) }
      case .jumpIfEnd:
        let w = pc.pointee
        pc += 1
        if register(base, Instruction.a(w)).pointee.tag == Tag.end { pc += Instruction.signedWide(w) }

      case .jumpIfLess:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let c = register(base, Instruction.c(w)).pointee
        let isTaken: Bool
        if a.isInt && c.isInt {
          isTaken = a.asInt < c.asInt
        } else {
          switch slowLess(a, c, orEqual: false) {
          case .yes: isTaken = true
          case .no: isTaken = false
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfLessEqual:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let c = register(base, Instruction.c(w)).pointee
        let isTaken: Bool
        if a.isInt && c.isInt {
          isTaken = a.asInt <= c.asInt
        } else {
          switch slowLess(a, c, orEqual: true) {
          case .yes: isTaken = true
          case .no: isTaken = false
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotLess:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let c = register(base, Instruction.c(w)).pointee
        let isTaken: Bool
        if a.isInt && c.isInt {
          isTaken = a.asInt >= c.asInt
        } else {
          switch slowLess(a, c, orEqual: false) {
          case .yes: isTaken = false
          case .no: isTaken = true
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotLessEqual:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let c = register(base, Instruction.c(w)).pointee
        let isTaken: Bool
        if a.isInt && c.isInt {
          isTaken = a.asInt > c.asInt
        } else {
          switch slowLess(a, c, orEqual: true) {
          case .yes: isTaken = false
          case .no: isTaken = true
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfEqual:
        let w = pc.pointee
        pc += 1
        let isTaken = isEqual(register(base, Instruction.a(w)).pointee, register(base, Instruction.c(w)).pointee)
        fuel &-= takeWork()
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotEqual:
        let w = pc.pointee
        pc += 1
        let isTaken = isEqual(register(base, Instruction.a(w)).pointee, register(base, Instruction.c(w)).pointee)
        fuel &-= takeWork()
        if !isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfEqualConstant:
        let w = pc.pointee
        pc += 1
        let isTaken = isSame(register(base, Instruction.a(w)).pointee, register(constants, Instruction.c(w)).pointee)
        fuel &-= takeWork()
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotEqualConstant:
        let w = pc.pointee
        pc += 1
        let isTaken = isSame(register(base, Instruction.a(w)).pointee, register(constants, Instruction.c(w)).pointee)
        fuel &-= takeWork()
        if !isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }

      case .jumpIfLessImmediate:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let isTaken: Bool
        if a.isInt {
          isTaken = a.asInt < Instruction.signedC(w)
        } else {
          switch slowLess(a, .int(Instruction.signedC(w)), orEqual: false) {
          case .yes: isTaken = true
          case .no: isTaken = false
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfLessEqualImmediate:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let isTaken: Bool
        if a.isInt {
          isTaken = a.asInt <= Instruction.signedC(w)
        } else {
          switch slowLess(a, .int(Instruction.signedC(w)), orEqual: true) {
          case .yes: isTaken = true
          case .no: isTaken = false
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfGreaterImmediate:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let isTaken: Bool
        if a.isInt {
          isTaken = a.asInt > Instruction.signedC(w)
        } else {
          switch slowLess(.int(Instruction.signedC(w)), a, orEqual: false) {
          case .yes: isTaken = true
          case .no: isTaken = false
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfGreaterEqualImmediate:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let isTaken: Bool
        if a.isInt {
          isTaken = a.asInt >= Instruction.signedC(w)
        } else {
          switch slowLess(.int(Instruction.signedC(w)), a, orEqual: true) {
          case .yes: isTaken = true
          case .no: isTaken = false
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotLessImmediate:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let isTaken: Bool
        if a.isInt {
          isTaken = a.asInt >= Instruction.signedC(w)
        } else {
          switch slowLess(a, .int(Instruction.signedC(w)), orEqual: false) {
          case .yes: isTaken = false
          case .no: isTaken = true
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotLessEqualImmediate:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let isTaken: Bool
        if a.isInt {
          isTaken = a.asInt > Instruction.signedC(w)
        } else {
          switch slowLess(a, .int(Instruction.signedC(w)), orEqual: true) {
          case .yes: isTaken = false
          case .no: isTaken = true
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotGreaterImmediate:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let isTaken: Bool
        if a.isInt {
          isTaken = a.asInt <= Instruction.signedC(w)
        } else {
          switch slowLess(.int(Instruction.signedC(w)), a, orEqual: false) {
          case .yes: isTaken = false
          case .no: isTaken = true
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotGreaterEqualImmediate:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let isTaken: Bool
        if a.isInt {
          isTaken = a.asInt < Instruction.signedC(w)
        } else {
          switch slowLess(.int(Instruction.signedC(w)), a, orEqual: true) {
          case .yes: isTaken = false
          case .no: isTaken = true
          case .failed: break loop
          }
        }
        if isTaken {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfEqualImmediate:
        let w = pc.pointee
        pc += 1
        if isEqual(register(base, Instruction.a(w)).pointee, .int(Instruction.signedC(w))) {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }
      case .jumpIfNotEqualImmediate:
        let w = pc.pointee
        pc += 1
        if !isEqual(register(base, Instruction.a(w)).pointee, .int(Instruction.signedC(w))) {
          let offset = Instruction.signedB(w)
          pc += offset
          fuel &+= offset & (offset >> 63)
          if fuel < 0 { break loop }
        }

      // MARK: Loops

      case .forRange, .forClosedRange:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w))
        guard a[0].isInt && a[1].isInt else {
          raiseRangeTypes(a[0], a[1])
          break loop
        }
        let isClosed = Instruction.opcodeByte(w) == Opcode.forClosedRange.rawValue
        if isClosed ? a[0].asInt > a[1].asInt : a[0].asInt >= a[1].asInt { pc += Instruction.signedWide(w) }
      case .forRangeNext:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w))
        let next = a[0].asInt &+ 1
        if next < a[1].asInt {
          a[0] = .int(next)
          let offset = Instruction.signedWide(w)
          pc += offset
          fuel &+= offset
          if fuel < 0 { break loop }
        }
      case .forClosedRangeNext:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w))
        if a[0].asInt < a[1].asInt {
          a[0] = .int(a[0].asInt &+ 1)
          let offset = Instruction.signedWide(w)
          pc += offset
          fuel &+= offset
          if fuel < 0 { break loop }
        }
      case .iterate:
        let w = pc.pointee
        pc += 1
        if !startIteration(register(base, Instruction.a(w)), register(base, Instruction.b(w)).pointee) { break loop }
      case .iterateNext:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w))
        if a[0].isList && Instruction.d(w) == 0 {
          let list = a[0].address
          let position = a[1].asInt
          let count = listCount(list)
          if count == a[2].asInt {
            if position < count {
              a[3] = listItems(list)[position]
              a[1] = .int(position &+ 1)
              let offset = Instruction.signedWide(w)
              pc += offset
              fuel &+= offset
              if fuel < 0 { break loop }
            } else {
              pc += 1
            }
            continue loop
          }
        }
        switch nextItem(a, wantsPair: Instruction.d(w) == 1) {
        case .item:
          let offset = Instruction.signedWide(w)
          pc += offset
          fuel &+= offset
          if fuel < 0 { break loop }
          if pointee.debt > 0 {
            frame.pointee.pc = pc
            pointee.frame = frame
            if !safePoint(top: frameEnd(frame, base)) { break loop }
          }
        case .end: pc += 1
        case .failed: break loop
        case .stream:
          frame.pointee.pc = pc
          pointee.frame = frame
          pointee.fuel = fuel &- 4
          let next = load(a[0].address, Layout.streamNext, as: Value.self)
          switch performCall(next, a + 3, 0) {
          case .entered:
            frame = pointee.frame
            pc = frame.pointee.pc
            base = frame.pointee.base
            constants = frame.pointee.constants
            fuel = pointee.fuel
          case .finished:
            fuel = pointee.fuel
            if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
          case .failed:
            fuel = pointee.fuel
            break loop
          case .suspended: return .suspended
          }
        }
      case .iterateCheck:
        let w = pc.pointee
        pc += 1
        // The stream's function ran in the registers from R[A+4] on.
        if Instruction.d(w) != 0 { register(base, Instruction.a(w))[4] = .unset }
        let a = register(base, Instruction.a(w))
        if a[3].tag != Tag.end {
          // The call that pulled the item had its registers there.
          if Instruction.d(w) == 1 { a[4] = .unset }
          let offset = Instruction.signedWide(w)
          pc += offset
          fuel &+= offset
          if fuel < 0 { break loop }
        }
      case .unpackPair:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w))
        if a[4].isUnset, !unpackPair(a) { break loop }

      // MARK: Lists, maps, ranges

      case .newList:
        let w = pc.pointee
        pc += 1
        let count = Instruction.c(w)
        let list = newList(capacity: count)
        let items = register(list + Layout.inlineItems, 0)
        let source = register(base, Instruction.b(w))
        var index = 0
        while index < count {
          items[index] = source[index]
          index &+= 1
        }
        store(list, Layout.count, UInt32(truncatingIfNeeded: count))
        register(base, Instruction.a(w)).pointee = .object(Tag.list, list)
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .listAppend:
        let w = pc.pointee
        pc += 1
        listAppend(
          register(base, Instruction.a(w)).pointee.address, register(base, Instruction.b(w)), count: Instruction.c(w))
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .listExtend:
        let w = pc.pointee
        pc += 1
        let list = register(base, Instruction.a(w)).pointee.address
        if !extend(list, with: register(base, Instruction.b(w)).pointee) { break loop }
        fuel &-= takeWork()
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .materialize:
        let w = pc.pointee
        pc += 1
        frame.pointee.pc = pc
        pointee.frame = frame
        pointee.fuel = fuel
        switch materialize(register(base, Instruction.a(w))) {
        case .entered:
          frame = pointee.frame
          pc = frame.pointee.pc
          base = frame.pointee.base
          constants = frame.pointee.constants
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .finished: fuel = pointee.fuel
        case .failed:
          fuel = pointee.fuel
          break loop
        case .suspended: return .suspended
        }
      case .newMap:
        let w = pc.pointee
        let template = Int(truncatingIfNeeded: pc[1])
        pc += 2
        let count = Instruction.c(w)
        newMap(
          frame, register(base, Instruction.a(w)), register(base, Instruction.b(w)), count, template: template, pc - 1)
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .mapSpread:
        let w = pc.pointee
        pc += 1
        let source = register(base, Instruction.b(w)).pointee
        guard source.isMap else {
          raise("E_TYPE", "maps can be spread into a map, and this is \(describe(source))")
          break loop
        }
        mapSpread(source.address, into: register(base, Instruction.a(w)).pointee.address)
        fuel &-= takeWork()
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .newRange:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w)).pointee
        let c = register(base, Instruction.c(w)).pointee
        guard b.isInt && c.isInt else {
          raiseRangeTypes(b, c)
          break loop
        }
        let range = newRange(b.asInt, c.asInt, isClosed: Instruction.d(w) == 1)
        register(base, Instruction.a(w)).pointee = .object(Tag.range, range)
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .getIndex:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w)).pointee
        let c = register(base, Instruction.c(w)).pointee
        if c.isInt && b.isList {
          let position = UInt(bitPattern: c.asInt)
          if position < UInt(bitPattern: listCount(b.address)) {
            register(base, Instruction.a(w)).pointee = listItems(b.address)[Int(bitPattern: position)]
            continue loop
          }
        } else if b.isMap && c.isString && shape(of: b.address) == 0 {
          register(base, Instruction.a(w)).pointee = find(in: dictionary(of: b.address), c)?.pointee ?? .null
          continue loop
        }
        if !slowGetIndex(register(base, Instruction.a(w)), b, c) { break loop }
        fuel &-= takeWork()
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .getIndexImmediate:
        let w = pc.pointee
        pc += 1
        let b = register(base, Instruction.b(w)).pointee
        let position = Instruction.c(w)
        if b.isList && position < listCount(b.address) {
          register(base, Instruction.a(w)).pointee = listItems(b.address)[position]
          continue loop
        }
        if !slowGetIndex(register(base, Instruction.a(w)), b, .int(position)) { break loop }
        fuel &-= takeWork()
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .setIndex:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        let b = register(base, Instruction.b(w)).pointee
        let value = register(base, Instruction.c(w)).pointee
        if b.isInt && a.isList {
          let position = UInt(bitPattern: b.asInt)
          if position < UInt(bitPattern: listCount(a.address)) {
            listItems(a.address)[Int(bitPattern: position)] = value
            continue loop
          }
        } else if a.isMap && b.isString && shape(of: a.address) == 0,
          let found = find(in: dictionary(of: a.address), b)
        {
          found.pointee = value
          continue loop
        }
        if !slowSetIndex(a, b, value) { break loop }
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .getField:
        let w = pc.pointee
        let cached = pc[1]
        pc += 2
        let b = register(base, Instruction.b(w)).pointee
        if b.isMap && load(b.address, Layout.aux, as: UInt32.self) == UInt32(truncatingIfNeeded: cached)
          && UInt32(truncatingIfNeeded: cached) != 0
        {
          let slots = load(b.address, Layout.items, as: Raw.self)
          register(base, Instruction.a(w)).pointee = register(slots, Int(truncatingIfNeeded: cached >> 32)).pointee
          continue loop
        }
        let name = register(constants, Instruction.c(w)).pointee.address
        if !slowGetField(register(base, Instruction.a(w)), b, name, pc - 1) { break loop }
        fuel &-= takeWork()
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .setField:
        let w = pc.pointee
        let cached = pc[1]
        let adding = pc[2]
        pc += 3
        let a = register(base, Instruction.a(w)).pointee
        let value = register(base, Instruction.c(w)).pointee
        if a.isMap {
          let shape = load(a.address, Layout.aux, as: UInt32.self)
          if shape != 0 {
            if shape == UInt32(truncatingIfNeeded: cached) {
              let slots = load(a.address, Layout.items, as: Raw.self)
              register(slots, Int(truncatingIfNeeded: cached >> 32)).pointee = value
              continue loop
            }
            if shape == UInt32(truncatingIfNeeded: adding) {
              appendSlot(a.address, value, shape: UInt32(truncatingIfNeeded: adding >> 32))
              if pointee.debt > 0 {
                frame.pointee.pc = pc
                pointee.frame = frame
                if !safePoint(top: frameEnd(frame, base)) { break loop }
              }
              continue loop
            }
          }
        }
        let name = register(constants, Instruction.b(w)).pointee.address
        if !slowSetField(a, name, value, pc - 2) { break loop }
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .contains:
        let w = pc.pointee
        pc += 1
        let isIn = contains(register(base, Instruction.b(w)).pointee, in: register(base, Instruction.c(w)).pointee)
        fuel &-= takeWork()
        switch isIn {
        case .yes: register(base, Instruction.a(w)).pointee = .bool(true)
        case .no: register(base, Instruction.a(w)).pointee = .bool(false)
        case .failed: break loop
        }

      // MARK: Patterns

      case .jumpIfNotList:
        let w = pc.pointee
        pc += 1
        if !isList(register(base, Instruction.a(w)).pointee, fits: Instruction.c(w)) { pc += Instruction.signedB(w) }
      case .jumpIfNotMap:
        let w = pc.pointee
        pc += 1
        if !register(base, Instruction.a(w)).pointee.isMap { pc += Instruction.signedB(w) }
      case .jumpIfMissing:
        let w = pc.pointee
        pc += 1
        let a = register(base, Instruction.a(w)).pointee
        if !a.isMap || mapGet(a.address, register(constants, Instruction.c(w)).pointee) == nil {
          pc += Instruction.signedB(w)
        }
      case .expectList:
        let w = pc.pointee
        pc += 1
        if !checkList(register(base, Instruction.a(w)).pointee, fits: Instruction.c(w)) { break loop }
      case .expectMap:
        let w = pc.pointee
        pc += 1
        if !checkMap(register(base, Instruction.a(w)).pointee) { break loop }
      case .listRest:
        let w = pc.pointee
        pc += 1
        let list = register(base, Instruction.b(w)).pointee.address
        let start = min(Instruction.c(w), listCount(list))
        if listCount(list) - start >= 256, !fits((listCount(list) - start) * Instruction.valueSize) {
          raiseMemoryLimit()
          break loop
        }
        let rest = newList(listItems(list) + start, count: listCount(list) - start)
        register(base, Instruction.a(w)).pointee = .object(Tag.list, rest)
        fuel &-= listCount(rest) >> 3
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .mapRest:
        let w = pc.pointee
        pc += 1
        let rest = mapRest(
          register(base, Instruction.b(w)).pointee.address,
          without: register(base, Instruction.c(w)).pointee.address)
        register(base, Instruction.a(w)).pointee = .object(Tag.map, rest)
        fuel &-= mapCount(rest)
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }
      case .raiseNoMatch:
        let w = pc.pointee
        pc += 1
        raiseNoMatch(register(base, Instruction.a(w)).pointee)
        break loop

      // MARK: Calls

      case .call:
        let w = pc.pointee
        let f = register(base, Instruction.a(w))
        fuel &-= 4
        if fuel < 0 { break loop }
        pc += 1
        if f.pointee.tag == Tag.closure {
          let closure = f.pointee.address
          let prototype = load(closure, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self)
          let callee = Raw(f) + Instruction.valueSize
          if prototype.pointee.exactCount == Instruction.b(w)
            && callee + prototype.pointee.frameBytes <= pointee.stackEnd
            && frame + 1 < pointee.framesEnd
          {
            frame.pointee.pc = pc
            frame += 1
            base = callee
            pc = prototype.pointee.code
            constants = prototype.pointee.constants
            frame.pointee.base = base
            frame.pointee.constants = constants
            frame.pointee.closure = closure
            continue loop
          }
        }
        frame.pointee.pc = pc
        pointee.frame = frame
        pointee.fuel = fuel
        switch performCall(f.pointee, f, Instruction.b(w)) {
        case .entered:
          frame = pointee.frame
          pc = frame.pointee.pc
          base = frame.pointee.base
          constants = frame.pointee.constants
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .finished:
          fuel = pointee.fuel
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .failed:
          fuel = pointee.fuel
          break loop
        case .suspended: return .suspended
        }
      case .callSpread:
        let w = pc.pointee
        let f = register(base, Instruction.a(w))
        fuel &-= 4
        if fuel < 0 { break loop }
        pc += 1
        frame.pointee.pc = pc
        pointee.frame = frame
        pointee.fuel = fuel
        switch performSpreadCall(f.pointee, f, f[1]) {
        case .entered:
          frame = pointee.frame
          pc = frame.pointee.pc
          base = frame.pointee.base
          constants = frame.pointee.constants
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .finished:
          // The arguments may have moved the stack.
          base = frame.pointee.base
          fuel = pointee.fuel
          if pointee.debt > 0 {
            // A fiber's stub has no function: it halts next, and the result is its only value.
            let top = frame.prototype == nil ? base + 2 * Instruction.valueSize : frameEnd(frame, base)
            if !safePoint(top: top) { break loop }
          }
        case .failed:
          base = frame.pointee.base
          fuel = pointee.fuel
          break loop
        case .suspended: return .suspended
        }
      case .callback:
        let w = pc.pointee
        let f = register(base, Instruction.a(w))
        fuel &-= 4
        if fuel < 0 { break loop }
        pc += 1
        let count = callbackCount(f.pointee, offered: Instruction.b(w))
        frame.pointee.pc = pc
        if f.pointee.tag == Tag.closure {
          let closure = f.pointee.address
          let prototype = load(closure, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self)
          let callee = Raw(f) + Instruction.valueSize
          if prototype.pointee.exactCount == count && callee + prototype.pointee.frameBytes <= pointee.stackEnd
            && frame + 1 < pointee.framesEnd
          {
            frame += 1
            base = callee
            pc = prototype.pointee.code
            constants = prototype.pointee.constants
            frame.pointee.base = base
            frame.pointee.constants = constants
            frame.pointee.closure = closure
            continue loop
          }
        }
        pointee.frame = frame
        pointee.fuel = fuel
        switch performCall(f.pointee, f, count) {
        case .entered:
          frame = pointee.frame
          pc = frame.pointee.pc
          base = frame.pointee.base
          constants = frame.pointee.constants
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .finished:
          fuel = pointee.fuel
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .failed:
          fuel = pointee.fuel
          break loop
        case .suspended: return .suspended
        }
      case .invoke:
        let w = pc.pointee
        let f = register(base, Instruction.a(w))
        fuel &-= 4
        if fuel < 0 { break loop }
        var key = UInt64(f.pointee.tag)
        if key == UInt64(Tag.map) {
          key |= UInt64(shape(of: f.pointee.address)) << 8
        } else if key == UInt64(Tag.module) {
          key |= f.pointee.bits << 8
        }
        let function: Value
        frame.pointee.pc = pc + 3
        pointee.frame = frame
        pointee.fuel = fuel
        // Null has the tag 0, which is what an empty cache holds.
        if key == pc[1] && key != 0 {
          let bits = pc[2]
          function = Value(tag: bits & 1 == 1 ? Tag.closure : Tag.native, bits: bits & ~1)
          pc += 3
        } else {
          pc += 3
          guard
            case .function(let found) = findMethod(
              f.pointee, register(constants, Instruction.c(w)).pointee.address, pc - 2)
          else { break loop }
          function = found
        }
        switch performCall(function, f, Instruction.b(w)) {
        case .entered:
          frame = pointee.frame
          pc = frame.pointee.pc
          base = frame.pointee.base
          constants = frame.pointee.constants
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .finished:
          fuel = pointee.fuel
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .failed:
          fuel = pointee.fuel
          break loop
        case .suspended: return .suspended
        }
      case .invokeSpread:
        let w = pc.pointee
        let f = register(base, Instruction.a(w))
        fuel &-= 4
        if fuel < 0 { break loop }
        pc += 3
        frame.pointee.pc = pc
        pointee.frame = frame
        pointee.fuel = fuel
        guard
          case .function(let found) = findMethod(
            f.pointee, register(constants, Instruction.c(w)).pointee.address, pc - 2)
        else { break loop }
        switch performSpreadCall(found, f, f[1]) {
        case .entered:
          frame = pointee.frame
          pc = frame.pointee.pc
          base = frame.pointee.base
          constants = frame.pointee.constants
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .finished:
          base = frame.pointee.base
          fuel = pointee.fuel
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .failed:
          base = frame.pointee.base
          fuel = pointee.fuel
          break loop
        case .suspended: return .suspended
        }
      case .return:
        let w = pc.pointee
        register(base, -Instruction.valueSize).pointee = register(base, Instruction.a(w)).pointee
        frame -= 1
        pc = frame.pointee.pc
        base = frame.pointee.base
        constants = frame.pointee.constants
      case .returnNull:
        register(base, -Instruction.valueSize).pointee = .null
        frame -= 1
        pc = frame.pointee.pc
        base = frame.pointee.base
        constants = frame.pointee.constants
      case .streamNext:
        let w = pc.pointee
        fuel &-= 4
        if fuel < 0 { break loop }
        pc += 1
        frame.pointee.pc = pc
        pointee.frame = frame
        pointee.fuel = fuel
        let stream = register(base, Instruction.b(w)).pointee
        guard stream.tag == Tag.stream else {
          raise("E_TYPE", "a stream is wanted here, and this is \(describe(stream))")
          break loop
        }
        let next = load(stream.address, Layout.streamNext, as: Value.self)
        switch performCall(next, register(base, Instruction.a(w)), 0) {
        case .entered:
          frame = pointee.frame
          pc = frame.pointee.pc
          base = frame.pointee.base
          constants = frame.pointee.constants
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .finished:
          fuel = pointee.fuel
          if pointee.debt > 0, !safePoint(top: frameEnd(frame, base)) { break loop }
        case .failed:
          fuel = pointee.fuel
          break loop
        case .suspended: return .suspended
        }
      case .newStream:
        let w = pc.pointee
        pc += 1
        let stream = newStream(next: register(base, Instruction.b(w)).pointee)
        register(base, Instruction.a(w)).pointee = stream
      case .listPush:
        let w = pc.pointee
        pc += 1
        listPush(register(base, Instruction.a(w)).pointee.address, register(base, Instruction.b(w)).pointee)
        if pointee.debt > 0 {
          frame.pointee.pc = pc
          pointee.frame = frame
          if !safePoint(top: frameEnd(frame, base)) { break loop }
        }

      // MARK: Errors

      case .throw:
        let w = pc.pointee
        pc += 1
        if !hasMetLimit { pointee.raised = errorForThrow(register(base, Instruction.a(w)).pointee) }
        break loop
      case .rethrow:
        let w = pc.pointee
        pc += 1
        if !hasMetLimit { pointee.raised = register(base, Instruction.a(w)).pointee }
        break loop

      // MARK: Queries

      case .queryTest:
        let w = pc.pointee
        pc += 1
        let op = QueryOperator(rawValue: UInt8(truncatingIfNeeded: Instruction.d(w))) ?? .equal
        switch queryTest(op, register(base, Instruction.b(w)).pointee, register(base, Instruction.c(w)).pointee) {
        case .yes: register(base, Instruction.a(w)).pointee = .bool(true)
        case .no: register(base, Instruction.a(w)).pointee = .bool(false)
        case .failed: break loop
        }
      case .queryField:
        let w = pc.pointee
        pc += 1
        let name = register(constants, Instruction.c(w)).pointee.address
        if !queryField(register(base, Instruction.a(w)), register(base, Instruction.b(w)).pointee, name) { break loop }
      }
    }

    frame.pointee.pc = pc
    pointee.frame = frame
    pointee.fuel = fuel
    return .failed
  }

  /// Equality with a constant: names are compared by address first.
  @inline(__always)
  private func isSame(_ a: Value, _ constant: Value) -> Bool {
    if a.tag == constant.tag && a.bits == constant.bits { return a.tag != Tag.float || !a.asFloat.isNaN }
    if a.isString && constant.isString {
      let both = load(a.address, Layout.flags, as: UInt8.self) & load(constant.address, Layout.flags, as: UInt8.self)
      return both & Layout.flagInterned == 0 && stringsEqual(a.address, constant.address)
    }
    return slowEqual(a, constant)
  }

  /// R[A] = a map of a literal's values.
  @inline(__always)
  private func newMap(
    _ frame: UnsafeMutablePointer<Frame>, _ target: ValuePointer, _ source: ValuePointer, _ count: Int, template: Int,
    _ cache: UnsafeMutablePointer<UInt64>
  ) {
    // The upper half of the template's word keeps the shape once it is known.
    let shape = UInt32(truncatingIfNeeded: cache.pointee >> 32)
    guard shape != 0 else { return newMapSlow(frame, target, source, count, template, cache) }
    let map = newMap(shape: shape, capacity: count)
    let slots = register(map + Layout.inlineItems, 0)
    var index = 0
    while index < count {
      slots[index] = source[index]
      index &+= 1
    }
    store(map, Layout.count, UInt32(truncatingIfNeeded: count))
    target.pointee = .object(Tag.map, map)
  }

  @inline(never)
  private func newMapSlow(
    _ frame: UnsafeMutablePointer<Frame>, _ target: ValuePointer, _ source: ValuePointer, _ count: Int, _ template: Int,
    _ cache: UnsafeMutablePointer<UInt64>
  ) {
    let index = Int(UInt32(truncatingIfNeeded: template))
    guard let prototype = frame.prototype else { return }
    let program = prototype.pointee.program.takeUnretainedValue()
    let shape = program.shape(index, self)
    let map = newMap(capacity: count)
    if shape != 0 {
      cache.pointee = UInt64(UInt32(truncatingIfNeeded: template)) | UInt64(shape) << 32
      for slot in 0..<count { listItems(map)[slot] = source[slot] }
      store(map, Layout.aux, shape)
      store(map, Layout.count, UInt32(truncatingIfNeeded: count))
    } else {
      for (slot, key) in program.program.shapeTemplates[index].keys.enumerated() {
        mapSet(map, .object(Tag.string, program.string(key, self)), source[slot])
      }
    }
    target.pointee = .object(Tag.map, map)
  }

  /// A stream whose items are what calling `next` gives.
  package func newStream(next: Value) -> Value {
    let stream = allocate(32, tag: Tag.stream)
    store(stream, Layout.streamNext, next)
    store(stream, Layout.streamKeeper, UInt(0))
    return .object(Tag.stream, stream)
  }

  /// A stream whose items are what calling a native gives, which lives as long as the stream.
  package func newStream(pulling native: NativeFunction) -> Value {
    let keeper = NativeKeeper(native)
    let kept = machine.value(of: keeper)
    let stream = allocate(32, tag: Tag.stream)
    store(stream, Layout.streamNext, Value(tag: Tag.native, bits: keeper.bits))
    store(stream, Layout.streamKeeper, UInt(bitPattern: kept.address))
    // About what the native and what it refers to take outside of the machine's own memory.
    pointee.debt += 512
    return .object(Tag.stream, stream)
  }

  @inline(never)
  private func makePrelude(_ index: Int) {
    let machine = pointee.machine.takeUnretainedValue()
    pointee.prelude[index] = machine.library.preludeValue(index, machine: machine)
  }

  @inline(never)
  private func raiseRangeTypes(_ a: Value, _ b: Value) {
    raise("E_TYPE", "a range goes from an int to an int, and this one from \(describe(a)) to \(describe(b))")
  }

  @inline(never)
  private func raiseNoMatch(_ value: Value) {
    let text = printedForm(value, maximumLength: 60) ?? describe(value)
    raise("E_MATCH", "no arm of this match fits \(text)")
  }
}
