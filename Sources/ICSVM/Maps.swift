// Maps keep insertion order in two forms: a shape with slots, which inline caches know, and a dictionary once a key is
// computed, deleted or not a string, or there are too many.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The dictionary behind a map: an index of u32 by hash, and entries in insertion order (CPython's layout).
/// A deleted entry's key is unset. The generation counts changes of the key set, for `E_MUTATED`.
enum KeyTable {
  static let headerSize = 24
  static let entrySize = 32

  @inline(__always) static func capacity(_ d: Raw) -> Int { Int(load(d, Layout.aux, as: UInt32.self)) }
  @inline(__always) static func mask(_ d: Raw) -> Int { Int(load(d, 8, as: UInt32.self)) }
  @inline(__always) static func used(_ d: Raw) -> Int { Int(load(d, 12, as: UInt32.self)) }
  @inline(__always) static func live(_ d: Raw) -> Int { Int(load(d, 16, as: UInt32.self)) }
  @inline(__always) static func generation(_ d: Raw) -> UInt32 { load(d, 20, as: UInt32.self) }
  @inline(__always) static func index(_ d: Raw) -> UnsafeMutablePointer<UInt32> {
    (d + headerSize).assumingMemoryBound(to: UInt32.self)
  }
  /// Keys at even positions, their values behind them.
  @inline(__always) static func entries(_ d: Raw) -> ValuePointer {
    (d + headerSize + (mask(d) &+ 1) &* 4).assumingMemoryBound(to: Value.self)
  }
}

extension VM {
  /// An empty map with room for `capacity` entries before it grows.
  @inline(__always)
  package func newMap(shape: UInt32 = ShapeTable.emptyMap, capacity: Int = 0) -> Raw {
    let m = allocate(Layout.inlineItems &+ capacity &* Instruction.valueSize, tag: Tag.map, aux: shape)
    store(m, Layout.count, UInt32(0))
    store(m, Layout.capacity, UInt32(truncatingIfNeeded: capacity))
    store(m, Layout.items, m + Layout.inlineItems)
    return m
  }

  @inline(__always)
  func shape(of m: Raw) -> UInt32 { load(m, Layout.aux, as: UInt32.self) }

  /// Whether the map's keys are field names so far: a copy of it should be built with `keepsShape`.
  package func hasShape(_ m: Raw) -> Bool { shape(of: m) != 0 }

  @inline(__always)
  func dictionary(of m: Raw) -> Raw { load(m, Layout.items, as: Raw.self) }

  /// The number of entries of a map.
  package func mapCount(_ m: Raw) -> Int {
    shape(of: m) != 0 ? Int(load(m, Layout.count, as: UInt32.self)) : KeyTable.live(dictionary(of: m))
  }

  /// A number that changes whenever a key is added to the map or taken from it.
  func keyStamp(_ m: Raw) -> UInt64 {
    let shape = shape(of: m)
    return shape != 0 ? UInt64(shape) << 32 : UInt64(KeyTable.generation(dictionary(of: m))) << 1 | 1
  }

  // MARK: Reading

  /// The value under a key (string, int or bool); nil when it is not there.
  @inline(__always)
  package func mapGet(_ m: Raw, _ key: Value) -> Value? {
    let shape = shape(of: m)
    if shape == 0 { return find(in: dictionary(of: m), key)?.pointee }
    guard key.isString, let name = existingName(key.address),
      let slot = pointee.shapes.slot(of: name, in: shape)
    else { return nil }
    return listItems(m)[slot]
  }

  /// The entry at a position in insertion order, and the position after it; nil at the end. Positions begin at 0.
  package func mapEntry(_ m: Raw, at position: Int) -> (key: Value, value: Value, next: Int)? {
    let shape = shape(of: m)
    if shape != 0 {
      guard position < Int(load(m, Layout.count, as: UInt32.self)) else { return nil }
      let key = Value.object(Tag.string, pointee.shapes.all[Int(shape)].keys[position])
      return (key, listItems(m)[position], position + 1)
    }
    let d = dictionary(of: m)
    let entries = KeyTable.entries(d)
    var index = position
    while index < KeyTable.used(d) {
      if !entries[index * 2].isUnset { return (entries[index * 2], entries[index * 2 + 1], index + 1) }
      index += 1
    }
    return nil
  }

  @inline(__always)
  func hash(key: Value) -> UInt32 {
    key.isString ? hash(key.address) : hashBits(key.bits &+ UInt64(key.tag), seed: pointee.hashSeed)
  }

  /// Where the dictionary keeps the value of a key.
  @inline(__always)
  func find(in d: Raw, _ key: Value) -> ValuePointer? {
    guard let entry = findEntry(in: d, key) else { return nil }
    return entry + 1
  }

