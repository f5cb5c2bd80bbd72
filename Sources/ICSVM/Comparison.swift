#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Equality and order between values.

/// Deeper nesting than this is not compared or printed: native recursion stays bounded.
let maximumNesting = 1000

/// What a comparison found; `failed` has raised an error.
enum Truth {
  case no, yes, failed

  @inline(__always)
  init(_ isTrue: Bool) { self = isTrue ? .yes : .no }
}

extension VM {
  /// a < b, or a <= b, for what the loop does not compare in place.
  @inline(never)
  func slowLess(_ a: Value, _ b: Value, orEqual: Bool) -> Truth {
    if a.isNumber && b.isNumber {
      if a.isFloat && b.isFloat { return Truth(orEqual ? a.asFloat <= b.asFloat : a.asFloat < b.asFloat) }
      guard let order = compareNumbers(a, b) else { return .no }
      return Truth(orEqual ? order <= 0 : order < 0)
    }
    if a.isString && b.isString {
      let order = compareStrings(a.address, b.address)
      return Truth(orEqual ? order <= 0 : order < 0)
    }
    raiseOperandTypes(orEqual ? "<=" : "<", a, b)
    return .failed
  }

  /// The exact order of two numbers; nil when one is NaN. An int beyond 2^53 is not rounded for it.
  package func compareNumbers(_ a: Value, _ b: Value) -> Int? {
    if a.isInt && b.isInt { return a.asInt < b.asInt ? -1 : a.asInt > b.asInt ? 1 : 0 }
    if a.isFloat && b.isFloat {
      if a.asFloat.isNaN || b.asFloat.isNaN { return nil }
      return a.asFloat < b.asFloat ? -1 : a.asFloat > b.asFloat ? 1 : 0
    }
    return a.isInt ? compare(a.asInt, b.asFloat) : compare(b.asInt, a.asFloat).map { -$0 }
  }

  private func compare(_ a: Int, _ b: Double) -> Int? {
    if b.isNaN { return nil }
    // 2^63 is a float exactly; everything at or above it is above any int.
    if b >= 9_223_372_036_854_775_808 { return -1 }
    if b < -9_223_372_036_854_775_808 { return 1 }
    let whole = Int(b)
    if a != whole { return a < whole ? -1 : 1 }
    let rest = b - Double(whole)
    return rest > 0 ? -1 : rest < 0 ? 1 : 0
  }

  /// a == b for what the loop does not compare in place.
  @inline(never)
  package func slowEqual(_ a: Value, _ b: Value) -> Bool {
    var pairs: [(Raw, Raw)] = []
    return equal(a, b, depth: 0, pairs: &pairs)
  }

  private func equal(_ a: Value, _ b: Value, depth: Int, pairs: inout [(Raw, Raw)]) -> Bool {
    if a.tag != b.tag {
      return a.isNumber && b.isNumber && compareNumbers(a, b) == 0
    }
    switch a.tag {
    case Tag.float: return a.asFloat == b.asFloat
    case Tag.string: return stringsEqual(a.address, b.address)
    case Tag.range: return rangesEqual(a.address, b.address)
    case Tag.list, Tag.map:
      if a.bits == b.bits { return true }
      // From some depth on, pairs that are being compared count as equal: a value that contains itself ends.
      if depth > 32 {
        if pairs.contains(where: { $0.0 == a.address && $0.1 == b.address }) { return true }
        if depth > maximumNesting { return true }
        pairs.append((a.address, b.address))
      }
      defer { if depth > 32 { pairs.removeLast() } }
      return a.isList
        ? listsEqual(a.address, b.address, depth: depth, pairs: &pairs)
        : mapsEqual(a.address, b.address, depth: depth, pairs: &pairs)
    default: return a.bits == b.bits
    }
  }

  private func listsEqual(_ a: Raw, _ b: Raw, depth: Int, pairs: inout [(Raw, Raw)]) -> Bool {
    let count = listCount(a)
    guard count == listCount(b) else { return false }
    let itemsA = listItems(a)
    let itemsB = listItems(b)
    for index in 0..<count where !equal(itemsA[index], itemsB[index], depth: depth + 1, pairs: &pairs) { return false }
    return true
  }

