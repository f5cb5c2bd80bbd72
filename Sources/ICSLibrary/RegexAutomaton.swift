// Matching by a deterministic automaton, built while a text is read.

/// A deterministic automaton that is built as a text asks for its states: about one table look-up per scalar, whatever
/// the pattern. It finds where a match ends (or begins, over a reversed program) but not its groups.
///
/// A state is what remains to be tried after the last scalar, in order of preference, before the closure over
/// instructions that take nothing: the closure needs to know the next scalar, because assertions look at both sides.
/// So a match is found one scalar late, on the transition that leaves its place.
final class RegexAutomaton {
  private let program: RegexProgram
  private let alphabet: RegexAlphabet
  /// Whether set number s holds class c: `membership[s * alphabet.count + c]`.
  private let membership: [Bool]
  /// Whether a longer match is preferred over an earlier alternative: so that a reversed search finds the first start.
  private let prefersLongest: Bool
  private let isReversed: Bool

  /// Entries `next state << 1 | whether there is a match before the scalar`; `unknown` where none was built.
  /// Column `alphabet.count` is the end of the text. State 0 is dead.
  private var table: UnsafeMutablePointer<UInt32>
  private var capacity: Int
  private let stride: Int
  private var states: [State] = []
  private var numbers: [State: Int] = [:]

  private static let unknown = UInt32.max
  /// Bounds what the table takes: 1 MB.
  private static let maximumEntries = 1 << 18
  /// Bounds what the lists of the states take.
  private static let maximumListed = 1 << 18
  private var listed = 0
  /// How many bytes are read between two looks at whether the script may go on.
  private static let pauseInterval = 1 << 14

  private struct State: Hashable {
    var places: [Int32]
    /// What is behind the reader.
    var side: RegexSide
  }

  // Scratch space of the closure.
  private var seen: [UInt32]
  private var generation: UInt32 = 0
  private var stack: [Int] = []

  init(_ program: RegexProgram, _ alphabet: RegexAlphabet, isReversed: Bool) {
    self.program = program
    self.alphabet = alphabet
    self.isReversed = isReversed
    prefersLongest = isReversed
    membership = alphabet.membership(of: program.sets)
    stride = alphabet.count + 1
    capacity = 16
    table = .allocate(capacity: capacity * stride)
    seen = Array(repeating: 0, count: program.instructions.count)
    reset()
  }

  deinit { table.deallocate() }

  private func reset() {
    states.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
    listed = 0
    _ = number(of: State(places: [], side: .other))
    table.update(repeating: 0, count: stride)
  }

  private func startState(_ side: RegexSide) -> Int { number(of: State(places: [0], side: side)) }

  // MARK: Searching

  /// Where the preferred match ends that begins at `start` or later (at `start` only, if the program is anchored).
  ///
  /// - Parameters:
  ///   - isAny: Whether the first place where it is known that there is a match will do.
  ///   - work: Counts steps.
  func end(in text: UnsafeBufferPointer<UInt8>, from start: Int, isAny: Bool, work: inout RegexWork)
    throws(RegexWork.Exceeded) -> Int?
  {
    var state = startState(alphabet.sideBefore(text, start))
    var offset = start
    var found: Int?
    var table = self.table
    let count = text.count
    var pause = start + Self.pauseInterval
    while offset < count {
      if offset >= pause {
        pause = offset + Self.pauseInterval
        try work.add(Self.pauseInterval)
      }
      let (column, width) = alphabet.next(text, offset)
      var entry = table[state * stride + column]
      if entry == Self.unknown {
        entry = try build(&state, column, &work)
        table = self.table
      }
      if entry & 1 != 0 {
        found = offset
        if isAny { break }
      }
      state = Int(entry >> 1)
      if state == 0 { break }
      offset += width
    }
    try work.add(offset - (pause - Self.pauseInterval))
    if offset < count { return found }
    var entry = table[state * stride + alphabet.count]
    if entry == Self.unknown { entry = try build(&state, alphabet.count, &work) }
    return entry & 1 != 0 ? count : found
  }

