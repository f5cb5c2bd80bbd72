// The general form of a call, for everything that the loop does not do in place.

/// How a call began.
enum CallResult {
  /// A frame was pushed: the loop goes on in it.
  case entered
  /// A native gave its result.
  case finished
  case failed
  case suspended
}

extension VM {
  /// Calls `function` with `count` arguments behind `slot`, where the result goes. The frame's `pc` must be saved; the
  /// stack may move. What is in `slot` stays there for a built-in method (its self).
  @inline(never)
  func performCall(_ function: Value, _ slot: ValuePointer, _ count: Int) -> CallResult {
    if function.tag == Tag.closure { return enter(function.address, slot, count) ? .entered : .failed }
    guard function.tag == Tag.native else {
      raiseNotCallable(function)
      return .failed
    }
    let status = callNative(function.bits, slot + 1, count)
    pointee.fuel &-= takeWork()
    switch status {
    case .finished: return .finished
    case .failed: return .failed
    case .suspended: return .suspended
    }
  }

  /// Pushes a frame for a closure whose arguments are behind `slot`.
  private func enter(_ closure: Raw, _ slot: ValuePointer, _ count: Int) -> Bool {
    let prototype = load(closure, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self)
    let offset = Raw(slot + 1) - pointee.stack
    // Arguments past the parameters (those of a rest) need room too.
    let needed = max(prototype.pointee.frameBytes, (count + 2) * Instruction.valueSize)
    if pointee.stack + offset + needed > pointee.stackEnd {
      guard growStack(toHold: pointee.stack + offset + needed) else { return false }
    }
    let base = pointee.stack + offset
    if prototype.pointee.exactCount != count {
      let arguments = base.assumingMemoryBound(to: Value.self)
      guard adaptArguments(prototype, arguments, count) else { return false }
    }
    // Last, because it moves the frames: the loop goes on with its own frame pointer when a call fails.
    if pointee.frame + 1 >= pointee.framesEnd {
      guard growFrames() else { return false }
    }
    pointee.frame += 1
    pointee.frame.initialize(
      to: Frame(pc: prototype.pointee.code, base: base, constants: prototype.pointee.constants, closure: closure))
    return true
  }

  /// Calls `function` with the items of a list as arguments, which go behind `slot`.
  @inline(never)
  func performSpreadCall(_ function: Value, _ slot: ValuePointer, _ arguments: Value) -> CallResult {
    let count = listCount(arguments.address)
    guard count <= 65_000 else {
      raise("E_ARGUMENTS", "a call takes at most 65000 arguments, and this one has \(count)")
      return .failed
    }
    let offset = Raw(slot) - pointee.stack
    let end = pointee.stack + offset + (count + 2) * Instruction.valueSize
    if end > pointee.stackEnd {
      guard growStack(toHold: end) else { return .failed }
    }
    let moved = (pointee.stack + offset).assumingMemoryBound(to: Value.self)
    (moved + 1).update(from: listItems(arguments.address), count: count)
    return performCall(function, moved, count)
  }

  /// `materialize`: a stream is pulled to its end by its own method; a list or a range stays.
  @inline(never)
  func materialize(_ slot: ValuePointer) -> CallResult {
    let value = slot.pointee
    if value.isList || value.tag == Tag.range { return .finished }
    guard value.tag == Tag.stream else {
      raise("E_TYPE", "lists, ranges and streams can be spread, and this is \(describe(value))")
      return .failed
    }
    var cache: (UInt64, UInt64) = (0, 0)
    let found = withUnsafeMutableBytes(of: &cache) { bytes -> Invocation in
      guard let start = bytes.bindMemory(to: UInt64.self).baseAddress else { return .failed }
      return findMethod(value, name("to_list"), start)
    }
    guard case .function(let method) = found else { return .failed }
    return performCall(method, slot, 0)
  }
}
