// Values to JSON text, without values in between: what `ValueBuilder` does the other way round. The text is written
// where the string of the script will be. Of a shape that comes again the keys are kept as they stand in the text.

import ICSJSON

/// Writes one value of a machine as JSON. Without an indentation the text is compact; with one it has the layout of
/// JavaScript's `JSON.stringify`.
package struct ValueWriter: ~Copyable {
  private typealias Cursor = UnsafeMutablePointer<UInt8>

  /// What became of a value.
  package enum Outcome {
    /// Its text: a string of the script.
    case written(Raw)
    /// Why it has no JSON: an error code and the sentence.
    case refused(String, String)
    /// A limit: its error is raised.
    case stopped
  }

  private let call: Call
  private var vm: VM { call.vm }
  private let indent: Int
  /// The lists and maps around the current value.
  private var open = Vector<Raw>()
  /// Why the writing ended, once it has; a limit when there is nothing.
  private var refusal: (code: String, message: String)?

  /// The bytes so far: in `firstRoom`, and in a string of the heap's once there are more.
  private var start: Cursor
  private var end: Cursor
  private var text: Raw?
  private let firstRoom: Cursor
  private static let firstCapacity = 1024
  /// There is always room for a number, or for brackets and commas, and for copies in steps of 16 bytes.
  private static let slack = 64

  /// For each shape how often it came; once it comes again, its keys.
  private var shapes = Vector<ShapeKeys>()

  private struct ShapeKeys: BitwiseCopyable {
    var wasSeen = false
    /// For each slot the end of its key among the bytes.
    var ends: UnsafeMutablePointer<Int>?
    /// The keys in quotes, each with its colon, with 16 bytes to spare at the end.
    var bytes: Cursor?
  }

  private static let maximumDepth = 1000

  /// - Parameter indent: Spaces for each level, at most 10; 0 for a compact text.
  package init(_ call: Call, indent: Int) {
    self.call = call
    self.indent = indent
    firstRoom = .allocate(capacity: Self.firstCapacity)
    start = firstRoom
    end = firstRoom + Self.firstCapacity
  }

  deinit {
    firstRoom.deallocate()
    open.deallocate()
    for number in 0..<shapes.count {
      shapes[number].ends?.deallocate()
      shapes[number].bytes?.deallocate()
    }
    shapes.deallocate()
  }

  /// Writes the value; to be called once.
  package mutating func write(_ value: Value) -> Outcome {
    guard let p = put(value, start) else {
      return refusal.map { .refused($0.code, $0.message) } ?? .stopped
    }
    do throws(Raised) {
      try call.charge((p - start) >> 4)
      guard let text else {
        return .written(vm.newString(UnsafeBufferPointer(start: start, count: p - start)))
      }
      vm.machine.lastTextLength = p - start
      return .written(vm.shrink(text, toLength: p - start))
    } catch {
      return .stopped
    }
  }

  // MARK: Values

  /// Writes a value; nil when the writing has to end. The cursor goes through in a register: there is no text without it.
  private mutating func put(_ value: Value, _ at: Cursor) -> Cursor? {
    switch value.tag {
    case Tag.string: return putString(value.address, at)
    case Tag.int:
      guard let p = room(0, at) else { return nil }
      return p + NumberText.write(value.asInt, to: p)
    case Tag.null, Tag.unset: return putWord("null", at)
    case Tag.bool: return putWord(value.isTrue ? "true" : "false", at)
    case Tag.float:
      guard value.asFloat.isFinite else {
        return refuse("E_VALUE", "JSON has no \(value.asFloat.isNaN ? "nan" : "infinity")")
      }
      guard let p = room(0, at) else { return nil }
      return p + NumberText.write(value.asFloat, to: p)
    case Tag.list, Tag.map:
      guard open.count < Self.maximumDepth else { return refuseDepth(value.address) }
      open.append(value.address)
      guard let p = value.isList ? putList(value.address, at) : putMap(value.address, at) else { return nil }
      _ = open.removeLast()
      return p
    case Tag.range: return putRange(value.address, at)
    default: return refuse("E_VALUE", "\(vm.describe(value)) has no JSON")
    }
  }

  private mutating func putWord(_ word: StaticString, _ at: Cursor) -> Cursor? {
    guard let p = room(0, at) else { return nil }
    p.update(from: word.utf8Start, count: word.utf8CodeUnitCount)
    return p + word.utf8CodeUnitCount
  }

  private mutating func putList(_ list: Raw, _ at: Cursor) -> Cursor? {
    guard var p = putOpening(UInt8(ascii: "["), at) else { return nil }
    let count = listCount(list)
    for index in 0..<count {
      if index & 0xFFF == 0, !pay(min(count - index, 0x1000)) { return nil }
      guard let separated = putSeparator(isFirst: index == 0, p), let next = put(listItems(list)[index], separated)
      else { return nil }
      p = next
    }
    return putClosing(UInt8(ascii: "]"), isEmpty: count == 0, p)
  }

  private mutating func putRange(_ range: Raw, _ at: Cursor) -> Cursor? {
    let (first, count) = vm.rangeBounds(range)
    guard count <= 10_000_000 else { return refuse("E_VALUE", "a range of \(count) ints is too long for JSON") }
    open.append(range)
    guard var p = putOpening(UInt8(ascii: "["), at) else { return nil }
    for offset in 0..<count {
      if offset & 0xFFF == 0, !pay(min(count - offset, 0x1000)) { return nil }
      guard let separated = putSeparator(isFirst: offset == 0, p), let next = put(.int(first + offset), separated)
      else { return nil }
      p = next
    }
    _ = open.removeLast()
    return putClosing(UInt8(ascii: "]"), isEmpty: count == 0, p)
  }

  private mutating func putMap(_ map: Raw, _ at: Cursor) -> Cursor? {
    let shape = vm.shape(of: map)
    return shape == 0 ? putDictionary(map, at) : putFields(map, Int(shape), at)
  }

  private mutating func putFields(_ map: Raw, _ shape: Int, _ at: Cursor) -> Cursor? {
    let count = vm.mapCount(map)
    guard pay(count), var p = putOpening(UInt8(ascii: "{"), at) else { return nil }
    let values = listItems(map)
    let (known, ends) = keys(of: shape)
    var keyStart = 0
    for slot in 0..<count {
      guard let separated = putSeparator(isFirst: slot == 0, p) else { return nil }
      if let known, let ends {
        let keyEnd = ends[slot]
        guard let copied = putKey(known + keyStart, keyEnd - keyStart, separated) else { return nil }
        p = copied
        keyStart = keyEnd
      } else {
        guard let written = putKey(vm.pointee.shapes.all[shape].keys[slot], separated) else { return nil }
        p = written
      }
      guard let next = put(values[slot], p) else { return nil }
      p = next
    }
    return putClosing(UInt8(ascii: "}"), isEmpty: count == 0, p)
  }

  private mutating func putDictionary(_ map: Raw, _ at: Cursor) -> Cursor? {
    guard var p = putOpening(UInt8(ascii: "{"), at) else { return nil }
    var position = 0
    var index = 0
    while let entry = vm.mapEntry(map, at: position) {
      position = entry.next
      if index & 0xFF == 0, !pay(0x100) { return nil }
      guard let separated = putSeparator(isFirst: index == 0, p) else { return nil }
      index += 1
      if entry.key.isString {
        guard let written = putKey(entry.key.address, separated) else { return nil }
        p = written
      } else if entry.key.isInt {
        separated[0] = UInt8(ascii: "\"")
        let length = NumberText.write(entry.key.asInt, to: separated + 1)
        separated[length + 1] = UInt8(ascii: "\"")
        p = putColon(separated + length + 2)
      } else {
        return refuse("E_VALUE", "a key of a JSON object is a string, and this one is \(vm.describe(entry.key))")
      }
      guard let next = put(entry.value, p) else { return nil }
      p = next
    }
    return putClosing(UInt8(ascii: "}"), isEmpty: index == 0, p)
  }

  // MARK: Keys

  @inline(__always)
  private func putColon(_ p: Cursor) -> Cursor {
    p[0] = UInt8(ascii: ":")
    if indent == 0 { return p + 1 }
    p[1] = UInt8(ascii: " ")
    return p + 2
  }

  private mutating func putKey(_ key: Raw, _ at: Cursor) -> Cursor? {
    guard let quoted = putString(key, at), let p = room(0, quoted) else { return nil }
    return putColon(p)
  }

  /// A key as it stands in the text.
  @inline(__always)
  private mutating func putKey(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ at: Cursor) -> Cursor? {
    guard let p = room(count, at) else { return nil }
    // Most keys are one or two of these; what is written too much is written over.
    var offset = 0
    while offset < count {
      Raw(p + offset).storeBytes(
        of: UnsafeRawPointer(bytes + offset).loadUnaligned(as: SIMD2<UInt64>.self), as: SIMD2<UInt64>.self)
      offset &+= 16
    }
    return p + count
  }

  /// The keys of a shape in their text's form; nil while it has not come before.
  @inline(__always)
  private mutating func keys(of shape: Int) -> (bytes: UnsafePointer<UInt8>?, ends: UnsafeMutablePointer<Int>?) {
    if shape < shapes.count, let bytes = shapes[shape].bytes { return (UnsafePointer(bytes), shapes[shape].ends) }
    return prepareKeys(of: shape)
  }

  @inline(never)
  private mutating func prepareKeys(of shape: Int) -> (bytes: UnsafePointer<UInt8>?, ends: UnsafeMutablePointer<Int>?) {
    while shapes.count <= shape { shapes.append(ShapeKeys()) }
    guard shapes[shape].wasSeen else {
      shapes[shape].wasSeen = true
      return (nil, nil)
    }
    let all = vm.pointee.shapes.all[shape]
    var length = 16
    for slot in 0..<all.count { length += stringLength(all.keys[slot]) * 6 + 4 }
    let ends = UnsafeMutablePointer<Int>.allocate(capacity: max(1, all.count))
    let bytes = Cursor.allocate(capacity: length)
    // The copies take whole sixteens, the last one beyond the keys.
    bytes.initialize(repeating: 0, count: length)
    var p = bytes
    for slot in 0..<all.count {
      p[0] = UInt8(ascii: "\"")
      p = JSONEscape.escape(stringBuffer(all.keys[slot]), to: p + 1)
      p[0] = UInt8(ascii: "\"")
      p = putColon(p + 1)
      ends[slot] = p - bytes
    }
    shapes[shape].bytes = bytes
    shapes[shape].ends = ends
    return (UnsafePointer(bytes), ends)
  }

  // MARK: Strings

  @inline(__always)
  private mutating func putString(_ s: Raw, _ at: Cursor) -> Cursor? {
    let count = stringLength(s)
    guard count <= 4096 else { return putLongString(s, at) }
    guard let p = room(count + 2, at) else { return nil }
    p[0] = UInt8(ascii: "\"")
    guard JSONEscape.copyPlain(stringBytes(s), count, to: p + 1) else { return putLongString(s, at) }
    p[count + 1] = UInt8(ascii: "\"")
    return p + (count + 2)
  }

  /// A string that is long or has characters to escape, some thousand bytes at a time.
  @inline(never)
  private mutating func putLongString(_ s: Raw, _ at: Cursor) -> Cursor? {
    guard var p = room(2, at) else { return nil }
    p[0] = UInt8(ascii: "\"")
    p += 1
    let bytes = stringBytes(s)
    var rest = UnsafeBufferPointer(start: UnsafePointer(bytes), count: stringLength(s))
    while !rest.isEmpty {
      let piece = UnsafeBufferPointer(rebasing: rest.prefix(4096))
      guard rest.count <= 4096 || pay(piece.count >> 4), let large = room(piece.count * 6, p) else { return nil }
      p = JSONEscape.escape(piece, to: large)
      rest = UnsafeBufferPointer(rebasing: rest.dropFirst(4096))
    }
    p[0] = UInt8(ascii: "\"")
    return p + 1
  }

  // MARK: Layout

  @inline(__always)
  private mutating func putOpening(_ bracket: UInt8, _ at: Cursor) -> Cursor? {
    guard let p = room(0, at) else { return nil }
    p[0] = bracket
    return p + 1
  }

  @inline(__always)
  private mutating func putClosing(_ bracket: UInt8, isEmpty: Bool, _ at: Cursor) -> Cursor? {
    guard let p = indent == 0 || isEmpty ? room(0, at) : putLineBreak(open.count - 1, at) else { return nil }
    p[0] = bracket
    return p + 1
  }

  /// What stands before an item; there is room for a number behind it.
  @inline(__always)
  private mutating func putSeparator(isFirst: Bool, _ at: Cursor) -> Cursor? {
    guard let p = room(0, at) else { return nil }
    p[0] = UInt8(ascii: ",")
    let behind = isFirst ? p : p + 1
    return indent == 0 ? behind : putLineBreak(open.count, behind)
  }

  @inline(never)
  private mutating func putLineBreak(_ level: Int, _ at: Cursor) -> Cursor? {
    let spaces = indent * level
    guard let p = room(spaces, at) else { return nil }
    p[0] = UInt8(ascii: "\n")
    (p + 1).update(repeating: UInt8(ascii: " "), count: spaces)
    return p + (spaces + 1)
  }

  // MARK: Room

  /// Room for `count` bytes and the slack; nil when the memory limit forbids it.
  @inline(__always)
  private mutating func room(_ count: Int, _ p: Cursor) -> Cursor? {
    end - p >= count + Self.slack ? p : grow(count, p)
  }

  @inline(never)
  private mutating func grow(_ count: Int, _ p: Cursor) -> Cursor? {
    let used = p - start
    let least = used + count + Self.slack
    // A text like the last one is written without growing. Twice as much may be more than the limit has room for.
    let last = vm.machine.lastTextLength + Self.slack
    let sizes = [max(used * 2, least, last), max(used + used >> 3, least), least]
    guard let wanted = sizes.first(where: { $0 <= largestRequest && vm.fits($0 - used) }) else {
      vm.raiseMemoryLimit()
      return nil
    }
    let larger = vm.growText(text, capacity: wanted)
    let bytes = (larger + Layout.stringBytes).assumingMemoryBound(to: UInt8.self)
    if text == nil { bytes.update(from: start, count: used) }
    text = larger
    start = bytes
    end = bytes + wanted
    return start + used
  }

  /// Pays for some items. A value that is there many times can make an endless text of little memory.
  private func pay(_ count: Int) -> Bool {
    do throws(Raised) {
      try call.charge(2 + count * 2)
      return true
    } catch {
      return false
    }
  }

  // MARK: What has no JSON

  private mutating func refuse(_ code: String, _ message: String) -> Cursor? {
    refusal = (code, message)
    return nil
  }

  /// At the deepest level the values around are looked at: one that is there twice contains itself.
  private mutating func refuseDepth(_ container: Raw) -> Cursor? {
    var seen: Set<Raw> = [container]
    for level in 0..<open.count where !seen.insert(open[level]).inserted {
      return refuse("E_VALUE", "a value that contains itself has no JSON")
    }
    return refuse("E_JSON", "lists and maps nest deeper than \(Self.maximumDepth)")
  }
}

extension VM {
  /// A string with room for `capacity` bytes, more than a cell of the heap holds: a new one, or `text` with its bytes.
  fileprivate func growText(_ text: Raw?, capacity: Int) -> Raw {
    let size = Layout.stringBytes + max(capacity, 4096)
    guard let text else { return newString(length: size - Layout.stringBytes) }
    return reallocateLarge(text, size: size)
  }

  /// Gives a string made by `growText` its length, and back what is far more than that.
  fileprivate func shrink(_ text: Raw, toLength length: Int) -> Raw {
    var text = text
    if largeSize(of: text) - length > 4096 + length >> 4 {
      text = reallocateLarge(text, size: Layout.stringBytes + length)
    }
    store(text, Layout.stringLength, UInt32(truncatingIfNeeded: length))
    return text
  }
}