  /// The first place, not before `limit`, from which a match ends at `end`.
  func start(in text: UnsafeBufferPointer<UInt8>, endingAt end: Int, limit: Int, work: inout RegexWork)
    throws(RegexWork.Exceeded) -> Int?
  {
    var state = startState(alphabet.sideAfter(text, end))
    var offset = end
    var found: Int?
    var pause = end - Self.pauseInterval
    while true {
      if offset <= pause {
        pause = offset - Self.pauseInterval
        try work.add(Self.pauseInterval)
      }
      let (column, width) = offset == 0 ? (alphabet.count, 0) : alphabet.previous(text, offset)
      var entry = table[state * stride + column]
      if entry == Self.unknown { entry = try build(&state, column, &work) }
      if entry & 1 != 0 { found = offset }
      state = Int(entry >> 1)
      if state == 0 || offset <= limit { break }
      offset -= width
    }
    try work.add(pause + Self.pauseInterval - offset)
    return found
  }

  // MARK: Building

  /// Computes one transition. May throw all states away: `state` is then its new number.
  private func build(_ state: inout Int, _ column: Int, _ work: inout RegexWork) throws(RegexWork.Exceeded) -> UInt32 {
    let from = states[state]
    let (matches, places) = step(from, column, &work)
    try work.check()
    if (states.count + 2) * stride > Self.maximumEntries || listed > Self.maximumListed {
      reset()
      state = number(of: from)
    }
    let next = places.isEmpty ? 0 : number(of: State(places: places, side: alphabet.side(ofClass: column)))
    let entry = UInt32(next) << 1 | (matches ? 1 : 0)
    table[state * stride + column] = entry
    return entry
  }

  private func number(of state: State) -> Int {
    if let number = numbers[state] { return number }
    let number = states.count
    if number == capacity { grow() }
    (table + number * stride).update(repeating: Self.unknown, count: stride)
    states.append(state)
    numbers[state] = number
    listed += state.places.count + 8
    return number
  }

  private func grow() {
    let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2 * stride)
    larger.update(from: table, count: capacity * stride)
    table.deallocate()
    table = larger
    capacity *= 2
  }

  /// What is left to try behind a scalar of class `column`, and whether a match ends before it.
  private func step(_ state: State, _ column: Int, _ work: inout RegexWork) -> (matches: Bool, places: [Int32]) {
    generation &+= 1
    if generation == 0 {
      seen = Array(repeating: 0, count: seen.count)
      generation = 1
    }
    let near = state.side
    let far = alphabet.side(ofClass: column)
    let (left, right) = isReversed ? (far, near) : (near, far)
    var matches = false
    var places: [Int32] = []
    for place in state.places {
      stack.append(Int(place))
      while let index = stack.popLast() {
        guard seen[index] != generation else { continue }
        seen[index] = generation
        work.steps += 1
        switch program.instructions[index] {
        case .take(let set):
          if column < alphabet.count, membership[set * alphabet.count + column] { places.append(Int32(index + 1)) }
        case .split(let first, let second):
          stack.append(second)
          stack.append(first)
        case .jump(let target): stack.append(target)
        case .save: stack.append(index + 1)
        case .assert(let assertion):
          if assertion.holds(left: left, right: right) { stack.append(index + 1) }
        case .match:
          matches = true
          if !prefersLongest {
            // Whatever comes later is less preferred.
            stack.removeAll(keepingCapacity: true)
            return (true, places)
          }
        }
      }
    }
    if prefersLongest { places.sort() }
    return (matches, places)
  }
}

extension RegexAlphabet {
  /// Which sets hold which classes: set number times `count` plus class.
  func membership(of sets: [ScalarSet]) -> [Bool] {
    var result = [Bool](repeating: false, count: sets.count * count)
    for (number, set) in sets.enumerated() { forEachClass(of: set) { result[number * count + $0] = true } }
    return result
  }
}
