// Classes of scalars that a pattern does not tell apart: the alphabet of its automaton.

/// What an assertion needs to know of the scalar beside a place.
enum RegexSide: UInt8 {
  case edge, newline, word, other
}

/// The scalars of a pattern in classes: two scalars that every set treats alike are in one class, so that a table of
/// transitions has a few columns and not a million.
struct RegexAlphabet {
  /// The number of classes, without the end of the text, whose class is `count`.
  let count: Int
  /// The class of each ASCII scalar.
  let ascii: [UInt16]
  /// Where the intervals of scalars begin, sorted, and their classes.
  private let starts: [UInt32]
  private let classes: [UInt16]
  /// What each class is to an assertion; `.other` everywhere when there are none.
  let sides: [RegexSide]
  private let hasAssertions: Bool

  private static let maximumIntervals = 4_000
  private static let maximumClasses = 1_000

  init(_ sets: [ScalarSet], hasAssertions: Bool) throws(RegexError) {
    self.hasAssertions = hasAssertions
    var all = sets
    if hasAssertions { all += [ScalarSet(["\n"]), .word] }
    let starts = Self.boundaries(of: all)
    guard starts.count <= Self.maximumIntervals else { throw .tooLarge }
    // The sets that hold each interval are its signature.
    var signatures = [[UInt16]](repeating: [], count: starts.count)
    for (number, set) in all.enumerated() {
      for range in set.ranges {
        var index = Self.interval(of: range.lowerBound, in: starts)
        while index < starts.count, starts[index] <= range.upperBound {
          signatures[index].append(UInt16(truncatingIfNeeded: number))
          index += 1
        }
      }
    }
    var known: [[UInt16]: UInt16] = [:]
    var classes: [UInt16] = []
    var sides: [RegexSide] = []
    for (index, signature) in signatures.enumerated() {
      if let number = known[signature] {
        classes.append(number)
        continue
      }
      guard known.count < Self.maximumClasses else { throw .tooLarge }
      let number = UInt16(known.count)
      known[signature] = number
      classes.append(number)
      sides.append(hasAssertions ? Self.side(of: starts[index]) : .other)
    }
    self.starts = starts
    self.classes = classes
    self.sides = sides
    count = known.count
    ascii = (0..<128).map { classes[Self.interval(of: $0, in: starts)] }
  }

  private static func boundaries(of sets: [ScalarSet]) -> [UInt32] {
    var boundaries: Set<UInt32> = [0]
    for set in sets {
      for range in set.ranges {
        boundaries.insert(range.lowerBound)
        boundaries.insert(range.upperBound + 1)
      }
    }
    return boundaries.sorted()
  }

  private static func interval(of scalar: UInt32, in starts: [UInt32]) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= scalar { low = middle } else { high = middle }
    }
    return low
  }

  private static func side(of scalar: UInt32) -> RegexSide {
    scalar == 10 ? .newline : ScalarSet.word.contains(scalar) ? .word : .other
  }

  /// The class of the scalar that begins at an offset, and its width.
  @inline(__always)
  func next(_ text: UnsafeBufferPointer<UInt8>, _ offset: Int) -> (class: Int, width: Int) {
    let first = text[offset]
    if first < 0x80 { return (Int(ascii[Int(first)]), 1) }
    return decode(text, offset)
  }

  /// The class of the scalar that ends at an offset, and its width.
  @inline(__always)
  func previous(_ text: UnsafeBufferPointer<UInt8>, _ offset: Int) -> (class: Int, width: Int) {
    let last = text[offset - 1]
    if last < 0x80 { return (Int(ascii[Int(last)]), 1) }
    var start = offset - 1
    while start > 0, text[start] & 0xC0 == 0x80, offset - start < 4 { start -= 1 }
    return (decode(text, start).class, offset - start)
  }

  @inline(never)
  private func decode(_ text: UnsafeBufferPointer<UInt8>, _ offset: Int) -> (class: Int, width: Int) {
    let first = UInt32(text[offset])
    let width = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var scalar = first & (0xFF >> UInt32(width + 1))
    for index in offset + 1..<offset + width {
      // The machine's strings are valid; a cut one ends here and not beyond its bytes.
      guard index < text.count else { return (Int(classes[0]), text.count - offset) }
      scalar = scalar << 6 | UInt32(text[index] & 0x3F)
    }
    return (Int(classes[Self.interval(of: scalar, in: starts)]), width)
  }

  /// Calls `body` with each class of the scalars in a set of the pattern, some more than once.
  func forEachClass(of set: ScalarSet, _ body: (Int) -> Void) {
    for range in set.ranges {
      var index = Self.interval(of: range.lowerBound, in: starts)
      while index < starts.count, starts[index] <= range.upperBound {
        body(Int(classes[index]))
        index += 1
      }
    }
  }

  /// What is on the left of an offset.
  func sideBefore(_ text: UnsafeBufferPointer<UInt8>, _ offset: Int) -> RegexSide {
    guard hasAssertions else { return .other }
    return offset == 0 ? .edge : sides[previous(text, offset).class]
  }

  /// What is on the right of an offset.
  func sideAfter(_ text: UnsafeBufferPointer<UInt8>, _ offset: Int) -> RegexSide {
    guard hasAssertions else { return .other }
    return offset == text.count ? .edge : sides[next(text, offset).class]
  }

  /// What a class is to an assertion; the class of the text's end is `count`.
  func side(ofClass number: Int) -> RegexSide {
    number < count ? sides[number] : hasAssertions ? .edge : .other
  }
}

extension RegexAssertion {
  /// Whether it holds between two scalars.
  func holds(left: RegexSide, right: RegexSide) -> Bool {
    switch self {
    case .textStart: left == .edge
    case .textEnd: right == .edge
    case .lineStart: left == .edge || left == .newline
    case .lineEnd: right == .edge || right == .newline
    case .wordBoundary: (left == .word) != (right == .word)
    case .noWordBoundary: (left == .word) == (right == .word)
    }
  }
}
