// Script values to and from a machine, and through any coder.

import ICSJSON
import ICSVM

extension ScriptValue: MachineReadable, MachineWritable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> ScriptValue {
    if let path, path.depth > maximumDecodingDepth {
      throw ConversionError(
        wanted: "a value nested at most \(maximumDecodingDepth) levels deep", found: "deeper", path: "")
    }
    switch value.tag {
    case Tag.null, Tag.unset: return .null
    case Tag.bool: return .bool(value.isTrue)
    case Tag.int: return .int(value.asInt)
    case Tag.float: return .float(value.asFloat)
    case Tag.string: return .string(swiftString(value.address))
    case Tag.list, Tag.range: return .list(try [ScriptValue].read(value, vm, path))
    case Tag.map:
      var map = ScriptMap()
      var position = 0
      while let entry = vm.mapEntry(value.address, at: position) {
        position = entry.next
        let key: ScriptMap.Key =
          switch entry.key.tag {
          case Tag.string: .string(swiftString(entry.key.address))
          case Tag.int: .int(entry.key.asInt)
          default: .bool(entry.key.isTrue)
          }
        map[key] = try read(entry.value, vm, ValuePath(path, TextKey(key.description)))
      }
      return .map(map)
    case Tag.closure, Tag.native: return .function(try ScriptFunction.read(value, vm, path))
    case Tag.stream: return .stream(try ScriptStream<ScriptValue>.read(value, vm, path))
    case Tag.host:
      if let box = vm.machine.hostObject(value) as? HostBox { return .object(box.object) }
      return .string(vm.printedForm(value) ?? "")
    default: throw ConversionError(wanted: "a value that Swift can hold", value, vm, path)
    }
  }

  func write(_ vm: VM, _ path: ValuePath?) throws -> Value {
    switch self {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .float(let value): return .float(value)
    case .string(let value): return try value.write(vm, path)
    case .list(let items): return try items.write(vm, path)
    case .map(let map):
      let written = vm.newMap(capacity: Swift.min(map.count, 64))
      for (key, value) in map {
        let name: Value =
          switch key {
          case .string(let text): .object(Tag.string, text.utf8.count <= 64 ? vm.name(text) : vm.newString(text))
          case .int(let number): .int(number)
          case .bool(let value): .bool(value)
          }
        let content = try value.write(vm, ValuePath(path, TextKey(key.description)))
        vm.mapSet(written, name, content, keepsShape: name.isString && map.count <= 64)
      }
      return .object(Tag.map, written)
    case .function(let function): return try function.write(vm, path)
    case .stream(let stream): return try stream.write(vm, path)
    case .object(let object): return try HostBox.value(of: object, vm, path)
    }
  }
}

extension ScriptValue: Codable {
  /// Reads any value from any decoder; functions, objects and streams from a script alone.
  public init(from decoder: any Decoder) throws {
    if let decoder = decoder as? ValueDecoder {
      self = try Self.read(decoder.value, decoder.vm, decoder.path)
      return
    }
    if let keyed = try? decoder.container(keyedBy: TextKey.self) {
      var map = ScriptMap()
      for key in keyed.allKeys { map[key.stringValue] = try keyed.decode(ScriptValue.self, forKey: key) }
      self = .map(map)
    } else if var list = try? decoder.unkeyedContainer() {
      var items: [ScriptValue] = []
      while !list.isAtEnd { items.append(try list.decode(ScriptValue.self)) }
      self = .list(items)
    } else {
      let single = try decoder.singleValueContainer()
      // Each attempt asks whether the value is of that type: that it is not is no error.
      if single.decodeNil() {
        self = .null
      } else if let value = try? single.decode(Bool.self) {
        self = .bool(value)
      } else if let value = try? single.decode(Int.self) {
        self = .int(value)
      } else if let value = try? single.decode(Double.self) {
        self = .float(value)
      } else {
        self = .string(try single.decode(String.self))
      }
    }
  }

  /// Writes the value to any encoder; functions, objects and streams to a script alone.
  public func encode(to encoder: any Encoder) throws {
    if let encoder = encoder as? ValueEncoder {
      encoder.place.set(try write(encoder.vm, encoder.path), encoder.vm)
      return
    }
    switch self {
    case .list(let items):
      var container = encoder.unkeyedContainer()
      for item in items { try container.encode(item) }
    case .map(let map):
      var container = encoder.container(keyedBy: TextKey.self)
      for (key, value) in map { try container.encode(value, forKey: TextKey(key.description)) }
    default:
      var container = encoder.singleValueContainer()
      switch self {
      case .null: try container.encodeNil()
      case .bool(let value): try container.encode(value)
      case .int(let value): try container.encode(value)
      case .float(let value): try container.encode(value)
      case .string(let value): try container.encode(value)
      default:
        throw EncodingError.invalidValue(
          self, EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "\(self) stays in its script"))
      }
    }
  }
}

extension JSONValue: MachineReadable, MachineWritable {
  static func read(_ value: ICSVM.Value, _ vm: VM, _ path: ValuePath?) throws -> JSONValue {
    do throws(Raised) {
      return try vm.jsonValue(of: value)
    } catch {
      vm.forgetError()
      throw ConversionError(wanted: "a value that JSON can say", value, vm, path)
    }
  }

  func write(_ vm: VM, _ path: ValuePath?) throws -> ICSVM.Value { vm.value(from: self) }
}
