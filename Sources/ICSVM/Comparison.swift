// Equality and order between values.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Deeper nesting than this is not printed: native recursion stays bounded.
let maximumNesting = 1000

/// The most bytes that the printed form of a list or map may have.
package var maximumFormLength: Int { 1 << 26 }

/// What a comparison found; `failed` has raised an error or noted a fault.
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
    pointee.fault = .operands(a, b)
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
    if a.tag == b.tag && (a.isList || a.isMap || a.tag == Tag.module) && a.bits != b.bits {
      var comparison = ContainerComparison(self)
      return comparison.run(a, b)
    }
    return equalScalars(a, b)
  }

  fileprivate func equalScalars(_ a: Value, _ b: Value) -> Bool {
    if a.tag != b.tag { return a.isNumber && b.isNumber && compareNumbers(a, b) == 0 }
    switch a.tag {
    case Tag.float: return a.asFloat == b.asFloat
    case Tag.string:
      guard mayBegin(work: stringLength(a.address) >> 7) else { return false }
      return stringLength(a.address) < 1 << 22
        ? stringsEqual(a.address, b.address) : longStringsEqual(a.address, b.address)
    case Tag.range: return rangesEqual(a.address, b.address)
    default: return a.bits == b.bits
    }
  }

  /// `stringsEqual` in pieces, between which a limit may end it.
  private func longStringsEqual(_ a: Raw, _ b: Raw) -> Bool {
    let length = stringLength(a)
    guard a != b, length == stringLength(b) else { return a == b }
    for start in stride(from: 0, to: length, by: 1 << 22) {
      guard mayGoOn(), memcmp(stringBytes(a) + start, stringBytes(b) + start, min(1 << 22, length - start)) == 0 else {
        return false
      }
    }
    return true
  }

  /// Ranges are equal when their items are.
  private func rangesEqual(_ a: Raw, _ b: Raw) -> Bool {
    guard let endsA = rangeEnds(a), let endsB = rangeEnds(b) else { return rangeEnds(a) == nil && rangeEnds(b) == nil }
    return endsA == endsB
  }

  /// The first and the last item of a range; nil for an empty one.
  func rangeEnds(_ r: Raw) -> (first: Int, last: Int)? {
    let start = load(r, Layout.rangeStart, as: Int.self)
    let end = load(r, Layout.rangeEnd, as: Int.self)
    let isClosed = load(r, Layout.flags, as: UInt8.self) & Layout.flagClosed != 0
    if isClosed ? end < start : end <= start { return nil }
    return (start, isClosed ? end : end - 1)
  }

  /// The first item and the number of items of a range. A count beyond the largest int is cut: what gives a script a
  /// length asks `rangeLength`.
  package func rangeBounds(_ r: Raw) -> (start: Int, count: Int) {
    guard let (first, last) = rangeEnds(r) else { return (load(r, Layout.rangeStart, as: Int.self), 0) }
    let (distance, overflow) = last.subtractingReportingOverflow(first)
    return (first, overflow || distance == Int.max ? Int.max : distance + 1)
  }

  /// The number of items of a range; nil, with E_OVERFLOW raised, when it is no int.
  package func rangeLength(_ r: Raw) -> Int? {
    guard let (first, last) = rangeEnds(r) else { return 0 }
    let (distance, overflow) = last.subtractingReportingOverflow(first)
    if !overflow && distance < Int.max { return distance + 1 }
    raise("E_OVERFLOW", "the length of this range does not fit a 64-bit int")
    return nil
  }

  /// A range of ints.
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
      for index in 0..<listCount(collection.address) {
        if isEqual(items[index], item) { return .yes }
        if index & 0xFF == 0xFF, !mayGoOn(afterWork: 128) { return .no }
      }
      return .no
    case Tag.map:
      guard item.isString || item.isInt || item.isBool else { return .no }
      return Truth(mapGet(collection.address, item) != nil)
    case Tag.range:
      guard item.isNumber else { return .no }
      guard let (first, last) = rangeEnds(collection.address) else { return .no }
      if item.isFloat && item.asFloat != item.asFloat.rounded(.towardZero) { return .no }
      guard let low = compareNumbers(item, .int(first)), low >= 0 else { return .no }
      return Truth(compareNumbers(item, .int(last)).map { $0 <= 0 } ?? false)
    case Tag.string:
      guard item.isString else {
        raise("E_TYPE", "'in' looks for a string in a string, and was given \(describe(item))")
        return .failed
      }
      do throws(Raised) {
        let place = try findBytes(stringBuffer(item.address), in: stringBuffer(collection.address), from: 0) {
          (bytes) throws(Raised) in
          if !mayGoOn(afterWork: bytes >> 5) { throw Raised() }
        }
        return Truth(place != nil)
      } catch {
        return .failed
      }
    default:
      raise("E_TYPE", "'in' looks into a list, a map, a range or a string, and was given \(describe(collection))")
      return .failed
    }
  }

  /// `a == b`.
  @inline(__always)
  package func isEqual(_ a: Value, _ b: Value) -> Bool {
    if a.tag == Tag.int && b.tag == Tag.int { return a.bits == b.bits }
    return slowEqual(a, b)
  }
}

