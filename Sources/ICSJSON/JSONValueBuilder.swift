// Makes `JSONValue`s of what the scanner finds. Finished values lie on one stack; the end of an array or object
// moves its items off it, without a copy of each.

struct JSONValueBuilder: JSONBuilder, ~Copyable {
  private var values = Stack<JSONValue>()
  /// The keys of unfinished objects, as numbers of `table`'s keys.
  private var keys = Stack<Int32>()
  private var table = KeyTable()

  /// The finished value, after a scan without an error.
  mutating func takeResult() -> JSONValue { values.isEmpty ? .null : values.pop() }

  mutating func null() -> Bool { values.push(.null) }
  mutating func bool(_ value: Bool) -> Bool { values.push(.bool(value)) }
  mutating func int(_ value: Int) -> Bool { values.push(.int(value)) }
  mutating func double(_ value: Double) -> Bool { values.push(.double(value)) }

  mutating func string(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Bool {
    values.push(.string(String(decoding: utf8, as: UTF8.self)))
  }

  mutating func key(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Bool {
    keys.push(table.number(of: utf8))
  }

  mutating func beginArray() -> Bool { true }
  mutating func beginObject() -> Bool { true }

  mutating func endArray(count: Int) -> Bool {
    let first = values.top(count)
    let items = [JSONValue](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress, count > 0 { base.moveInitialize(from: first, count: count) }
      initialized = count
    }
    values.forget(count)
    return values.push(.array(items))
  }

  mutating func endObject(count: Int) -> Bool {
    let firstKey = keys.top(count)
    let firstValue = values.top(count)
    table.beginObject()
    var duplicates = false
    let entries = [JSONObject.Entry](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        let number = Int(firstKey[index])
        if table.noteUse(of: number, at: index) != nil { duplicates = true }
        buffer.initializeElement(
          at: index, to: JSONObject.Entry(key: table.text(number), value: (firstValue + index).move()))
      }
      initialized = count
    }
    keys.forget(count)
    values.forget(count)
    // The common way out; `init(_:)` puts later values in the places of earlier ones.
    if !duplicates { return values.push(.object(JSONObject(distinct: entries))) }
    return values.push(.object(JSONObject(entries.lazy.map { ($0.key, $0.value) })))
  }
}

/// A stack in plain memory, from which items can be moved out many at a time.
private struct Stack<Element>: ~Copyable {
  private var start: UnsafeMutablePointer<Element>
  private var count = 0
  private var capacity = 64

  init() { start = .allocate(capacity: 64) }

  deinit {
    start.deinitialize(count: count)
    start.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  /// Adds an item; `true`, as the builder's functions want it.
  @inline(__always)
  mutating func push(_ element: consuming Element) -> Bool {
    if count == capacity { grow() }
    (start + count).initialize(to: element)
    count += 1
    return true
  }

  mutating func pop() -> Element {
    precondition(count > 0, "a stack is popped only after a push")
    count -= 1
    return (start + count).move()
  }

  /// The place of the topmost `number` items.
  func top(_ number: Int) -> UnsafeMutablePointer<Element> {
    precondition(number <= count, "the scanner counts what it has pushed")
    return start + (count - number)
  }

  /// Drops the topmost items, which have been moved out.
  mutating func forget(_ number: Int) { count -= number }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: start, count: count)
    start.deallocate()
    start = larger
    capacity *= 2
  }
}

/// The keys seen in a text, each made a string once: the objects of a list mostly have the same keys.
private struct KeyTable: ~Copyable {
  private struct Key {
    let text: String
    let hash: UInt64
    /// The object in which the key was used last, and its place there.
    var object = 0
    var place = 0
  }

  private var keys: [Key] = []
  /// Open addressing: numbers of `keys` plus one, 0 for a free place. A power of two long, at most half full.
  private var slots = [Int32](repeating: 0, count: 128)
  private var object = 0
  // Without a seed, a text could be written so that all its keys collide.
  private let seed = UInt64.random(in: 0 ... .max)

  init() {}

  func text(_ number: Int) -> String { keys[number].text }

  mutating func beginObject() { object += 1 }

  /// Notes that the current object has a key at a place, and returns the earlier place when it had it already.
  mutating func noteUse(of number: Int, at place: Int) -> Int? {
    if keys[number].object == object { return keys[number].place }
    keys[number].object = object
    keys[number].place = place
    return nil
  }

  /// The number of a key, a new one when it has not been seen.
  mutating func number(of utf8: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = hash(of: utf8)
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let number = slots[slot] - 1
      if keys[Int(number)].hash == hash, keys[Int(number)].text.isExactly(utf8) { return number }
      slot = (slot + 1) & mask
    }
    keys.append(Key(text: String(decoding: utf8, as: UTF8.self), hash: hash))
    slots[slot] = Int32(keys.count)
    if keys.count * 2 > slots.count { grow() }
    return Int32(keys.count - 1)
  }

  private mutating func grow() {
    let mask = slots.count * 4 - 1
    slots = [Int32](repeating: 0, count: mask + 1)
    for (number, key) in keys.enumerated() {
      var slot = Int(truncatingIfNeeded: key.hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(number + 1)
    }
  }

  private func hash(of utf8: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let start = utf8.baseAddress else { return seed }
    var hash = seed ^ UInt64(utf8.count)
    var index = 0
    while utf8.count - index >= 8 {
      hash = mixed(hash ^ JSONText.load8(start + index))
      index += 8
    }
    var rest: UInt64 = 0
    while index < utf8.count {
      rest = rest << 8 | UInt64(start[index])
      index += 1
    }
    return mixed(hash ^ rest)
  }

  /// Both halves of a product, so that every bit reaches every other.
  private func mixed(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }
}

extension String {
  /// Whether the string is exactly these bytes.
  fileprivate func isExactly(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    utf8.count == bytes.count
      && (utf8.withContiguousStorageIfAvailable { $0.elementsEqual(bytes) } ?? utf8.elementsEqual(bytes))
  }
}
