// Stop-the-world marking; sweeping is lazy (`Heap.refill`). The mark byte is an epoch, so no pass clears marks. A limit
// that is met while a large heap is marked ends the collection: everything stays until the next one.

/// How many values are marked between two looks at the limits: some two milliseconds when none is in a cache.
private let markingPiece = 1 << 14

/// Values in a row that are still to be marked.
struct ValueRange {
  var start: ValuePointer
  var count: Int
}

extension VM {
  /// A safe point: collects when enough was allocated. `top` is the end of the running frame's registers.
  /// Returns false when the memory limit is passed even so, or another limit was met; `raised` then holds the error.
  @inline(never)
  func safePoint(top: Raw) -> Bool {
    guard !hasMetLimit, collect(top: top) else { return false }
    if pointee.live <= pointee.memoryLimit { return true }
    raiseMemoryLimit()
    return false
  }

  func raiseMemoryLimit() {
    raiseLimit("E_MEMORY", "the script needs more than its limit of \(pointee.memoryLimit) bytes of memory")
  }

  /// The memory limit has no room for what a slow path was to make: the path gives up, and the loop finds the error.
  @inline(never)
  func refuseMemory() {
    if !hasMetLimit { raiseMemoryLimit() }
    pointee.machine._withUnsafeGuaranteedRef { $0.callLoop() }
  }

  /// False, with the error in the state, when a limit was met on the way: then nothing was collected.
  func collect(top: Raw) -> Bool {
    pointee.collections += 1
    pointee.machine._withUnsafeGuaranteedRef { $0.notePeak() }
    pointee.epoch = pointee.epoch == 255 ? 1 : pointee.epoch + 1
    let inUse = memoryInUse
    pointee.live = pointee.stackBytes
    // An error made while marking must not sweep what has no mark yet.
    endSweep()
    markRoots(top: top)
    // Only so many in a row are given up: an epoch that comes again would take old marks for new ones.
    guard drainGray(mayStop: pointee.abortedCollections < 100) else {
      pointee.abortedCollections += 1
      pointee.gray.removeAll()
      pointee.longRanges.removeAll()
      pointee.live = max(inUse, pointee.live)
      setThreshold()
      return false
    }
    pointee.abortedCollections = 0
    pointee.machine._withUnsafeGuaranteedRef { $0.dropDeadHostObjects(epoch: UInt8(truncatingIfNeeded: pointee.epoch)) }
    sweepLargeObjects()
    if pointee.isStressed { poisonDeadCells() }
    // Memory of one size class is of no use to the others.
    if pointee.total > pointee.memoryLimit || pointee.total / 4 > pointee.live + (8 << 20) { releaseEmptyBlocks() }
    restartSweep()
    setThreshold()
    return true
  }

  private func markRoots(top: Raw) {
    // Above the top there may be stale values of earlier calls: they are cleared, so that whatever is found there
    // after a later call is from after this collection.
    let topPointer = top.assumingMemoryBound(to: Value.self)
    markStack(pointee.stack, top: topPointer)
    let end = pointee.stackEnd.assumingMemoryBound(to: Value.self)
    if topPointer < end { topPointer.update(repeating: .null, count: end - topPointer) }
    markFrames(pointee.frames, through: pointee.frame)
    mark(pointee.raised)
    mark(pointee.stackResult)
    for index in 0...pointee.nameMask where pointee.names[index] != 0 {
      markObject(Raw(bitPattern: pointee.names[index]).unsafelyUnwrapped)
    }
    pointee.machine._withUnsafeGuaranteedRef { $0.markRoots(self) }
  }

  func markStack(_ stack: Raw, top: ValuePointer) {
    let start = stack.assumingMemoryBound(to: Value.self)
    markRange(start, top - start)
  }

  func markFrames(_ first: UnsafeMutablePointer<Frame>, through last: UnsafeMutablePointer<Frame>) {
    var frame = first
    while frame <= last {
      // The stub's frame has no closure: its field holds an address below any object's.
      if UInt(bitPattern: frame.pointee.closure) > 4096 { markObject(frame.pointee.closure) }
      frame += 1
    }
  }

  @inline(__always)
  func mark(_ value: Value) {
    if value.isHeap { markObject(value.address) }
  }

