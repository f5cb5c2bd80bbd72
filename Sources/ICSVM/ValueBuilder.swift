// JSON text straight into the machine's values. Objects are built by their shapes: the keys of an object mostly come in
// the order of the one before, and then each costs a comparison of bytes, no hash and no lookup.

import ICSJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension VM {
  /// The value that a JSON text stands for; objects become maps. Nests at most 1000 deep.
  ///
  /// - Throws: What is wrong with the text, as E_JSON with line and column in the message, or a limit.
  package func value(parsing text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
    var builder = ValueBuilder(self)
    do throws(JSONError) {
      try JSONScanner.scan(text, depth: maximumNesting, into: &builder)
    } catch {
      // A limit has left its own error.
      if error.kind == .stopped { throw Raised() }
      let (line, column) = place(of: error.offset, in: text)
      raise("E_JSON", "\(error.message) (line \(line), column \(column))")
      throw Raised()
    }
    return builder.result
  }

  /// Line and column (in scalars) of a byte, from 1.
  private func place(of offset: Int, in text: UnsafeBufferPointer<UInt8>) -> (line: Int, column: Int) {
    let before = text.prefix(offset)
    let line = before.reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    let column = before[start...].reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    return (line, column)
  }
}

private struct ValueBuilder: JSONBuilder, ~Copyable {
  private let vm: VM
  /// The values whose containers are unfinished.
  private var values = Vector<Value>()
  /// The keys of unfinished objects that have no shape.
  private var keys = Vector<Value>()
  /// The objects around the current one.
  private var outer = Vector<OpenObject>()
  private var object = OpenObject()
  /// For each shape the key that followed it last time, with the shape that it led to.
  private var followers: [Transition?] = []

  /// What is known of an object whose end has not come.
  private struct OpenObject: BitwiseCopyable {
    /// The shape of the keys so far; 0 once they go to `keys`, because one came twice or there are too many.
    var shape = ShapeTable.emptyMap
  }

  /// Nothing is collected while a text is read, so what the heap hands out from here on has to fit beside what was live.
  private let maximumDebt: Int

  init(_ vm: VM) {
    self.vm = vm
    maximumDebt = vm.pointee.debt + max(0, vm.pointee.memoryLimit - vm.pointee.live)
  }

  deinit {
    values.deallocate()
    keys.deallocate()
    outer.deallocate()
  }

  var result: Value { values.count > 0 ? values[0] : .null }

  mutating func null() -> Bool { push(.null) }
  mutating func bool(_ value: Bool) -> Bool { push(.bool(value)) }
  mutating func int(_ value: Int) -> Bool { push(.int(value)) }
  mutating func double(_ value: Double) -> Bool { push(.float(value)) }

  @inline(__always)
  mutating func string(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Bool {
    if utf8.count > 1 << 20 { return longString(utf8) }
    let s = vm.newString(utf8)
    if isASCII {
      store(s, Layout.stringScalars, UInt32(truncatingIfNeeded: utf8.count))
      store(s, Layout.flags, Layout.flagCounted)
    }
    return push(.object(Tag.string, s))
  }

  /// A string of megabytes: a limit may end it.
  @inline(never)
  private mutating func longString(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = utf8.baseAddress else { return false }
    let s = vm.newString(length: utf8.count)
    guard vm.copyBytes(s + Layout.stringBytes, Raw(mutating: start), utf8.count) else { return false }
    return push(.object(Tag.string, s))
  }

  @inline(__always)
  private mutating func push(_ value: Value) -> Bool {
    values.append(value)
    return values.count & 0x3F != 0 || payForValues()
  }

  /// An array whose end is far away: its values wait in memory that is not the heap's.
  @inline(never)
  private func payForValues() -> Bool {
    if vm.pointee.debt + values.count * Instruction.valueSize > maximumDebt {
      vm.raiseMemoryLimit()
      return false
    }
    return pay(64)
  }

  mutating func beginArray() -> Bool { true }

  mutating func endArray(count: Int) -> Bool {
    let list = vm.newList(capacity: count)
    guard vm.appendInRoom(list, values.start + (values.count - count), count) else { return false }
    values.removeLast(count)
    return push(.object(Tag.list, list)) && pay(count & 0x3F)
  }

  mutating func beginObject() -> Bool {
    outer.append(object)
    object = OpenObject()
    return true
  }

  @inline(__always)
  mutating func key(_ utf8: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Bool {
    let shape = Int(object.shape)
    if shape != 0, shape < followers.count, let next = followers[shape], stringLength(next.key) == utf8.count,
      let start = utf8.baseAddress, memcmp(stringBytes(next.key), start, utf8.count) == 0
    {
      object.shape = next.shape
      return true
    }
    return otherKey(utf8)
  }

  /// A key that is not the one that followed last time.
  @inline(never)
  private mutating func otherKey(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    if object.shape == 0 {
      keys.append(.object(Tag.string, vm.newString(utf8)))
      return true
    }
    let shape = vm.pointee.shapes.all[Int(object.shape)]
    // Names are never given up: a key becomes one only while shapes are made of keys.
    if utf8.count <= 128, shape.count < ShapeTable.maximumKeys, vm.pointee.shapes.count < ShapeTable.limit {
      let name = vm.name(utf8)
      if vm.pointee.shapes.slot(of: name, in: object.shape) == nil,
        let next = vm.pointee.shapes.adding(name, to: object.shape)
      {
        while followers.count <= Int(object.shape) { followers.append(nil) }
        followers[Int(object.shape)] = Transition(key: name, shape: next)
        object.shape = next
        return true
      }
    }
    for slot in 0..<shape.count { keys.append(.object(Tag.string, shape.keys[slot])) }
    keys.append(.object(Tag.string, vm.newString(utf8)))
    object.shape = 0
    return true
  }

  mutating func endObject(count: Int) -> Bool {
    let first = values.start + (values.count - count)
    let map: Raw
    if object.shape != 0 {
      map = vm.newMap(shape: object.shape, capacity: count)
      listItems(map).update(from: first, count: count)
      store(map, Layout.count, UInt32(truncatingIfNeeded: count))
    } else {
      map = vm.newMap()
      let firstKey = keys.start + (keys.count - count)
      for index in 0..<count { vm.mapSet(map, firstKey[index], first[index]) }
      keys.removeLast(count)
    }
    values.removeLast(count)
    object = outer.removeLast()
    return push(.object(Tag.map, map)) && pay(count & 0x3F)
  }

  /// Pays for a container, and stops at a limit or an interruption.
  @inline(__always)
  private func pay(_ count: Int) -> Bool {
    vm.pointee.fuel &-= 4 &+ count
    return vm.pointee.fuel >= 0 && vm.pointee.debt <= maximumDebt ? true : checkLimits()
  }

  @inline(never)
  private func checkLimits() -> Bool {
    if vm.pointee.debt > maximumDebt {
      vm.raiseMemoryLimit()
      return false
    }
    return vm.pointee.machine._withUnsafeGuaranteedRef { $0.refuelWithin() }
  }
}
