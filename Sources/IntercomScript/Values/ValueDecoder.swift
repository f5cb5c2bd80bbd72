// `Decodable` straight over a machine's values: no JSON in between.

import ICSVM

/// Reads a type's parts from a value. Used while the machine stands still: nothing moves or is collected.
struct ValueDecoder: Decoder {
  let vm: VM
  let value: Value
  let path: ValuePath?

  var codingPath: [any CodingKey] { ValuePath.keys(path) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard value.isMap else { throw ConversionError(wanted: "a map", value, vm, path) }
    return KeyedDecodingContainer(MapReader(vm: vm, map: value.address, path: path))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    ListReader(vm: vm, list: try ListView(value, vm, path), path: path)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    SingleReader(vm: vm, value: value, path: path)
  }
}

private struct MapReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let vm: VM
  let map: Raw
  let path: ValuePath?

  var codingPath: [any CodingKey] { ValuePath.keys(path) }

  var allKeys: [Key] {
    var keys: [Key] = []
    var position = 0
    while let entry = vm.mapEntry(map, at: position) {
      position = entry.next
      if entry.key.isString, let key = Key(stringValue: swiftString(entry.key.address)) { keys.append(key) }
      if entry.key.isInt, let key = Key(intValue: entry.key.asInt) { keys.append(key) }
    }
    return keys
  }

  /// The entry of a key: nil when it is missing, which is not the same as null.
  private func find(_ key: any CodingKey) -> Value? {
    if let number = key.intValue, let value = vm.mapGet(map, .int(number)) { return value }
    return vm.mapGet(map, .object(Tag.string, vm.name(key.stringValue)))
  }

  private func entry(_ key: any CodingKey) throws -> Value {
    guard let value = find(key) else {
      throw ConversionError(wanted: "a value", found: "missing", path: ValuePath.text(codingPath + [key]))
    }
    return value
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { find(key)?.isNull ?? true }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    let value = try entry(key)
    return try read(type, from: value, vm, ValuePath(path, key))
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    guard let value = find(key), !value.isNull || type is any KnowsNull.Type else { return nil }
    return try read(type, from: value, vm, ValuePath(path, key))
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try decoder(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try decoder(TextKey("super")) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

  private func decoder(_ key: any CodingKey) throws -> ValueDecoder {
    ValueDecoder(vm: vm, value: try entry(key), path: ValuePath(path, key))
  }
}

private struct ListReader: UnkeyedDecodingContainer {
  let vm: VM
  let list: ListView
  let path: ValuePath?
  var currentIndex = 0

  var codingPath: [any CodingKey] { ValuePath.keys(path) }
  var count: Int? { list.count }
  var isAtEnd: Bool { currentIndex >= list.count }

  private var place: ValuePath { ValuePath(path, IndexKey(currentIndex)) }

  private func current() throws -> Value {
    guard !isAtEnd else {
      throw ConversionError(wanted: "another item", found: "the end of the list", path: ValuePath.text(codingPath))
    }
    return list[currentIndex]
  }

  mutating func decodeNil() throws -> Bool {
    guard try current().isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let result = try read(type, from: current(), vm, place)
    currentIndex += 1
    return result
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
  mutating func superDecoder() throws -> any Decoder { try next() }

  private mutating func next() throws -> ValueDecoder {
    let decoder = ValueDecoder(vm: vm, value: try current(), path: place)
    currentIndex += 1
    return decoder
  }
}

private struct SingleReader: SingleValueDecodingContainer {
  let vm: VM
  let value: Value
  let path: ValuePath?

  var codingPath: [any CodingKey] { ValuePath.keys(path) }

  func decodeNil() -> Bool { value.isNull }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try read(type, from: value, vm, path) }
}
