// Calls that are not the plain one: other counts of arguments than parameters, spreads, callbacks.

extension VM {
  /// Fits the `count` arguments from `arguments` on to a function that does not take exactly as many. The callee's
  /// registers must be within the stack already. False with an error raised.
  @inline(never)
  func adaptArguments(_ prototype: UnsafeMutablePointer<LoadedPrototype>, _ arguments: ValuePointer, _ count: Int)
    -> Bool
  {
    let wanted = prototype.pointee.parameterCount
    guard count >= prototype.pointee.requiredCount, count <= wanted || prototype.pointee.hasRest else {
      raiseWrongCount(prototype, given: count)
      return false
    }
    if count < wanted {
      for index in count..<wanted { arguments[index] = .unset }
    }
    if prototype.pointee.hasRest {
      let extra = max(0, count - wanted)
      let rest = newList(capacity: extra)
      if extra > 0 {
        listItems(rest).update(from: arguments + wanted, count: extra)
        store(rest, Layout.count, UInt32(truncatingIfNeeded: extra))
      }
      arguments[wanted] = .object(Tag.list, rest)
    }
    return true
  }

  private func raiseWrongCount(_ prototype: UnsafeMutablePointer<LoadedPrototype>, given: Int) {
    let name = prototype.pointee.program._withUnsafeGuaranteedRef {
      $0.program.strings[$0.program.prototypes[Int(prototype.pointee.number)].name]
    }
    let most = prototype.pointee.hasRest ? Int.max : prototype.pointee.parameterCount
    raiseWrongCount(name == "fn" ? "this function" : name, given: given, arity: prototype.pointee.requiredCount...most)
  }

  /// How many of the arguments that a built-in offers a function takes: as many as it requires; a native, the item alone.
  @inline(__always)
  func callbackCount(_ function: Value, offered: Int) -> Int {
    if function.tag == Tag.closure {
      let prototype = load(function.address, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self)
      let taken = prototype.pointee.callbackCount
      return taken < offered ? taken : offered
    }
    return min(1, offered)
  }

  /// A closure over the variables that the running frame has for it.
  @inline(never)
  func makeClosure(_ frame: UnsafeMutablePointer<Frame>, _ base: Raw, number: Int, _ target: ValuePointer) {
    let outer = load(frame.pointee.closure, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self)
    let prototype = outer.pointee.program._withUnsafeGuaranteedRef { $0.prototype(number, self) }
    let count = prototype.pointee.captureCount
    let closure = allocate(
      Layout.captures &+ count &* Instruction.valueSize, tag: Tag.closure, aux: UInt32(truncatingIfNeeded: count))
    store(closure, Layout.prototype, prototype)
    let captures = (closure + Layout.captures).assumingMemoryBound(to: Value.self)
    let outerCaptures = (frame.pointee.closure + Layout.captures).assumingMemoryBound(to: Value.self)
    let registers = base.assumingMemoryBound(to: Value.self)
    var index = 0
    while index < count {
      let capture = prototype.pointee.captures[index]
      captures[index] = capture.fromRegister ? registers[Int(capture.index)] : outerCaptures[Int(capture.index)]
      index &+= 1
    }
    target.pointee = .object(Tag.closure, closure)
  }

  /// E_TYPE for a call of what is no function.
  func raiseNotCallable(_ value: Value) {
    if value.isNull || value.isUnset {
      raise("E_TYPE", "null is not a function")
    } else {
      raise("E_TYPE", "\(describe(value)) is not a function")
    }
  }
}
