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
    let name = functionName(prototype)
    let most = prototype.pointee.hasRest ? Int.max : prototype.pointee.parameterCount
    raiseWrongCount(
      name == "fn" ? "this function" : "'\(name)'", given: given, arity: prototype.pointee.requiredCount...most)
  }

  private func functionName(_ prototype: UnsafeMutablePointer<LoadedPrototype>) -> String {
    prototype.pointee.program._withUnsafeGuaranteedRef {
      $0.program.strings[$0.program.prototypes[Int(prototype.pointee.number)].name]
    }
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

  /// E_TYPE for a call of what is no function: by a script, or by a built-in that was to call it back.
  func raiseNotCallable(_ value: Value) {
    guard let builtIn = runningBuiltIn else {
      raise("E_TYPE", "\(describe(value)) is not a function")
      return
    }
    var help: String?
    if builtIn == "reduce" {
      help = "the first value comes first: reduce(0, (sum, x) => sum + x)"
    } else if value.isString, let text = printedForm(value, maximumLength: 40), text.utf8.allSatisfy(\.isNamePart) {
      help = "to take a field of each item, write x => x.\(text)"
    }
    raise("E_TYPE", "'\(builtIn)' takes a function, and was given \(describe(value))", help: help)
  }

  /// The name of the built-in, written in the language, that the script called; nil when its own function runs.
  var runningBuiltIn: String? {
    var frame = pointee.frame
    var name: String?
    while frame >= pointee.frames, let prototype = frame.prototype, prototype.pointee.isInternal {
      let found = functionName(prototype)
      // Built-ins have helpers of their own, and call one another.
      if !found.hasPrefix("__") { name = found }
      // What a lazy stream does for each item belongs to the method that made it, not to the one that pulls.
      if prototype.pointee.number > 1 { break }
      frame -= 1
    }
    return name
  }
}

extension UInt8 {
  /// An ASCII letter, a digit or `_`.
  fileprivate var isNamePart: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
    default: false
    }
  }
}