  /// Marks values now, or later in `drainGray` when they are many.
  @inline(__always)
  func markRange(_ start: ValuePointer, _ count: Int) {
    if count > markingPiece { return pointee.longRanges.append(ValueRange(start: start, count: count)) }
    markNow(start, count)
  }

  @inline(__always)
  private func markNow(_ start: ValuePointer, _ count: Int) {
    pointee.markingWork &+= count
    var index = 0
    while index < count {
      mark(start[index])
      index &+= 1
    }
  }

  @inline(__always)
  func markObject(_ p: Raw) {
    let epoch = UInt8(truncatingIfNeeded: pointee.epoch)
    if load(p, Layout.mark, as: UInt8.self) == epoch { return }
    store(p, Layout.mark, epoch)
    pointee.live &+= size(of: p)
    if load(p, 0, as: UInt8.self) != Tag.string {
      pointee.gray.append(p)
    } else if load(p, Layout.flags, as: UInt8.self) & Layout.flagExternal != 0 {
      markLeaf(load(p, Layout.stringBytes, as: Raw.self) - 16)
    }
  }

  @inline(__always)
  private func markLeaf(_ p: Raw) {
    let epoch = UInt8(truncatingIfNeeded: pointee.epoch)
    if load(p, Layout.mark, as: UInt8.self) == epoch { return }
    store(p, Layout.mark, epoch)
    pointee.live &+= size(of: p)
  }

  /// Marks what is reachable; false when a limit was met, which is looked at now and then.
  private func drainGray(mayStop: Bool) -> Bool {
    while true {
      if pointee.gray.count > 0 {
        pointee.markingWork &+= 1
        markChildren(pointee.gray.removeLast())
      } else if pointee.longRanges.count > 0 {
        markPiece()
      } else {
        return true
      }
      if pointee.markingWork >= markingPiece {
        pointee.markingWork = 0
        if mayStop, !mayGoOn() { return false }
      }
    }
  }

  /// Marks the first values of the last long range, and keeps the others for later.
  private func markPiece() {
    let range = pointee.longRanges.removeLast()
    let rest = range.count - markingPiece
    if rest > 0 { pointee.longRanges.append(ValueRange(start: range.start + markingPiece, count: rest)) }
    markNow(range.start, min(range.count, markingPiece))
  }

  private func markChildren(_ p: Raw) {
    switch load(p, 0, as: UInt8.self) {
    case Tag.list: markSlots(of: p)
    case Tag.map:
      if load(p, Layout.aux, as: UInt32.self) == 0 {
        markObject(load(p, Layout.items, as: Raw.self))
      } else {
        markSlots(of: p)
      }
    case Tag.dictionary: markEntries(of: p)
    case Tag.closure:
      let count = Int(load(p, Layout.aux, as: UInt32.self))
      markRange((p + Layout.captures).assumingMemoryBound(to: Value.self), count)
    case Tag.cell: mark(load(p, Layout.cellContent, as: Value.self))
    case Tag.stream:
      mark(load(p, Layout.streamNext, as: Value.self))
      if let keeper = Raw(bitPattern: load(p, Layout.streamKeeper, as: UInt.self)) { markObject(keeper) }
    case Tag.error:
      markRange((p + Layout.errorKind).assumingMemoryBound(to: Value.self), 4)
      let trace = load(p, Layout.errorTrace, as: UInt.self)
      if let trace = Raw(bitPattern: trace) { markLeaf(trace) }
    case Tag.task: mark(load(p, Layout.taskResult, as: Value.self))
    case Tag.module:
      markObject(load(p, Layout.moduleMembers, as: Raw.self))
      markObject(load(p, Layout.moduleName, as: Raw.self))
    default: break
    }
  }

  private func markSlots(of p: Raw) {
    let items = load(p, Layout.items, as: Raw.self)
    if items != p + Layout.inlineItems { markLeaf(items - Layout.bufferItems) }
    markRange(items.assumingMemoryBound(to: Value.self), Int(load(p, Layout.count, as: UInt32.self)))
  }

  private func markEntries(of dictionary: Raw) {
    let used = Int(load(dictionary, 12, as: UInt32.self))
    let entries = KeyTable.entries(dictionary)
    markRange(entries, used * 2)
  }
}
