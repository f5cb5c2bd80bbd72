// The heap: cells in size classes of 16 bytes up to 1008, in blocks of 4 to 64 kB with free lists; larger objects by malloc.
//
// INVARIANT: allocation never collects. It only adds to `debt`; the loop collects at safe points, after an allocating
// instruction has stored its result. So slow paths and natives hold plain addresses while they run.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The number of size classes; class c holds cells of 16 c bytes. Class 0 marks a large object.
private let classCount = 64
private let largestBlock = 65536
/// In front of a large object: its index in `largeObjects` and its size in bytes.
private let largePrefix = 16
/// The most bytes that one object may take, whatever the memory limit: lengths are 32 bits.
let largestRequest = 1 << 31

/// The system itself has no memory left: nothing can be reported from here, and no limit of ours was passed.
func outOfMemory() -> Never {
  let message: StaticString = "ics: the system is out of memory\n"
  _ = write(2, message.utf8Start, message.utf8CodeUnitCount)
  exit(1)
}

extension VM {
  /// Makes an object of `size` bytes, header included. Only the header is initialised.
  @inline(__always)
  func allocate(_ size: Int, tag: UInt8, aux: UInt32 = 0) -> Raw {
    let sizeClass = (size &+ 15) >> 4
    if sizeClass < classCount {
      let head = pointee.freeCells[sizeClass]
      if head != 0 {
        let p = Raw(bitPattern: head).unsafelyUnwrapped
        pointee.freeCells[sizeClass] = load(p, 8, as: UInt.self)
        store(p, 0, header(tag: tag, sizeClass: sizeClass, aux: aux))
        return p
      }
    }
    return allocateSlow(size, tag: tag, aux: aux)
  }

  @inline(__always)
  private func header(tag: UInt8, sizeClass: Int, aux: UInt32) -> UInt64 {
    UInt64(tag) | pointee.epoch << 8 | UInt64(UInt(bitPattern: sizeClass)) << 16 | UInt64(aux) << 32
  }

  @inline(never)
  private func allocateSlow(_ size: Int, tag: UInt8, aux: UInt32) -> Raw {
    let sizeClass = (size + 15) >> 4
    guard sizeClass < classCount else { return allocateLarge(size, tag: tag, aux: aux) }
    refill(sizeClass)
    let p = Raw(bitPattern: pointee.freeCells[sizeClass]).unsafelyUnwrapped
    pointee.freeCells[sizeClass] = load(p, 8, as: UInt.self)
    store(p, 0, header(tag: tag, sizeClass: sizeClass, aux: aux))
    return p
  }

  private func allocateLarge(_ size: Int, tag: UInt8, aux: UInt32) -> Raw {
    guard let memory = malloc(size + largePrefix) else { outOfMemory() }
    store(memory, 0, pointee.largeObjects.count)
    store(memory, 8, size)
    let p = memory + largePrefix
    pointee.largeObjects.append(p)
    account(size)
    pointee.debt += size
    store(p, 0, header(tag: tag, sizeClass: 0, aux: aux))
    return p
  }

  /// Grows a large object, moving it when needed. Only for objects of size class 0.
  func reallocateLarge(_ p: Raw, size: Int) -> Raw {
    let old = load(p - largePrefix, 8, as: Int.self)
    guard let memory = realloc(p - largePrefix, size + largePrefix) else { outOfMemory() }
    store(memory, 8, size)
    let moved = memory + largePrefix
    pointee.largeObjects[load(memory, 0, as: Int.self)] = moved
    account(size - old)
    pointee.debt += size - old
    return moved
  }

  /// How many bytes a large object has.
  func largeSize(of p: Raw) -> Int { load(p - largePrefix, 8, as: Int.self) }

  private func account(_ bytes: Int) {
    pointee.total += bytes
    if pointee.total > pointee.totalAlarm { pointee.debt = max(pointee.debt, 1) }
  }

  /// Whether the script may have so many bytes more.
  ///
  /// INVARIANT: between two collections at most a tenth of the room is handed out (`setThreshold`), and all of it may be
  /// garbage by now. So a request that ends within the limit and that tenth is granted, and no other one.
  package func fits(_ bytes: Int) -> Bool {
    let room = pointee.memoryLimit - pointee.live
    guard bytes >= 0 && bytes <= room else { return false }
    let sinceCollection = max(0, pointee.debt + pointee.threshold)
    return sinceCollection + bytes <= room + max(leastSlack, room / 10)
  }

