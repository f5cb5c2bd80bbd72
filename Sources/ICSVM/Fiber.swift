// Fibers: one line of execution each, with stacks of its own that grow as calls nest.

/// A line of execution with its own stack and frames. The running fiber's are in the machine's state; the others' here.
package final class Fiber {
  /// The first stack of a spawned fiber holds this many values: thousands of fibers wait in little memory.
  static let initialStack = 40
  static let initialFrames = 6
  /// The registers of the frame below the first function: the function, and arguments that have no list.
  static let stubRegisters = 7

  // Unchecked, for calls from outside touch them some ten times: no access goes on while another begins.

  @exclusivity(unchecked) var stack: Raw
  @exclusivity(unchecked) var stackEnd: Raw
  @exclusivity(unchecked) var frames: UnsafeMutablePointer<Frame>
  @exclusivity(unchecked) var framesEnd: UnsafeMutablePointer<Frame>
  @exclusivity(unchecked) var frame: UnsafeMutablePointer<Frame>
  /// Where the result of the call that suspended it goes.
  @exclusivity(unchecked) var resumeOffset = 0
  /// The task object that scripts hold, or nil for the main fiber.
  @exclusivity(unchecked) package var task: Raw?
  /// Its number among the machine's fibers; none is given twice.
  package let number: Int
  /// It has ended, in whatever way.
  @exclusivity(unchecked) package var isFinished = false
  /// Set by a cancellation: the fiber raises E_CANCELLED when it goes on.
  @exclusivity(unchecked) package var isCancelled = false
  /// The error has been raised in it; what its `finally` blocks wait for is not cancelled again.
  @exclusivity(unchecked) var hasSeenCancellation = false
  /// What the host has marked the fiber with, 0 at first; the fibers that it starts have it too. The operations that it
  /// waits for find it as `OperationTag.current`.
  @exclusivity(unchecked) package var tag = 0
  /// The fibers that wait for this one's end.
  @exclusivity(unchecked) var waiters: [Waiter] = []
  /// It runs calls from outside, one after the other, and is among the machine's fibers only while somebody may look for
  /// it there: while it waits, and while another one runs in its place.
  @exclusivity(unchecked) var isDirect = false
  @exclusivity(unchecked) var isListed = false
  /// Is told how a call from outside ended (see `Machine.inject`); nil when its machine gave it up.
  @exclusivity(unchecked) var completion: ((Machine.CallEnd?) -> Void)?
  /// Grows with every wait: an event that belongs to an earlier one, given up since, is ignored.
  @exclusivity(unchecked) var waitNumber = 0
  @exclusivity(unchecked) var isWaiting = false
  /// What is raised in it when its turn comes.
  @exclusivity(unchecked) var pendingError: Value?
  /// What it waits for outside the machine.
  @exclusivity(unchecked) var operation: OperationCancellation?

  /// A fiber that waits for another one's end.
  struct Waiter {
    var fiber: Fiber
    var waitNumber: Int
    /// It waits for any of several: it gets null rather than the result.
    var takesNothing: Bool

    var isWaiting: Bool { fiber.isWaiting && fiber.waitNumber == waitNumber }
  }

  /// Who waits for any of several fibers leaves an entry with each of them: the old ones are dropped now and then.
  func addWaiter(_ waiter: Waiter) {
    if waiters.count > 16, waiters.count & (waiters.count - 1) == 0 { waiters.removeAll { !$0.isWaiting } }
    waiters.append(waiter)
  }

  init(number: Int, stackValues: Int = Fiber.initialStack, frameCount: Int = Fiber.initialFrames) {
    self.number = number
    let bytes = stackValues * Instruction.valueSize
    stack = Raw.allocate(byteCount: bytes, alignment: 16)
    stack.initializeMemory(as: Value.self, repeating: .null, count: stackValues)
    stackEnd = stack + bytes
    frames = .allocate(capacity: frameCount)
    framesEnd = frames + frameCount
    frame = frames
  }

  deinit {
    stack.deallocate()
    frames.deallocate()
  }

  /// Sets the fiber up to call `function` with the items of `arguments` (a list): it starts at a stub that makes the
  /// call and halts, so that arguments are checked and errors are reported as in any call.
  func prepare(_ function: Value, arguments: Value, stub: UnsafeMutablePointer<UInt64>) {
    let registers = stack.assumingMemoryBound(to: Value.self)
    // What an earlier call has left must not be taken for arguments.
    registers.update(repeating: .null, count: Self.stubRegisters)
    registers[0] = function
    registers[1] = arguments
    // The stub has no closure and no constants; the addresses only have to be no object's.
    let none = Raw(bitPattern: 16).unsafelyUnwrapped
    frames.initialize(to: Frame(pc: stub, base: stack, constants: none, closure: none))
    frame = frames
  }
}

extension VM {
  /// Makes a fiber the running one.
  func activate(_ fiber: Fiber) {
    pointee.stack = fiber.stack
    pointee.stackEnd = fiber.stackEnd
    pointee.frames = fiber.frames
    pointee.framesEnd = fiber.framesEnd
    pointee.frame = fiber.frame
    pointee.resumeOffset = fiber.resumeOffset
  }

  /// Takes the running fiber's state back into the fiber.
  func deactivate(_ fiber: Fiber) {
    fiber.stack = pointee.stack
    fiber.stackEnd = pointee.stackEnd
    fiber.frames = pointee.frames
    fiber.framesEnd = pointee.framesEnd
    fiber.frame = pointee.frame
    fiber.resumeOffset = pointee.resumeOffset
  }

  /// A larger stack, the frames moved with it. Nothing points into a stack but its frames: captured variables are in
  /// cells. False when the call depth's limit is passed.
  @inline(never)
  func growStack(toHold end: Raw) -> Bool {
    let old = pointee.stack
    let size = pointee.stackEnd - old
    var newSize = size * 2
    while newSize < end - old { newSize *= 2 }
    guard newSize <= 1 << 29 else { return raiseDepth() }
    guard fits(newSize) else {
      raiseMemoryLimit()
      return false
    }
    addStack(bytes: newSize - size)
    let stack = Raw.allocate(byteCount: newSize, alignment: 16)
    stack.copyMemory(from: old, byteCount: size)
    (stack + size).initializeMemory(as: Value.self, repeating: .null, count: (newSize - size) / Instruction.valueSize)
    var frame = pointee.frames
    while frame <= pointee.frame {
      frame.pointee.base = stack + (frame.pointee.base - old)
      frame += 1
    }
    old.deallocate()
    pointee.stack = stack
    pointee.stackEnd = stack + newSize
    return true
  }

  /// Room for more frames; false when the call depth's limit is passed.
  @inline(never)
  func growFrames() -> Bool {
    let old = pointee.frames
    let count = pointee.framesEnd - old
    let limit = pointee.machine._withUnsafeGuaranteedRef { $0.limits.callDepth } + 1
    guard count < limit else { return raiseDepth() }
    let newCount = min(limit, count * 2)
    let frames = UnsafeMutablePointer<Frame>.allocate(capacity: newCount)
    frames.update(from: old, count: count)
    pointee.frame = frames + (pointee.frame - old)
    old.deallocate()
    pointee.frames = frames
    pointee.framesEnd = frames + newCount
    return true
  }

  private func raiseDepth() -> Bool {
    let limit = pointee.machine._withUnsafeGuaranteedRef { $0.limits.callDepth }
    raise("E_DEPTH", "calls are nested deeper than \(limit): a function that calls itself without an end?")
    return false
  }
}
