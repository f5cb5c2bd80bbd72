// `Encodable` straight into a machine's values: no JSON in between.

import ICSVM

/// Where an encoder's value goes.
final class ValuePlace {
  enum Target {
    case alone
    case entry(map: Raw, key: Value)
    case item(list: Raw, index: Int)
  }

  private let target: Target
  private(set) var value: Value?

  init(_ target: Target) { self.target = target }

  func set(_ value: Value, _ vm: VM) {
    self.value = value
    switch target {
    case .alone: break
    case .entry(let map, let key): vm.mapSet(map, key, value, keepsShape: key.isString)
    case .item(let list, let index): if index < listCount(list) { listItems(list)[index] = value }
    }
  }

  /// The map that is being written here, made by the first container.
  func map(_ vm: VM) -> Raw {
    if let value, value.isMap { return value.address }
    let map = vm.newMap()
    set(.object(Tag.map, map), vm)
    return map
  }

  func list(_ vm: VM) -> Raw {
    if let value, value.isList { return value.address }
    let list = vm.newList(capacity: 4)
    set(.object(Tag.list, list), vm)
    return list
  }
}

/// Writes a type's parts into one value. Used while the machine stands still: nothing moves or is collected.
struct ValueEncoder: Encoder {
  let vm: VM
  let path: ValuePath?
  let place: ValuePlace

  var codingPath: [any CodingKey] { ValuePath.keys(path) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(MapWriter(vm: vm, map: place.map(vm), path: path))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    ListWriter(vm: vm, list: place.list(vm), path: path)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleWriter(vm: vm, place: place, path: path) }
}

private struct MapWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let vm: VM
  let map: Raw
  let path: ValuePath?

  var codingPath: [any CodingKey] { ValuePath.keys(path) }

  private func name(_ key: any CodingKey) -> Value {
    key.intValue.map { .int($0) } ?? .object(Tag.string, vm.name(key.stringValue))
  }

  private func set(_ key: any CodingKey, _ value: Value) {
    let name = name(key)
    vm.mapSet(map, name, value, keepsShape: name.isString)
  }

  mutating func encodeNil(forKey key: Key) throws { set(key, .null) }

  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    set(key, try write(value, vm, ValuePath(path, key)))
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    encoder(key).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(key).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { encoder(TextKey("super")) }
  mutating func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

  private func encoder(_ key: any CodingKey) -> ValueEncoder {
    ValueEncoder(vm: vm, path: ValuePath(path, key), place: ValuePlace(.entry(map: map, key: name(key))))
  }
}

private struct ListWriter: UnkeyedEncodingContainer {
  let vm: VM
  let list: Raw
  let path: ValuePath?

  var codingPath: [any CodingKey] { ValuePath.keys(path) }
  var count: Int { listCount(list) }

  mutating func encodeNil() throws { vm.listPush(list, .null) }

  mutating func encode<T: Encodable>(_ value: T) throws {
    vm.listPush(list, try write(value, vm, ValuePath(path, IndexKey(count))))
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> {
    encoder().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
  mutating func superEncoder() -> any Encoder { encoder() }

  private func encoder() -> ValueEncoder {
    let index = count
    vm.listPush(list, .null)
    return ValueEncoder(
      vm: vm, path: ValuePath(path, IndexKey(index)), place: ValuePlace(.item(list: list, index: index)))
  }
}

private struct SingleWriter: SingleValueEncodingContainer {
  let vm: VM
  let place: ValuePlace
  let path: ValuePath?

  var codingPath: [any CodingKey] { ValuePath.keys(path) }

  mutating func encodeNil() throws { place.set(.null, vm) }
  mutating func encode<T: Encodable>(_ value: T) throws { place.set(try write(value, vm, path), vm) }
}