  /// At least so much is handed out between two collections: a small part of the limit.
  private var leastSlack: Int { min(64 << 10, pointee.memoryLimit / 20) }

  /// How large a block is: a small part of the memory limit.
  private var blockSize: Int { min(largestBlock, max(4096, pointee.memoryLimit / 32 & ~4095)) }

  /// Decides when the next collection is due.
  func setThreshold() {
    let room = max(0, pointee.memoryLimit - pointee.live)
    let slack = max(leastSlack, room / 10)
    pointee.threshold = min(max(4 << 20, pointee.live), slack)
    pointee.totalAlarm = max(pointee.memoryLimit, pointee.total + slack)
    pointee.debt = pointee.isStressed ? 1 : -pointee.threshold
  }

  /// Bytes of stacks count as live ones.
  func addStack(bytes: Int) {
    pointee.stackBytes += bytes
    pointee.debt += bytes
    account(bytes)
  }

  func removeStack(bytes: Int) {
    pointee.stackBytes -= bytes
    pointee.total -= bytes
  }

  /// Fills an empty free list: sweeps a block that the last collection left, or takes a new one.
  @inline(never)
  private func refill(_ sizeClass: Int) {
    let cellSize = sizeClass << 4
    let blocks = pointee.blocks + sizeClass
    while pointee.sweepCursor[sizeClass] < blocks.pointee.count {
      let block = blocks.pointee[pointee.sweepCursor[sizeClass]]
      pointee.sweepCursor[sizeClass] += 1
      let (head, count) = sweep(block, cellSize: cellSize)
      // A block that is nearly full is left for the next collection: walking it again and again costs more.
      if count * 8 >= block.cellCount {
        pointee.freeCells[sizeClass] = head
        pointee.debt += count * cellSize
        return
      }
    }
    addBlock(sizeClass, cellSize: cellSize)
  }

  /// Threads the dead cells of a block onto a list, in address order.
  private func sweep(_ block: Block, cellSize: Int) -> (head: UInt, count: Int) {
    let epoch = UInt8(truncatingIfNeeded: pointee.epoch)
    var head: UInt = 0
    var count = 0
    var p = block.base + (block.cellCount - 1) * cellSize
    for _ in 0..<block.cellCount {
      let word = load(p, 0, as: UInt64.self)
      let isFree = UInt8(truncatingIfNeeded: word) == 0
      if isFree || UInt8(truncatingIfNeeded: word >> 8) != epoch {
        if !isFree { store(p, 0, UInt64(0)) }
        store(p, 8, head)
        head = UInt(bitPattern: p)
        count += 1
      }
      p -= cellSize
    }
    return (head, count)
  }

  private func addBlock(_ sizeClass: Int, cellSize: Int) {
    // The first block of a class is small: a short script touches few pages.
    let number = pointee.blocks[sizeClass].count
    let size: Int
    var memory: UnsafeMutableRawPointer?
    if pointee.isSmall && number < 3 {
      size = min(blockSize, max(512, cellSize * 4) << (2 * number))
      memory = malloc(size)
    } else {
      size = number == 0 ? max(4096, cellSize * 16) : blockSize
      guard posix_memalign(&memory, 4096, size) == 0 else { outOfMemory() }
    }
    guard let base = memory else { outOfMemory() }
    account(size)
    let count = size / cellSize
    pointee.blocks[sizeClass].append(Block(base: base, cellCount: count, size: size))
    pointee.sweepCursor[sizeClass] += 1
    var head: UInt = 0
    var p = base + (count - 1) * cellSize
    for _ in 0..<count {
      store(p, 0, UInt64(0))
      store(p, 8, head)
      head = UInt(bitPattern: p)
      p -= cellSize
    }
    pointee.freeCells[sizeClass] = head
    pointee.debt += count * cellSize
  }

  /// Gives back a buffer that nothing refers to any more. Small cells are left to the sweep: a cell that is put on a
  /// free list while its block waits to be swept would be listed twice.
  func release(buffer p: Raw) {
    guard load(p, Layout.sizeClass, as: UInt8.self) == 0 else { return }
    let index = load(p - largePrefix, 0, as: Int.self)
    let last = pointee.largeObjects.removeLast()
    if last != p {
      pointee.largeObjects[index] = last
      store(last - largePrefix, 0, index)
    }
    pointee.total -= load(p - largePrefix, 8, as: Int.self)
    free(p - largePrefix)
  }

