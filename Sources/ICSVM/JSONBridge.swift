// Values of the machine as JSON values of Swift, and back: for request bodies, host functions and results.

import ICSJSON

extension VM {
  /// A JSON value as a value of this machine: objects become maps, arrays lists.
  package func value(from json: JSONValue) -> Value {
    switch json {
    case .null: return .null
    case .bool(let b): return .bool(b)
    case .int(let i): return .int(i)
    case .double(let d): return .float(d)
    case .string(let s): return .object(Tag.string, newString(s))
    case .array(let items):
      let list = newList(capacity: items.count)
      for item in items { listPush(list, value(from: item)) }
      return .object(Tag.list, list)
    case .object(let object):
      let map = newMap(capacity: object.count)
      for (key, item) in object { set(map, key, value(from: item)) }
      return .object(Tag.map, map)
    }
  }

  /// A value as JSON; fails with E_VALUE for what JSON cannot say (functions, streams, NaN, a value that contains itself)
  /// and for keys other than strings and ints.
  package func jsonValue(of value: Value, depth: Int = 0) throws(Raised) -> JSONValue {
    guard depth < maximumNesting else {
      raise("E_VALUE", "a value that is nested more than \(maximumNesting) levels deep, or contains itself, is no JSON")
      throw Raised()
    }
    switch value.tag {
    case Tag.null, Tag.unset: return .null
    case Tag.bool: return .bool(value.isTrue)
    case Tag.int: return .int(value.asInt)
    case Tag.float:
      guard value.asFloat.isFinite else {
        raise("E_VALUE", "JSON has no \(value.asFloat.isNaN ? "nan" : "infinity")")
        throw Raised()
      }
      return .double(value.asFloat)
    case Tag.string: return .string(swiftString(value.address))
    case Tag.list:
      var items: [JSONValue] = []
      items.reserveCapacity(listCount(value.address))
      for index in 0..<listCount(value.address) {
        items.append(try jsonValue(of: listItems(value.address)[index], depth: depth + 1))
      }
      return .array(items)
    case Tag.range:
      let (start, count) = rangeBounds(value.address)
      guard count <= 1 << 24 else {
        raise("E_VALUE", "a range of \(count) ints is too long for JSON")
        throw Raised()
      }
      return .array((0..<count).map { .int(start + $0) })
    case Tag.map:
      var object = JSONObject()
      var position = 0
      while let entry = mapEntry(value.address, at: position) {
        guard entry.key.isString || entry.key.isInt else {
          raise("E_VALUE", "a key of a JSON object is a string, and this one is \(describe(entry.key))")
          throw Raised()
        }
        let key = entry.key.isString ? swiftString(entry.key.address) : String(entry.key.asInt)
        object[key] = try jsonValue(of: entry.value, depth: depth + 1)
        position = entry.next
      }
      return .object(object)
    default:
      raise("E_VALUE", "\(describe(value)) is nothing that JSON can say")
      throw Raised()
    }
  }
}
