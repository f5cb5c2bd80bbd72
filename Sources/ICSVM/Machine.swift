// The machine: the class around the state, with programs, natives and host objects. Its fibers are in
// `Machine+Fibers.swift`, its limits in `Machine+Limits.swift`.

import ICSDiagnostics
import Synchronization

/// What a machine asks of the library above it: the prelude and the built-in methods. Implementations make values
/// lazily, so that a script pays for what it uses.
package protocol MachineLibrary: AnyObject {
  /// The number of prelude names; the compiler's numbers for `getPrelude` are below it.
  var preludeCount: Int { get }
  /// The value of prelude name number `index`, asked for once.
  func preludeValue(_ index: Int, machine: Machine) -> Value
  /// The built-in method of a type (a native, or a closure compiled from ICS), or nil.
  func method(_ name: String, of tag: UInt8, machine: Machine) -> Value?
  /// The names of a type's methods, for suggestions.
  func methodNames(of tag: UInt8) -> [String]
}

/// A host object: a Swift object that scripts hold and read.
package protocol HostObject: AnyObject {
  /// What `type(x)` says.
  var typeName: String { get }
  /// A member's value; nil when there is none. A function among the members is called as a method.
  func member(_ name: String, machine: Machine) throws(Raised) -> Value?
  /// Gives a member another value; false when it cannot be set.
  func setMember(_ name: String, to value: Value, machine: Machine) throws(Raised) -> Bool
  /// The names of the members, for suggestions and completion.
  var memberNames: [String] { get }
}

extension HostObject {
  /// Nothing can be set, unless an object says otherwise.
  package func setMember(_ name: String, to value: Value, machine: Machine) throws(Raised) -> Bool { false }
}

