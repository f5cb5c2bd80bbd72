// A machine's values as values of Swift types: the quick ways, and which types have one of their own.

import ICSVM

/// A type that reads itself from a machine's value, without a decoder in between.
protocol MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self
}

/// How deep a value may nest that a program reads: its own types may take some stack for each level.
let maximumDecodingDepth = 400

/// Reads a value as a Swift type.
///
/// - Throws: `ConversionError`, or what the type's own decoding throws.
@inline(__always)
func read<T: Decodable>(_ type: T.Type, from value: Value, _ vm: VM, _ path: ValuePath? = nil) throws -> T {
  // The casts are between one type and itself: the comparison before each says so.
  if type == Int.self {
    guard value.isInt else { throw ConversionError(wanted: "an int", value, vm, path) }
    return unsafeBitCast(value.asInt, to: T.self)
  }
  if type == Double.self { return unsafeBitCast(try readDouble(value, vm, path), to: T.self) }
  if type == Bool.self {
    guard value.isBool else { throw ConversionError(wanted: "a bool", value, vm, path) }
    return unsafeBitCast(value.isTrue, to: T.self)
  }
  if type == String.self {
    guard value.isString else { throw ConversionError(wanted: "a string", value, vm, path) }
    return unsafeBitCast(swiftString(value.address), to: T.self)
  }
  return try readOther(type, from: value, vm, path)
}

private func readDouble(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Double {
  if value.isFloat { return value.asFloat }
  guard value.isInt, let exact = Double(exactly: value.asInt) else {
    throw ConversionError(wanted: "a number that a double holds exactly", value, vm, path)
  }
  return exact
}

@inline(never)
private func readOther<T: Decodable>(
  _ type: T.Type, from value: Value, _ vm: VM, _ path: ValuePath?
) throws -> T {
  if let path, path.depth > maximumDecodingDepth {
    throw ConversionError(
      wanted: "a value nested at most \(maximumDecodingDepth) levels deep", found: "deeper", path: "")
  }
  if let readable = type as? any MachineReadable.Type, let result = try readable.read(value, vm, path) as? T {
    return result
  }
  do {
    return try vm.whileConverting { try T(from: ValueDecoder(vm: vm, value: value, path: path)) }
  } catch let error as DecodingError {
    throw ConversionError(error)
  }
}

// MARK: - Types with a way of their own

extension FixedWidthInteger {
  fileprivate static func readInteger(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self {
    guard value.isInt, let exact = Self(exactly: value.asInt) else {
      throw ConversionError(wanted: "an int from \(Self.min) to \(Self.max)", value, vm, path)
    }
    return exact
  }
}

extension Int8: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}
extension Int16: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}
extension Int32: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}
extension Int64: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}
extension UInt: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}
extension UInt8: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}
extension UInt16: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}
extension UInt32: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}
extension UInt64: MachineReadable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self { try readInteger(value, vm, path) }
}

extension Float: MachineReadable {
  /// The nearest float: that is what the type asks for. What is too large for it is an error.
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Float {
    let double = try readDouble(value, vm, path)
    let float = Float(double)
    guard float.isFinite || !double.isFinite else { throw ConversionError(wanted: "a Float", value, vm, path) }
    return float
  }
}

extension Optional: MachineReadable where Wrapped: Decodable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Wrapped? {
    if value.isNull || value.isUnset { return Wrapped.self is any KnowsNull.Type ? try wrapped(value, vm, path) : nil }
    return try wrapped(value, vm, path)
  }

  private static func wrapped(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Wrapped? {
    .some(try IntercomScript.read(Wrapped.self, from: value, vm, path))
  }
}

extension Array: MachineReadable where Element: Decodable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> [Element] {
    let list = try ListView(value, vm, path)
    var items: [Element] = []
    items.reserveCapacity(list.count)
    for index in 0..<list.count {
      items.append(
        try IntercomScript.read(Element.self, from: list[index], vm, ValuePath(path, IndexKey(index))))
    }
    return items
  }
}

extension Dictionary: MachineReadable where Key: Decodable, Value: Decodable {
  static func read(_ value: ICSVM.Value, _ vm: VM, _ path: ValuePath?) throws -> [Key: Value] {
    guard value.isMap else { throw ConversionError(wanted: "a map", value, vm, path) }
    var result: [Key: Value] = [:]
    var position = 0
    while let entry = vm.mapEntry(value.address, at: position) {
      position = entry.next
      let place = ValuePath(path, TextKey(ConversionError.shown(entry.key, vm)))
      let key = try IntercomScript.read(Key.self, from: entry.key, vm, place)
      let name = entry.key.isString ? ValuePath(path, TextKey(swiftString(entry.key.address))) : place
      result[key] = try IntercomScript.read(Value.self, from: entry.value, vm, name)
    }
    return result
  }
}

/// A list or a range, which read the same.
struct ListView {
  let count: Int
  private let items: ValuePointer?
  private let start: Int

  init(_ value: Value, _ vm: VM, _ path: ValuePath?) throws {
    switch value.tag {
    case Tag.list: (count, items, start) = (listCount(value.address), listItems(value.address), 0)
    case Tag.range:
      let (start, count) = vm.rangeBounds(value.address)
      guard count <= 1 << 24 else {
        throw ConversionError(wanted: "a list (this range is too long for one)", value, vm, path)
      }
      (self.count, items, self.start) = (count, nil, start)
    default: throw ConversionError(wanted: "a list", value, vm, path)
    }
  }

  subscript(index: Int) -> Value { items.map { $0[index] } ?? .int(start + index) }
}

/// A key that is known as text alone.
struct TextKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ text: String) { stringValue = text }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
