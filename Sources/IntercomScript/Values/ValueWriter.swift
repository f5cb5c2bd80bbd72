// Values of Swift types as a machine's values: the quick ways, and which types have one of their own.

import ICSVM

/// A type that writes itself as a machine's value, without an encoder in between.
protocol MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value
}

/// Makes a machine's value of a Swift value.
///
/// - Throws: `ConversionError`, `Raised` when the machine's memory does not allow it, or what the type throws.
@inline(__always)
func write<T: Encodable>(_ value: T, _ vm: VM, _ path: ValuePath? = nil) throws -> Value {
  // The casts are between one type and itself: the comparison before each says so.
  if T.self == Int.self { return .int(unsafeBitCast(value, to: Int.self)) }
  if T.self == Double.self { return .float(unsafeBitCast(value, to: Double.self)) }
  if T.self == Bool.self { return .bool(unsafeBitCast(value, to: Bool.self)) }
  if T.self == String.self { return try unsafeBitCast(value, to: String.self).write(vm, path) }
  return try writeOther(value, vm, path)
}

@inline(never)
private func writeOther<T: Encodable>(_ value: T, _ vm: VM, _ path: ValuePath?) throws -> Value {
  if let writable = value as? any MachineWritable { return try writable.write(vm, path) }
  if let path, path.depth > maximumDecodingDepth {
    throw ConversionError(
      wanted: "a value nested at most \(maximumDecodingDepth) levels deep", found: "deeper", path: "")
  }
  let encoder = ValueEncoder(vm: vm, path: path, place: ValuePlace(.alone))
  try vm.whileConverting { try value.encode(to: encoder) }
  guard let result = encoder.place.value else {
    throw ConversionError(
      wanted: "a value", found: "a \(T.self), which encodes nothing", path: ValuePath.text(ValuePath.keys(path)))
  }
  return result
}

/// Asks for memory before much is allocated at once.
func reserve(_ bytes: Int, _ vm: VM) throws(Raised) {
  guard bytes > 1 << 12 else { return }
  try vm.makeRoom(bytes: bytes)
}

// MARK: - Types with a way of their own

extension String: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value {
    try reserve(utf8.count, vm)
    return .object(Tag.string, vm.newString(self))
  }
}

extension FixedWidthInteger {
  fileprivate func writeInteger(_ path: ValuePath?) throws -> Value {
    guard let exact = Int(exactly: self) else {
      throw ConversionError(wanted: "an int of 64 bits", found: "\(self)", path: ValuePath.text(ValuePath.keys(path)))
    }
    return .int(exact)
  }
}

extension Int: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { .int(self) }
}
extension Int8: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension Int16: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension Int32: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension Int64: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension UInt: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension UInt8: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension UInt16: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension UInt32: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension UInt64: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try writeInteger(path) }
}
extension Double: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { .float(self) }
}
extension Float: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { .float(Double(self)) }
}
extension Bool: MachineWritable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { .bool(self) }
}

extension Optional: MachineWritable where Wrapped: Encodable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value {
    guard let self else { return .null }
    return try IntercomScript.write(self, vm, path)
  }
}

extension Array: MachineWritable where Element: Encodable {
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value {
    try reserve(count * 16, vm)
    let list = vm.newList(capacity: count)
    for (index, item) in enumerated() {
      vm.listPush(list, try IntercomScript.write(item, vm, ValuePath(path, IndexKey(index))))
    }
    return .object(Tag.list, list)
  }
}

extension Dictionary: MachineWritable where Key: Encodable, Value: Encodable {
  /// Text and number keys in sorted order, so that the same dictionary is the same map in every process.
  func write(_ vm: VM, _ path: ValuePath?) throws -> ICSVM.Value {
    try reserve(count * 40, vm)
    let map = vm.newMap(capacity: Swift.min(count, 64))
    var entries: [(key: ICSVM.Value, value: Value)] = []
    entries.reserveCapacity(count)
    for (key, value) in self { entries.append((try Self.key(key, vm, path), value)) }
    entries.sort { Self.isBefore($0.key, $1.key) }
    for (key, value) in entries {
      let place = ValuePath(path, TextKey(key.isString ? swiftString(key.address) : ConversionError.shown(key, vm)))
      vm.mapSet(map, key, try IntercomScript.write(value, vm, place))
    }
    return .object(Tag.map, map)
  }

  private static func key(_ key: Key, _ vm: VM, _ path: ValuePath?) throws -> ICSVM.Value {
    let written = try IntercomScript.write(key, vm, path)
    guard written.isString || written.isInt || written.isBool else {
      throw ConversionError(wanted: "a key that is a string, an int or a bool", written, vm, path)
    }
    return written
  }

  private static func isBefore(_ a: ICSVM.Value, _ b: ICSVM.Value) -> Bool {
    if a.isString, b.isString { return compareStrings(a.address, b.address) < 0 }
    return a.tag == b.tag ? a.asInt < b.asInt : a.tag < b.tag
  }
}