/// Compares lists, maps and modules. Pairs wait on a list of their own, not on the native stack: values may nest as deep as they
/// like. A pair that was met before is not compared again, which ends the comparison of values that contain themselves
/// and keeps that of shared ones linear: were it unequal, the whole comparison would have ended.
private struct ContainerComparison: ~Copyable {
  private struct Pair: Hashable, BitwiseCopyable {
    var a: Raw
    var b: Raw
    var isList: Bool
  }

  private let vm: VM
  private var waiting = Vector<Pair>()
  private var met: Set<Pair> = []
  private var compared = 0
  /// So many pairs are compared before any is remembered: most comparisons end before.
  private static let unremembered = 64

  init(_ vm: VM) { self.vm = vm }

  deinit { waiting.deallocate() }

  mutating func run(_ a: Value, _ b: Value) -> Bool {
    guard compare(a, b) else { return false }
    while waiting.count > 0 {
      let pair = waiting.removeLast()
      compared += 1
      if compared > Self.unremembered, !met.insert(pair).inserted { continue }
      guard pair.isList ? compareLists(pair.a, pair.b) : compareMaps(pair.a, pair.b) else { return false }
    }
    return true
  }

  /// False when two values differ; lists and maps are put aside.
  @inline(__always)
  private mutating func compare(_ a: Value, _ b: Value) -> Bool {
    if a.tag == b.tag {
      if a.isInt { return a.bits == b.bits }
      if a.isList || a.isMap {
        if a.bits != b.bits { waiting.append(Pair(a: a.address, b: b.address, isList: a.isList)) }
        return true
      }
      if a.tag == Tag.module {
        // An imported module is a value made anew wherever its name is used as one.
        let membersA = load(a.address, Layout.moduleMembers, as: Raw.self)
        let membersB = load(b.address, Layout.moduleMembers, as: Raw.self)
        if membersA != membersB { waiting.append(Pair(a: membersA, b: membersB, isList: false)) }
        return true
      }
    }
    return vm.equalScalars(a, b)
  }

  private mutating func compareLists(_ a: Raw, _ b: Raw) -> Bool {
    let count = listCount(a)
    guard count == listCount(b), vm.mayGoOn(afterWork: 1) else { return false }
    let itemsA = listItems(a)
    let itemsB = listItems(b)
    for index in 0..<count {
      if !compare(itemsA[index], itemsB[index]) { return false }
      if index & 0xFF == 0xFF, !vm.mayGoOn(afterWork: 128) { return false }
    }
    return true
  }

  private mutating func compareMaps(_ a: Raw, _ b: Raw) -> Bool {
    guard vm.mapCount(a) == vm.mapCount(b), vm.mayGoOn(afterWork: 1) else { return false }
    var position = 0
    while let entry = vm.mapEntry(a, at: position) {
      guard vm.mayGoOn(afterWork: 1) else { return false }
      guard let other = vm.mapGet(b, entry.key), compare(entry.value, other) else { return false }
      position = entry.next
    }
    return true
  }
}
