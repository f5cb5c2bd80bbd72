// Groups of a match, found after its place is known.

/// Finds the groups of a match whose place is known: all threads of the program side by side, each with the places that
/// it noted (Pike's machine). Its work is the match's length times the threads that are alive.
struct RegexCaptures {
  private let program: RegexProgram
  private let alphabet: RegexAlphabet
  private let membership: [Bool]
  private let slotCount: Int

  private enum Pending {
    case explore(Int)
    /// Undoes a note when what followed it is done.
    case restore(slot: Int, old: Int)
  }

  /// Threads in order of preference. The notes of thread `i` begin at `i * slotCount`.
  private struct Threads {
    var places: [Int] = []
    var slots: [Int] = []

    mutating func clear() {
      places.removeAll(keepingCapacity: true)
      slots.removeAll(keepingCapacity: true)
    }
  }

  init(_ program: RegexProgram, _ alphabet: RegexAlphabet, groupCount: Int) {
    self.program = program
    self.alphabet = alphabet
    membership = alphabet.membership(of: program.sets)
    slotCount = (groupCount + 1) * 2
  }

  /// The start and end of each group, -1 where it took no part; the first pair is the match itself.
  func groups(in text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, work: inout RegexWork)
    throws(RegexWork.Exceeded) -> [Int]
  {
    var current = Threads()
    var next = Threads()
    var seen = [Int](repeating: -1, count: program.instructions.count)
    var notes = [Int](repeating: -1, count: slotCount)
    var found = notes
    notes[0] = start
    add(0, at: start, notes: &notes, to: &current, &seen, text, &work)
    var offset = start
    while !current.places.isEmpty {
      let isLast = offset >= end
      let (column, width) = isLast ? (alphabet.count, 0) : alphabet.next(text, offset)
      next.clear()
      threads: for (thread, place) in current.places.enumerated() {
        work.steps += 1
        switch program.instructions[place] {
        case .match:
          found = Array(current.slots[thread * slotCount..<(thread + 1) * slotCount])
          found[1] = offset
          break threads
        case .take(let set):
          guard !isLast, membership[set * alphabet.count + column] else { continue }
          for slot in 0..<slotCount { notes[slot] = current.slots[thread * slotCount + slot] }
          add(place + 1, at: offset + width, notes: &notes, to: &next, &seen, text, &work)
        default: break
        }
      }
      try work.check()
      if isLast { break }
      offset += width
      swap(&current, &next)
    }
    return found
  }

  /// Adds a thread and all that it becomes without taking a scalar.
  private func add(
    _ place: Int, at offset: Int, notes: inout [Int], to threads: inout Threads, _ seen: inout [Int],
    _ text: UnsafeBufferPointer<UInt8>, _ work: inout RegexWork
  ) {
    let left = alphabet.sideBefore(text, offset)
    let right = alphabet.sideAfter(text, offset)
    var stack: [Pending] = [.explore(place)]
    while let pending = stack.popLast() {
      guard case .explore(let index) = pending else {
        if case .restore(let slot, let old) = pending { notes[slot] = old }
        continue
      }
      guard seen[index] != offset else { continue }
      seen[index] = offset
      work.steps += 1
      switch program.instructions[index] {
      case .take, .match:
        threads.places.append(index)
        threads.slots += notes
      case .split(let first, let second):
        stack.append(.explore(second))
        stack.append(.explore(first))
      case .jump(let target): stack.append(.explore(target))
      case .save(let slot):
        stack.append(.restore(slot: slot, old: notes[slot]))
        notes[slot] = offset
        stack.append(.explore(index + 1))
      case .assert(let assertion):
        if assertion.holds(left: left, right: right) { stack.append(.explore(index + 1)) }
      }
    }
  }
}