  /// The size in bytes that an object takes.
  @inline(__always)
  func size(of p: Raw) -> Int {
    let sizeClass = Int(load(p, Layout.sizeClass, as: UInt8.self))
    return sizeClass != 0 ? sizeClass << 4 : load(p - largePrefix, 8, as: Int.self)
  }

  /// Starts an empty heap; the fields are memory without content before.
  static func makeHeapTables() -> (
    cells: UnsafeMutablePointer<UInt>, blocks: UnsafeMutablePointer<Vector<Block>>, cursors: UnsafeMutablePointer<Int>
  ) {
    let cells = UnsafeMutablePointer<UInt>.allocate(capacity: classCount)
    cells.initialize(repeating: 0, count: classCount)
    let blocks = UnsafeMutablePointer<Vector<Block>>.allocate(capacity: classCount)
    for c in 0..<classCount { (blocks + c).initialize(to: Vector()) }
    let cursors = UnsafeMutablePointer<Int>.allocate(capacity: classCount)
    cursors.initialize(repeating: 0, count: classCount)
    return (cells, blocks, cursors)
  }

  /// Frees every block, object and table of the heap.
  func destroyHeap() {
    for index in 0..<pointee.largeObjects.count { free(pointee.largeObjects[index] - largePrefix) }
    pointee.largeObjects.deallocate()
    pointee.gray.deallocate()
    pointee.longRanges.deallocate()
    for c in 0..<classCount {
      for index in 0..<pointee.blocks[c].count { free(pointee.blocks[c][index].base) }
      pointee.blocks[c].deallocate()
    }
    pointee.blocks.deallocate()
    pointee.sweepCursor.deallocate()
    pointee.freeCells.deallocate()
  }

  /// Leaves what is not swept yet to the next collection: until then cells come from the free lists and from new blocks.
  func endSweep() {
    for c in 0..<classCount { pointee.sweepCursor[c] = pointee.blocks[c].count }
  }

  /// Forgets all free lists, so that the next allocations sweep with the new epoch.
  func restartSweep() {
    for c in 0..<classCount {
      pointee.freeCells[c] = 0
      pointee.sweepCursor[c] = 0
    }
  }

  /// Gives blocks without a live cell back to the system, so that another size class can have the memory. Between a
  /// collection's marking and `restartSweep`.
  func releaseEmptyBlocks() {
    let epoch = UInt8(truncatingIfNeeded: pointee.epoch)
    for c in 1..<classCount {
      let cellSize = c << 4
      let blocks = pointee.blocks + c
      var index = 0
      while index < blocks.pointee.count {
        let block = blocks.pointee[index]
        if hasLiveCell(block, cellSize: cellSize, epoch: epoch) {
          index += 1
          continue
        }
        let last = blocks.pointee.removeLast()
        if index < blocks.pointee.count { blocks.pointee[index] = last }
        pointee.total -= block.size
        free(block.base)
      }
    }
  }

  private func hasLiveCell(_ block: Block, cellSize: Int, epoch: UInt8) -> Bool {
    for index in 0..<block.cellCount where load(block.base + index * cellSize, Layout.mark, as: UInt8.self) == epoch {
      return true
    }
    return false
  }

  /// Overwrites every dead cell, so that a value that somebody still holds is noticed: for the stress mode.
  func poisonDeadCells() {
    let epoch = UInt8(truncatingIfNeeded: pointee.epoch)
    for c in 1..<classCount {
      for index in 0..<pointee.blocks[c].count {
        let block = pointee.blocks[c][index]
        for number in 0..<block.cellCount {
          let p = block.base + number * (c << 4)
          if load(p, 0, as: UInt8.self) == 0 || load(p, Layout.mark, as: UInt8.self) == epoch { continue }
          memset(p, 0xA5, c << 4)
          store(p, 0, UInt64(0))
        }
      }
    }
  }

  /// Frees the large objects that the collection did not mark.
  func sweepLargeObjects() {
    let epoch = UInt8(truncatingIfNeeded: pointee.epoch)
    var index = 0
    while index < pointee.largeObjects.count {
      let p = pointee.largeObjects[index]
      if load(p, Layout.mark, as: UInt8.self) != epoch { release(buffer: p) } else { index += 1 }
    }
  }
}
