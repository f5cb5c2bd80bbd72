// Sets of Unicode scalars, for the classes of a pattern.

/// A set of Unicode scalars, as ranges of their values.
///
/// INVARIANT after `normalize()`: the ranges are sorted, apart from each other, and not adjacent.
struct ScalarSet: Hashable {
  private(set) var ranges: [ClosedRange<UInt32>] = []

  init() {}

  init(_ scalars: [Unicode.Scalar]) {
    ranges = scalars.map { $0.value...$0.value }
    normalize()
  }

  init(ranges: [ClosedRange<UInt32>]) {
    self.ranges = ranges
    normalize()
  }

  static let all = ScalarSet(ranges: [0...0x10FFFF])
  static let digits = ScalarSet(ranges: [0x30...0x39])
  static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  /// ASCII's white space and that of texts pasted from elsewhere (JavaScript's `\s`).
  static let space = ScalarSet(ranges: [
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
    0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])

  /// POSIX's names, ASCII.
  static let named: [(name: String, set: ScalarSet)] = [
    ("alpha", ScalarSet(ranges: [0x41...0x5A, 0x61...0x7A])),
    ("digit", digits),
    ("alnum", ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x61...0x7A])),
    ("upper", ScalarSet(ranges: [0x41...0x5A])),
    ("lower", ScalarSet(ranges: [0x61...0x7A])),
    ("space", ScalarSet(ranges: [0x09...0x0D, 0x20...0x20])),
    ("blank", ScalarSet(ranges: [0x09...0x09, 0x20...0x20])),
    ("punct", ScalarSet(ranges: [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E])),
    ("xdigit", ScalarSet(ranges: [0x30...0x39, 0x41...0x46, 0x61...0x66])),
    ("cntrl", ScalarSet(ranges: [0x00...0x1F, 0x7F...0x7F])),
    ("graph", ScalarSet(ranges: [0x21...0x7E])),
    ("print", ScalarSet(ranges: [0x20...0x7E])),
    ("word", word),
  ]

  /// The set's only scalar; nil when it has more or none.
  var single: Unicode.Scalar? {
    guard ranges.count == 1, let range = ranges.first, range.lowerBound == range.upperBound else { return nil }
    return Unicode.Scalar(range.lowerBound)
  }

  func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }

  mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

  mutating func formUnion(_ other: ScalarSet) {
    ranges += other.ranges
    normalize()
  }

  mutating func normalize() {
    guard ranges.count > 1 else { return }
    var result: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound + 1 {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    ranges = result
  }

  var inverted: ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return ScalarSet(ranges: result)
  }

  /// With the other case of each letter. Large ranges are taken as they are beyond ASCII: they hold both cases.
  var ignoringCase: ScalarSet {
    var result = self
    for range in ranges {
      let isLarge = range.count > 1000
      for value in isLarge ? range.clamped(to: 0...0x7F) : range {
        guard let scalar = Unicode.Scalar(value) else { continue }
        for variant in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
          let mapped = variant.unicodeScalars
          if let other = mapped.first, mapped.count == 1, other != scalar { result.insert(other.value...other.value) }
        }
      }
    }
    result.normalize()
    return result
  }
}
