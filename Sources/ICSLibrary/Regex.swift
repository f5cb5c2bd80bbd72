// Regular expressions in linear time: a compiled pattern and its searches.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A compiled pattern.
///
/// A search runs a deterministic automaton forwards to the match's end, a reversed one back to its start, and, only
/// when groups are asked for, Pike's machine over the match. Every part is linear in the text.
final class Regex {
  let groupCount: Int
  let groupNames: [(name: String, number: Int)]

  private let forward: RegexAutomaton
  private let alphabet: RegexAlphabet
  private let root: RegexNode
  /// The bytes that every match begins with.
  private let prefix: [UInt8]
  /// Whether the pattern is nothing but `prefix`.
  private let isLiteral: Bool
  /// Whether a match can begin at the text's start only.
  private let isAnchored: Bool

  // Built when first needed: `test` takes neither.
  private var backward: RegexAutomaton?
  private var captures: RegexCaptures?

  init(_ pattern: String) throws(RegexError) {
    let parsed = try RegexParser.parse(pattern)
    root = parsed.root
    groupCount = parsed.groupCount
    groupNames = parsed.groupNames
    isAnchored = parsed.root.beginsAtTextStart
    let program = try RegexProgram(root, isReversed: false, isUnanchored: !isAnchored, savesGroups: false)
    alphabet = try RegexAlphabet(program.sets, hasAssertions: program.hasAssertions)
    forward = RegexAutomaton(program, alphabet, isReversed: false)
    (prefix, isLiteral) = parsed.root.literalPrefix
    // What is compiled later is found too large now.
    _ = try RegexProgram(root, isReversed: false, isUnanchored: false, savesGroups: true)
  }

  /// Whether there is a match anywhere.
  func matches(_ text: UnsafeBufferPointer<UInt8>, work: inout RegexWork) throws(RegexWork.Exceeded) -> Bool {
    guard let start = try candidate(in: text, from: 0, work: &work) else { return false }
    if isLiteral { return true }
    return try forward.end(in: text, from: start, isAny: true, work: &work) != nil
  }

  /// The first match that begins at `start` or later.
  func firstMatch(in text: UnsafeBufferPointer<UInt8>, from start: Int, work: inout RegexWork)
    throws(RegexWork.Exceeded) -> Range<Int>?
  {
    try work.check()
    if isAnchored && start > 0 { return nil }
    guard let first = try candidate(in: text, from: start, work: &work) else { return nil }
    if isLiteral { return first..<first + prefix.count }
    guard let end = try forward.end(in: text, from: first, isAny: false, work: &work) else { return nil }
    if isAnchored { return 0..<end }
    let begin = try backwardAutomaton().start(in: text, endingAt: end, limit: first, work: &work)
    return (begin ?? end)..<end
  }

  /// The places of the groups of a match: start and end of each, -1 where it took no part, the match itself first.
  func groups(of match: Range<Int>, in text: UnsafeBufferPointer<UInt8>, work: inout RegexWork)
    throws(RegexWork.Exceeded) -> [Int]
  {
    if groupCount == 0 { return [match.lowerBound, match.upperBound] }
    return try captureMachine().groups(in: text, from: match.lowerBound, to: match.upperBound, work: &work)
  }

  /// The first place from `start` on where a match can begin.
  private func candidate(in text: UnsafeBufferPointer<UInt8>, from start: Int, work: inout RegexWork)
    throws(RegexWork.Exceeded) -> Int?
  {
    guard let first = prefix.first, !isAnchored else { return start }
    guard let base = text.baseAddress else { return nil }
    var offset = start
    while offset + prefix.count <= text.count {
      let found = memchr(base + offset, Int32(first), text.count - offset - prefix.count + 1)
      let hit = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(base) } ?? text.count
      try work.add((hit - offset) / 16 + 1)
      offset = hit
      if offset < text.count, memcmp(base + offset, prefix, prefix.count) == 0 { return offset }
      offset += 1
    }
    return nil
  }

  // The programs compiled in `init` under the same limits: nothing here fails. A reversed program has the same parts as
  // the forward one, so an empty stand-in is never used.
  private func backwardAutomaton() -> RegexAutomaton {
    if let backward { return backward }
    let made = RegexAutomaton(anchoredProgram(isReversed: true), alphabet, isReversed: true)
    backward = made
    return made
  }

  private func captureMachine() -> RegexCaptures {
    if let captures { return captures }
    let made = RegexCaptures(anchoredProgram(isReversed: false), alphabet, groupCount: groupCount)
    captures = made
    return made
  }

  private func anchoredProgram(isReversed: Bool) -> RegexProgram {
    do throws(RegexError) {
      return try RegexProgram(root, isReversed: isReversed, isUnanchored: false, savesGroups: !isReversed)
    } catch {
      preconditionFailure("a pattern that was compiled compiles again")
    }
  }
}

extension RegexNode {
  /// Whether every match begins at the text's start.
  fileprivate var beginsAtTextStart: Bool {
    switch self {
    case .assertion(.textStart): true
    case .sequence(let items): items.first?.beginsAtTextStart ?? false
    case .group(let item, _): item.beginsAtTextStart
    case .alternatives(let items): items.allSatisfy(\.beginsAtTextStart)
    default: false
    }
  }

  /// The bytes that every match begins with (at most 32), and whether there is nothing else in the pattern.
  fileprivate var literalPrefix: (bytes: [UInt8], isWhole: Bool) {
    var bytes: [UInt8] = []
    let items: [RegexNode]
    switch self {
    case .one: items = [self]
    case .sequence(let parts): items = parts
    default: return ([], false)
    }
    for item in items {
      guard case .one(let set) = item, let scalar = set.single, bytes.count <= 28 else { return (bytes, false) }
      bytes += Array(String(scalar).utf8)
    }
    return (bytes, true)
  }
}