/// A virtual machine: heap, globals, loaded programs and fibers of one running script. Used by one task at a time, and
/// shares nothing with another one.
package final class Machine {
  /// What the loop works on.
  package let state: VM
  /// The prelude and the methods of values.
  package let library: any MachineLibrary
  /// What the script may use. Looked at between two slices of fuel.
  @exclusivity(unchecked) package var limits: Limits
  /// Stops the machine from outside.
  package let interruption: Interruption
  /// Monotonic nanoseconds, for the time limit and timers.
  package let clock: () -> UInt64
  /// Takes what `print` writes.
  package var output: (UnsafeBufferPointer<UInt8>) -> Void = { _ in }
  /// How many bytes were printed, for the limit.
  @exclusivity(unchecked) package var outputBytes = 0
  /// Requests to other systems in this run.
  @exclusivity(unchecked) package internal(set) var requests = 0
  /// The most bytes that values took, as far as collections have seen it.
  @exclusivity(unchecked) var peakMemory = 0
  /// The length of the last text of JSON that was long.
  @exclusivity(unchecked) var lastTextLength = 0
  /// Whatever the layers above need to find again from a native.
  package weak var context: AnyObject?

  /// The programs that were installed, in their order, with the built-ins that are written in the language.
  private(set) package var programs: [LoadedProgram] = []
  private var globalBases: [Int] = []
  /// How many globals all programs have together.
  private(set) package var globalCount = 0
  private var globalCapacity = 0

  var hostObjects: [(object: Raw, host: any HostObject)?] = []
  private var freeHostNumbers: [Int] = []
  private var natives: [NativeFunction] = []
  private var methods: [MethodKey: Value] = [:]
  @exclusivity(unchecked) private var kept: [Kept] = []
  @exclusivity(unchecked) private var freeHandles: [Int] = []

  /// The fibers that have not ended, by number.
  @exclusivity(unchecked) package var fibers: [Int: Fiber] = [:]
  /// What the scheduler keeps between two awaits. Unchecked, as are the two below: a fiber that hands over touches them
  /// some ten times, and no access goes on while another begins.
  @exclusivity(unchecked) var schedule = Schedule()
  /// Gives a fiber its mark: from the fiber that starts it, nil for the first one. Without it a fiber has its starter's.
  package var tagOfNewFiber: ((Fiber?) -> Int)?
  /// Awaits a moment of `clock`; a test's virtual clock puts its own here.
  package var sleepUntil: @Sendable (UInt64) async -> Void = { _ in }
  /// Whether operations' results are taken in the order in which the operations began, whichever comes first: so that
  /// a script does the same when it runs again.
  package var deliversInOrder = false
  var nextFiber = 0
  /// The fiber that is running; nil between two runs.
  @exclusivity(unchecked) package var current: Fiber?
  @exclusivity(unchecked) var pendingSuspension: Suspension?
  /// A fiber kept for the next call from outside.
  @exclusivity(unchecked) var spareFiber: Fiber?
  /// A call from outside that waits, between its two halves.
  @exclusivity(unchecked) var started: (fiber: Fiber, outcome: Outcome)?
  /// Whether the schedule holds what a call has left in it.
  @exclusivity(unchecked) var hasStaleSchedule = false
  /// Called with an error that ends a fiber, while the fiber's frames are still there (`failedFrames`).
  package var willFail: ((Value) -> Void)?
  /// Lets the host begin calls of its own (`inject`) while the machine waits.
  package var takeCalls: (() -> Void)?
  /// The thread that the loop is on; 0 while it is not running. Read by other threads.
  let loopThread = Atomic<UInt>(0)
  /// The native that is running, for messages.
  var runningNative: String { state.pointee.native == 0 ? "this function" : native(state.pointee.native).name }

  /// How many fibers natives run inside each other: each takes some of the thread's own stack.
  @exclusivity(unchecked) var nesting = 0
  /// How many conversions of the host are under way, inside each other.
  @exclusivity(unchecked) var conversions = 0
  /// Whether long work is done in turns, so that other tasks get a thread meanwhile.
  @exclusivity(unchecked) package var takesTurns = false
  /// The fuel used since the turn began, by the loop and by natives alike.
  @exclusivity(unchecked) var turnWork = 0
  /// What E_DEPTH says of calls between a host and its scripts.
  package static let tooDeep =
    "functions of the host call back into scripts more than \(NestedCalls.maximum) levels deep"

  @exclusivity(unchecked) var fuelUsed = 0
  @exclusivity(unchecked) var fuelSlice = 0
  /// What of the loop's dues (`MachineState.work`, or taken from its fuel already) is no work: see `callLoop`.
  @exclusivity(unchecked) var alarm = 0
  /// When the allowance of time began, in nanoseconds of `clock`.
  @exclusivity(unchecked) package internal(set) var startTime: UInt64

  /// [callSpread R0][halt]: what the bottom frame of every fiber runs. After it [call R0, n][halt] for small n.
  let stub: UnsafeMutablePointer<UInt64>
  let names: KnownNames

  /// What a handle keeps, and how often its place was given up: an old handle finds nothing in a place that is used again.
  private struct Kept {
    var value: Value
    var generation = 0
  }

  private struct MethodKey: Hashable {
    var name: UInt
    var tag: UInt8
  }

  /// A machine without programs.
  ///
  /// - Parameters:
  ///   - hashSeed: Gives the hashes of keys; a random one keeps others from choosing keys that collide. Any number spreads
  ///     the keys equally well.
  ///   - clock: Monotonic nanoseconds.
  ///   - isSmall: Whether it is one of many: memory is then taken in small pieces at first.
  package init(
    library: any MachineLibrary, limits: Limits = Limits(), interruption: Interruption = Interruption(),
    hashSeed: UInt64, clock: @escaping () -> UInt64, isSmall: Bool = false
  ) {
    self.library = library
    self.limits = limits
    self.interruption = interruption
    self.clock = clock
    startTime = clock()
    stub = Machine.makeStub()
    let heap = VM.makeHeapTables()
    let nameCount = isSmall ? 64 : 1024
    let nameTable = UnsafeMutablePointer<UInt>.allocate(capacity: nameCount)
    nameTable.initialize(repeating: 0, count: nameCount)
    let prelude = ValuePointer.allocate(capacity: max(1, library.preludeCount))
    prelude.initialize(repeating: .unset, count: library.preludeCount)
    // No fiber runs yet: these are never read before `activate`.
    let nowhere = Raw(bitPattern: 16).unsafelyUnwrapped
    let noFrame = nowhere.assumingMemoryBound(to: Frame.self)
    state = VM.allocate(capacity: 1)
    names = KnownNames()
    state.initialize(
      to: MachineState(
        stack: nowhere, stackEnd: nowhere, frames: noFrame, framesEnd: noFrame, frame: noFrame,
        globals: ValuePointer.allocate(capacity: 1), prelude: prelude, fuel: 0, debt: 0, threshold: 0, work: 0,
        workBatch: Machine.workBatch(limits),
        raised: .null, stackResult: .null, resumeOffset: 0, native: 0, freeCells: heap.cells, blocks: heap.blocks,
        sweepCursor: heap.cursors,
        largeObjects: Vector(), gray: Vector(), epoch: 1, live: 0, total: 0,
        stackBytes: 0, memoryLimit: limits.memory, totalAlarm: limits.memory, isStressed: false, isSmall: isSmall,
        collections: 0,
        names: nameTable, nameMask: nameCount - 1,
        nameCount: 0, hashSeed: mix(hashSeed, 0x9E37_79B9_7F4A_7C15), shapes: ShapeTable(),
        machine: Unmanaged.passUnretained(self)))
    names.make(state)
    state.setThreshold()
    refill()
  }

  deinit {
    dropFibers()
    state.destroyHeap()
    state.pointee.shapes.destroy()
    state.pointee.names.deallocate()
    state.pointee.globals.deallocate()
    state.pointee.prelude.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
    stub.deallocate()
  }

  /// Collects at every safe point from now on: for tests, slow.
  package func stressCollector() {
    state.pointee.isStressed = true
    state.setThreshold()
  }

  // MARK: Programs

  /// Loads a program. Its imports refer to programs loaded before, by their order of loading.
  package func install(_ program: Program) -> LoadedProgram {
    let base = globalCount
    globalBases.append(base)
    globalCount += program.globals.count
    growGlobals()
    let loaded = LoadedProgram(program, globalBase: base, bases: globalBases)
    programs.append(loaded)
    return loaded
  }

  private func growGlobals() {
    guard globalCount > globalCapacity else { return }
    let capacity = max(16, globalCapacity * 2, globalCount)
    let old = state.pointee.globals
    let globals = ValuePointer.allocate(capacity: capacity)
    globals.initialize(repeating: .unset, count: capacity)
    globals.update(from: old, count: globalCapacity)
    old.deallocate()
    state.pointee.globals = globals
    globalCapacity = capacity
  }

  /// Gives a name of the prelude another value: for hosts whose values change while the machine lives.
  package func setPreludeValue(_ index: Int, _ value: Value) { state.pointee.prelude[index] = value }

  /// The value of a name of the prelude as it is now; unset when nobody has read it yet.
  package func currentPreludeValue(_ index: Int) -> Value { state.pointee.prelude[index] }

  /// The value of a program's global.
  package func global(_ slot: Int, of program: LoadedProgram) -> Value {
    state.pointee.globals[program.globalBase + slot]
  }

  /// The value of a global of the program that was installed as the `number`-th; unset before its declaration ran.
  package func global(_ slot: Int, ofProgram number: Int) -> Value {
    guard globalBases.indices.contains(number), globalBases[number] + slot < globalCount else { return .unset }
    return state.pointee.globals[globalBases[number] + slot]
  }

  /// Gives a program's global a value.
  package func setGlobal(_ slot: Int, of program: LoadedProgram, to value: Value) {
    state.pointee.globals[program.globalBase + slot] = value
  }

  /// A built-in written in the language: `program` was compiled in prelude mode, so its prototype 1 is the function, and
  /// it has no globals and imports nothing. It takes no place among the programs that imports count.
  package func preludeFunction(_ program: Program) -> Value {
    let loaded = LoadedProgram(program, globalBase: 0, bases: [])
    programs.append(loaded)
    let closure = state.allocate(Layout.captures, tag: Tag.closure)
    store(closure, Layout.prototype, loaded.prototype(1, state))
    return .object(Tag.closure, closure)
  }

  /// The function that runs a program's top level.
  package func mainClosure(of program: LoadedProgram) -> Value {
    let prototype = program.prototype(0, state)
    let closure = state.allocate(Layout.captures, tag: Tag.closure)
    store(closure, Layout.prototype, prototype)
    return .object(Tag.closure, closure)
  }

  // MARK: Natives and methods

  /// A value that calls a native.
  package func value(of native: NativeFunction) -> Value {
    natives.append(native)
    return Value(tag: Tag.native, bits: UInt64(UInt(bitPattern: Unmanaged.passUnretained(native).toOpaque())))
  }

  func native(_ bits: UInt64) -> NativeFunction {
    Unmanaged<NativeFunction>.fromOpaque(Raw(bitPattern: UInt(bits)).unsafelyUnwrapped).takeUnretainedValue()
  }

  /// The built-in method of a type, by name (interned); asked from the library once.
  func method(_ name: Raw, of tag: UInt8) -> Value? {
    let key = MethodKey(name: UInt(bitPattern: name), tag: tag)
    if let known = methods[key] { return known.isNull ? nil : known }
    let found = library.method(swiftString(name), of: tag, machine: self)
    methods[key] = found ?? .null
    return found
  }

  // MARK: Host objects and handles

  /// A value that stands for a host object, kept alive as long as the script can reach it.
  package func value(of host: any HostObject) -> Value {
    let object = state.allocate(16, tag: Tag.host)
    if let number = freeHostNumbers.popLast() {
      hostObjects[number] = (object, host)
      store(object, Layout.hostNumber, UInt64(number))
    } else {
      store(object, Layout.hostNumber, UInt64(hostObjects.count))
      hostObjects.append((object, host))
    }
    return .object(Tag.host, object)
  }

  /// The host object behind a value.
  package func hostObject(_ value: Value) -> (any HostObject)? {
    guard value.tag == Tag.host else { return nil }
    return hostObjects[Int(load(value.address, Layout.hostNumber, as: UInt64.self))]?.host
  }

  func dropDeadHostObjects(epoch: UInt8) {
    for number in hostObjects.indices {
      guard let entry = hostObjects[number], load(entry.object, Layout.mark, as: UInt8.self) != epoch else {
        continue
      }
      // Its name is not to be asked for any more.
      if let keeper = entry.host as? NativeKeeper, keeper.bits == state.pointee.native { state.pointee.native = 0 }
      hostObjects[number] = nil
      freeHostNumbers.append(number)
    }
  }

  /// Keeps a value alive until the handle is released.
  package func retain(_ value: Value) -> Handle {
    if let index = freeHandles.popLast() {
      kept[index].value = value
      return Handle(index: index, generation: kept[index].generation)
    }
    kept.append(Kept(value: value))
    return Handle(index: kept.count - 1, generation: 0)
  }

  /// The value that a handle keeps; null once it was released.
  package func value(_ handle: Handle) -> Value {
    let entry = kept[handle.index]
    return entry.generation == handle.generation ? entry.value : .null
  }

  /// Lets go of what a handle keeps.
  package func release(_ handle: Handle) {
    guard kept[handle.index].generation == handle.generation else { return }
    kept[handle.index] = Kept(value: .null, generation: handle.generation + 1)
    freeHandles.append(handle.index)
  }

  func markRoots(_ vm: VM) {
    vm.markRange(vm.pointee.globals, globalCount)
    vm.markRange(vm.pointee.prelude, library.preludeCount)
    for value in methods.values { vm.mark(value) }
    for entry in kept { vm.mark(entry.value) }
    for task in schedule.failedTasks { vm.mark(task) }
    for program in programs { program.markRoots(vm) }
    for fiber in fibers.values {
      if let task = fiber.task { vm.markObject(task) }
      if let error = fiber.pendingError { vm.mark(error) }
      if fiber === current { continue }
      // What is above may be stale: cleared, as for the running fiber.
      let top = fiber.liveTop
      vm.markStack(fiber.stack, top: top)
      let end = fiber.stackEnd.assumingMemoryBound(to: Value.self)
      if top < end { top.update(repeating: .null, count: end - top) }
      vm.markFrames(fiber.frames, through: fiber.frame)
    }
  }
}

/// Keeps a value alive outside the memory of the machine that it is from.
package struct Handle: Sendable {
  let index: Int
  let generation: Int
}