  /// Where the dictionary keeps a key; its value is behind it.
  @inline(__always)
  func findEntry(in d: Raw, _ key: Value) -> ValuePointer? {
    let h = hash(key: key)
    let mask = KeyTable.mask(d)
    let index = KeyTable.index(d)
    let entries = KeyTable.entries(d)
    var place = Int(h) & mask
    while true {
      let entry = Int(index[place])
      if entry == 0 { return nil }
      let candidate = entries + (entry &- 1) &* 2
      if candidate.pointee.tag == key.tag {
        if candidate.pointee.bits == key.bits { return candidate }
        if key.isString && load(candidate.pointee.address, Layout.aux, as: UInt32.self) == h
          && stringsEqual(candidate.pointee.address, key.address)
        {
          return candidate
        }
      }
      place = (place &+ 1) & mask
    }
  }

  // MARK: Writing

  /// Sets a key (string, int or bool), adding it at the end when it is new. A computed key that is new makes the map a
  /// dictionary, unless `keepsShape` says that the key is a field name.
  package func mapSet(_ m: Raw, _ key: Value, _ value: Value, keepsShape: Bool = false) {
    let shape = shape(of: m)
    if shape != 0 {
      if key.isString {
        if let name = existingName(key.address) {
          if let slot = pointee.shapes.slot(of: name, in: shape) {
            listItems(m)[slot] = value
            return
          }
          if keepsShape, addField(m, name, value) { return }
        } else if keepsShape, addField(m, name(stringBuffer(key.address)), value) {
          return
        }
      }
      becomeDictionary(m)
    }
    let d = dictionary(of: m)
    if let found = find(in: d, key) {
      found.pointee = value
    } else {
      insertNew(m, key, value)
    }
  }

  /// Adds a field that the map in shape mode does not have; false when it must become a dictionary.
  @inline(__always)
  func addField(_ m: Raw, _ name: Raw, _ value: Value) -> Bool {
    guard let next = pointee.shapes.adding(name, to: shape(of: m)) else { return false }
    appendSlot(m, value, shape: next)
    return true
  }

  @inline(__always)
  func appendSlot(_ m: Raw, _ value: Value, shape: UInt32) {
    let count = load(m, Layout.count, as: UInt32.self)
    if count == load(m, Layout.capacity, as: UInt32.self), !growSlots(of: m, atLeast: Int(count) &+ 1) { return }
    listItems(m)[Int(count)] = value
    store(m, Layout.count, count &+ 1)
    store(m, Layout.aux, shape)
  }

  /// Adds a key that is not there; not when the memory limit has no room for it.
  private func insertNew(_ m: Raw, _ key: Value, _ value: Value) {
    var d = dictionary(of: m)
    if KeyTable.used(d) == KeyTable.capacity(d) {
      guard let larger = rebuild(m, d) else { return refuseMemory() }
      d = larger
    }
    add(to: d, key, value)
    store(d, 20, KeyTable.generation(d) &+ 1)
  }

  private func add(to d: Raw, _ key: Value, _ value: Value) {
    let mask = KeyTable.mask(d)
    let index = KeyTable.index(d)
    let used = KeyTable.used(d)
    let entry = KeyTable.entries(d) + used * 2
    entry.pointee = key
    (entry + 1).pointee = value
    var place = Int(hash(key: key)) & mask
    while index[place] != 0 { place = (place &+ 1) & mask }
    index[place] = UInt32(used + 1)
    store(d, 12, UInt32(used + 1))
    store(d, 16, load(d, 16, as: UInt32.self) + 1)
  }

  /// A dictionary without the deleted entries and with room for more: for less of them when the memory limit is near.
  /// Nil when it has no room, or another limit was met on the way.
  private func rebuild(_ m: Raw, _ d: Raw) -> Raw? {
    // A native that sets many keys looks at the limits now and then: until it does, it must not try again at every key.
    if hasMetLimit { return nil }
    let live = KeyTable.live(d)
    let wanted = max(8, live * 2)
    let new: Raw
    if live < 128 || fits(tableSize(indexCount(wanted), indexCount(wanted) / 2)) {
      new = newTable(capacity: wanted)
    } else {
      let least = live + live >> 2
      guard fits(tableSize(indexCount(least), least)) else { return nil }
      new = newTable(capacity: least, isTight: true)
    }
    let entries = KeyTable.entries(d)
    for position in 0..<KeyTable.used(d) where !entries[position * 2].isUnset {
      if position & 0x1FFF == 0x1FFF, !mayGoOn() { return nil }
      add(to: new, entries[position * 2], entries[position * 2 + 1])
    }
    store(new, 20, KeyTable.generation(d))
    store(m, Layout.items, new)
    release(buffer: d)
    return new
  }

