// The part of a machine that the loop touches, in raw memory.

/// A call in progress.
package struct Frame: BitwiseCopyable {
  /// The next word; saved when the frame calls another one or stops.
  package var pc: UnsafeMutablePointer<UInt64>
  /// Register 0; `base[-1]` receives the result.
  package var base: Raw
  /// The constants of the running function.
  package var constants: Raw
  /// The running closure's heap object.
  package var closure: Raw
}

/// A block of equally large cells.
struct Block: BitwiseCopyable {
  var base: Raw
  var cellCount: Int
  /// In bytes.
  var size: Int
}

/// Everything the loop touches, in raw memory behind one pointer: no class, no exclusivity check, no reference count.
/// One task at a time may use it. The class around it is `Machine`.
package struct MachineState {
  // The running fiber's stacks; swapped when another fiber runs.
  var stack: Raw
  var stackEnd: Raw
  var frames: UnsafeMutablePointer<Frame>
  var framesEnd: UnsafeMutablePointer<Frame>
  var frame: UnsafeMutablePointer<Frame>

  var globals: ValuePointer
  var prelude: ValuePointer
  /// What is left of this slice; below zero `Machine.refuel` is asked. The loop keeps it in a register and stores it
  /// here around natives, which pay from it.
  var fuel: Int
  /// Bytes handed out since the last collection, less the threshold; above zero a safe point collects.
  var debt: Int
  /// What `debt` was below zero after the last collection: `debt + threshold` bytes were handed out since.
  var threshold: Int
  /// Work done by slow paths that the loop has not paid for yet; see `takeWork`.
  var work: Int
  /// With this much of it they look at the limits.
  let workBatch: Int
  /// The error being thrown, after a slow path or a native gave up.
  var raised: Value
  /// What an operator could not do, while its error is still to be made.
  var fault = Fault.none
  /// The main function's result, while other fibers still run.
  var stackResult: Value
  /// Where the result of a suspended call goes: a byte offset from `stack`.
  var resumeOffset: Int
  /// The native that was called last, for messages.
  var native: UInt64

  // Heap.
  var freeCells: UnsafeMutablePointer<UInt>
  var blocks: UnsafeMutablePointer<Vector<Block>>
  var sweepCursor: UnsafeMutablePointer<Int>
  var largeObjects: Vector<Raw>
  var gray: Vector<Raw>
  /// Long ranges of values that are marked piece by piece.
  var longRanges = Vector<ValueRange>()
  /// What was marked since the limits were looked at.
  var markingWork = 0
  var epoch: UInt64
  /// Bytes marked by the last collection.
  var live: Int
  /// Bytes taken from the system.
  var total: Int
  /// The bytes of all fibers' stacks; part of `live` and `total`.
  var stackBytes: Int
  /// The most that may be live.
  var memoryLimit: Int
  /// With more than this taken from the system a collection is due.
  var totalAlarm: Int
  var isStressed: Bool
  /// One of many machines: memory is taken in smaller pieces at first.
  var isSmall: Bool
  var collections: Int
  /// Collections in a row that a limit ended.
  var abortedCollections = 0

  // Names and shapes.
  var names: UnsafeMutablePointer<UInt>
  var nameMask: Int
  var nameCount: Int
  var hashSeed: UInt64
  var shapes: ShapeTable

  /// Back to the class, for slow paths. INVARIANT: the machine outlives its state.
  var machine: Unmanaged<Machine>
}

/// A machine's state, as every part of the virtual machine and every native passes it around.
package typealias VM = UnsafeMutablePointer<MachineState>
