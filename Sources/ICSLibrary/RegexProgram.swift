// Patterns compiled to steps.

/// One step of a compiled pattern.
enum RegexInstruction {
  /// Takes a scalar of set number `set` and goes on behind.
  case take(set: Int)
  /// Goes on at both places; the first is preferred.
  case split(Int, Int)
  case jump(Int)
  /// Notes the place: the start (even) or the end (odd) of group `slot / 2`.
  case save(slot: Int)
  case assert(RegexAssertion)
  case match
}

/// A pattern as instructions: what the automatons run.
struct RegexProgram {
  private(set) var instructions: [RegexInstruction] = []
  private(set) var sets: [ScalarSet] = []
  private(set) var hasAssertions = false

  /// The most instructions. Together with the work limit of a search it bounds what a pattern can cost.
  static let maximumSize = 5_000
  private static let maximumSets = 1_000

  private var setNumbers: [ScalarSet: Int] = [:]
  private var work = 0
  private let isReversed: Bool
  private let savesGroups: Bool

  /// - Parameters:
  ///   - isReversed: Whether the text is read from its end to its start.
  ///   - isUnanchored: Whether the match may begin anywhere from the search's start on.
  ///   - savesGroups: Whether the places of groups are noted.
  init(_ root: RegexNode, isReversed: Bool, isUnanchored: Bool, savesGroups: Bool) throws(RegexError) {
    self.isReversed = isReversed
    self.savesGroups = savesGroups
    if isUnanchored {
      // .*? in front: tries the pattern here first, then one scalar further.
      instructions = [.split(3, 1), .take(set: try number(of: .all)), .jump(0)]
    }
    try compile(root)
    try emit(.match)
    setNumbers = [:]
  }

  private mutating func emit(_ instruction: RegexInstruction) throws(RegexError) {
    instructions.append(instruction)
    if instructions.count > Self.maximumSize { throw .tooLarge }
  }

  private mutating func number(of set: ScalarSet) throws(RegexError) -> Int {
    if let number = setNumbers[set] { return number }
    guard sets.count < Self.maximumSets else { throw .tooLarge }
    setNumbers[set] = sets.count
    sets.append(set)
    return sets.count - 1
  }

  private mutating func compile(_ node: RegexNode) throws(RegexError) {
    // Counts what emits nothing as well: `(?:){9999}{9999}` would be compiled for hours.
    work += 1
    if work > 10 * Self.maximumSize { throw .tooLarge }
    switch node {
    case .empty: break
    case .one(let set): try emit(.take(set: try number(of: set)))
    case .sequence(let items):
      if isReversed {
        for item in items.reversed() { try compile(item) }
      } else {
        for item in items { try compile(item) }
      }
    case .alternatives(let items): try compile(alternatives: items)
    case .repeated(let item, let minimum, let maximum, let isLazy):
      try compile(item, minimum: minimum, maximum: maximum, isLazy: isLazy)
    case .group(let item, let number):
      if savesGroups { try emit(.save(slot: number * 2)) }
      try compile(item)
      if savesGroups { try emit(.save(slot: number * 2 + 1)) }
    case .assertion(let assertion):
      hasAssertions = true
      try emit(.assert(assertion))
    }
  }

  private mutating func compile(alternatives items: [RegexNode]) throws(RegexError) {
    var ends: [Int] = []
    for (index, item) in items.enumerated() {
      guard index < items.count - 1 else {
        try compile(item)
        break
      }
      let split = instructions.count
      try emit(.split(split + 1, 0))
      try compile(item)
      ends.append(instructions.count)
      try emit(.jump(0))
      instructions[split] = .split(split + 1, instructions.count)
    }
    for end in ends { instructions[end] = .jump(instructions.count) }
  }

  private mutating func compile(
    _ item: RegexNode, minimum: Int, maximum: Int?, isLazy: Bool
  ) throws(RegexError) {
    for _ in 0..<minimum { try compile(item) }
    guard let maximum else { return try compileStar(item, isLazy: isLazy) }
    var splits: [Int] = []
    for _ in minimum..<maximum {
      splits.append(instructions.count)
      try emit(.split(0, 0))
      try compile(item)
    }
    for split in splits { setSplit(at: split, inside: split + 1, behind: instructions.count, isLazy: isLazy) }
  }

  private mutating func compileStar(_ item: RegexNode, isLazy: Bool) throws(RegexError) {
    let split = instructions.count
    try emit(.split(0, 0))
    try compile(item)
    try emit(.jump(split))
    setSplit(at: split, inside: split + 1, behind: instructions.count, isLazy: isLazy)
  }

  private mutating func setSplit(at index: Int, inside: Int, behind: Int, isLazy: Bool) {
    instructions[index] = isLazy ? .split(behind, inside) : .split(inside, behind)
  }
}