  /// How many places the index has for so many entries: at least twice as many, a power of two.
  private func indexCount(_ capacity: Int) -> Int {
    var count = 16
    while count < capacity * 2 { count *= 2 }
    return count
  }

  private func tableSize(_ indexCount: Int, _ capacity: Int) -> Int {
    KeyTable.headerSize + indexCount * 4 + capacity * KeyTable.entrySize
  }

  /// - Parameter isTight: Whether there is no room for more entries than wanted.
  private func newTable(capacity wanted: Int, isTight: Bool = false) -> Raw {
    let indexCount = indexCount(wanted)
    let capacity = isTight ? wanted : indexCount / 2
    let size = tableSize(indexCount, capacity)
    let d = allocate(size, tag: Tag.dictionary, aux: UInt32(truncatingIfNeeded: capacity))
    store(d, 8, UInt32(indexCount - 1))
    store(d, 12, UInt32(0))
    store(d, 16, UInt32(0))
    store(d, 20, UInt32(0))
    memset(d + KeyTable.headerSize, 0, indexCount * 4)
    return d
  }

  /// Turns a map from shape mode into a dictionary.
  @inline(never)
  func becomeDictionary(_ m: Raw) {
    let shape = pointee.shapes.all[Int(shape(of: m))]
    let slots = listItems(m)
    let d = newTable(capacity: max(8, shape.count * 2))
    for slot in 0..<shape.count { add(to: d, .object(Tag.string, shape.keys[slot]), slots[slot]) }
    becomeDictionary(m, table: d)
  }

  private func becomeDictionary(_ m: Raw, table: Raw) {
    store(m, Layout.aux, UInt32(0))
    store(m, Layout.items, table)
    store(m, Layout.count, UInt32(0))
    store(m, Layout.capacity, UInt32(0))
  }

  /// Takes a key out; returns what it held, nil when it was not there.
  package func mapDelete(_ m: Raw, _ key: Value) -> Value? {
    guard mapGet(m, key) != nil else { return nil }
    if shape(of: m) != 0 { becomeDictionary(m) }
    let d = dictionary(of: m)
    // Both stores go forward from the entry, never back from the value: see `ValuePointer.previous`.
    guard let entry = findEntry(in: d, key) else { return nil }
    let old = entry[1]
    // The index keeps pointing at the entry, so that searches go on past it.
    entry[0] = .unset
    entry[1] = .null
    store(d, 16, load(d, 16, as: UInt32.self) - 1)
    store(d, 20, KeyTable.generation(d) &+ 1)
    return old
  }

  /// Takes all entries out of a map.
  package func mapClear(_ m: Raw) {
    if mapCount(m) == 0 { return }
    if shape(of: m) != 0 { becomeDictionary(m) }
    let d = dictionary(of: m)
    let empty = newTable(capacity: 8)
    store(empty, 20, KeyTable.generation(d) &+ 1)
    store(m, Layout.items, empty)
    release(buffer: d)
  }

  /// A new map with the same entries.
  package func mapCopy(_ m: Raw) -> Raw {
    let shape = shape(of: m)
    if shape != 0 {
      let count = Int(load(m, Layout.count, as: UInt32.self))
      let copy = newMap(shape: shape, capacity: count)
      listItems(copy).update(from: listItems(m), count: count)
      store(copy, Layout.count, UInt32(count))
      return copy
    }
    // The table as it is, deleted entries included: nothing is hashed.
    let copy = newMap()
    let table = dictionary(of: m)
    let wanted = KeyTable.capacity(table)
    becomeDictionary(copy, table: newTable(capacity: wanted, isTight: true))
    let size = (KeyTable.mask(table) + 1) * 4 + KeyTable.used(table) * KeyTable.entrySize
    memcpy(dictionary(of: copy) + 12, table + 12, KeyTable.headerSize - 12 + size)
    return copy
  }

  /// Sets all entries of one map in another. Keys that both have keep their first place. A limit may end it half-way: its
  /// error is in the state, and the loop finds it.
  package func mapSpread(_ source: Raw, into target: Raw) {
    let isShaped = shape(of: source) != 0
    var position = 0
    while let entry = mapEntry(source, at: position) {
      if position & 0xFF == 0xFF, !mayGoOn(afterWork: 256) { return }
      mapSet(target, entry.key, entry.value, keepsShape: isShaped)
      position = entry.next
    }
    note(work: position & 0xFF)
  }
}