  private func mapsEqual(_ a: Raw, _ b: Raw, depth: Int, pairs: inout [(Raw, Raw)]) -> Bool {
    guard mapCount(a) == mapCount(b) else { return false }
    var position = 0
    while let entry = mapEntry(a, at: position) {
      guard let other = mapGet(b, entry.key), equal(entry.value, other, depth: depth + 1, pairs: &pairs) else {
        return false
      }
      position = entry.next
    }
    return true
  }

  /// Ranges are equal when their items are.
  private func rangesEqual(_ a: Raw, _ b: Raw) -> Bool {
    let boundsA = rangeBounds(a)
    let boundsB = rangeBounds(b)
    if boundsA.count == 0 || boundsB.count == 0 { return boundsA.count == boundsB.count }
    return boundsA.start == boundsB.start && boundsA.count == boundsB.count
  }

  /// The first item and the number of items of a range; a count beyond the largest int is cut.
  package func rangeBounds(_ r: Raw) -> (start: Int, count: Int) {
    let start = load(r, Layout.rangeStart, as: Int.self)
    let end = load(r, Layout.rangeEnd, as: Int.self)
    let isClosed = load(r, Layout.flags, as: UInt8.self) & Layout.flagClosed != 0
    if isClosed ? end < start : end <= start { return (start, 0) }
    let (distance, overflow) = end.subtractingReportingOverflow(start)
    if overflow { return (start, Int.max) }
    return (start, isClosed ? (distance == Int.max ? Int.max : distance + 1) : distance)
  }

  package func newRange(_ start: Int, _ end: Int, isClosed: Bool) -> Raw {
    let r = allocate(24, tag: Tag.range)
    store(r, Layout.rangeStart, start)
    store(r, Layout.rangeEnd, end)
    if isClosed { store(r, Layout.flags, Layout.flagClosed) }
    return r
  }

  /// R[B] in R[C].
  @inline(never)
  func contains(_ item: Value, in collection: Value) -> Truth {
    switch collection.tag {
    case Tag.list:
      let items = listItems(collection.address)
      for index in 0..<listCount(collection.address) where isEqual(items[index], item) { return .yes }
      return .no
    case Tag.map:
      guard item.isString || item.isInt || item.isBool else { return .no }
      return Truth(mapGet(collection.address, item) != nil)
    case Tag.range:
      guard item.isNumber else { return .no }
      let (start, count) = rangeBounds(collection.address)
      guard count > 0 else { return .no }
      if item.isFloat && item.asFloat != item.asFloat.rounded(.towardZero) { return .no }
      guard let low = compareNumbers(item, .int(start)), low >= 0 else { return .no }
      let last = start &+ (count &- 1)
      return Truth(compareNumbers(item, .int(last)).map { $0 <= 0 } ?? false)
    case Tag.string:
      guard item.isString else {
        raise("E_TYPE", "'in' looks for a string in a string, and was given \(describe(item))")
        return .failed
      }
      return Truth(findBytes(stringBuffer(item.address), in: stringBuffer(collection.address), from: 0) != nil)
    default:
      raise("E_TYPE", "'in' looks into a list, a map, a range or a string, and was given \(describe(collection))")
      return .failed
    }
  }

  @inline(__always)
  package func isEqual(_ a: Value, _ b: Value) -> Bool {
    if a.tag == Tag.int && b.tag == Tag.int { return a.bits == b.bits }
    return slowEqual(a, b)
  }
}

/// The offset of the first place at or after `start` where `needle` stands; an empty one is found at once.
package func findBytes(
  _ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
) -> Int? {
  guard let first = needle.first else { return start <= text.count ? start : nil }
  guard let base = text.baseAddress, let wanted = needle.baseAddress else { return nil }
  var offset = start
  let last = text.count - needle.count
  while offset <= last {
    // memchr and memcmp run many bytes at a time.
    guard let hit = memchr(base + offset, Int32(first), last - offset + 1) else { return nil }
    offset = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    if memcmp(base + offset, wanted, needle.count) == 0 { return offset }
    offset += 1
  }
  return nil
}
