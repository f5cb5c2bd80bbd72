// Members, indexes and methods: the paths that the loop's inline caches do not take.

import ICSDiagnostics

extension VM {
  // MARK: Fields

  /// R[A] = R[B].name on a cache miss; false with an error raised. Fills the cache for a map in shape mode.
  @inline(never)
  func slowGetField(_ target: ValuePointer, _ object: Value, _ name: Raw, _ cache: UnsafeMutablePointer<UInt64>) -> Bool
  {
    switch object.tag {
    case Tag.map:
      let m = object.address
      let shape = shape(of: m)
      if shape == 0 {
        target.pointee = find(in: dictionary(of: m), .object(Tag.string, name))?.pointee ?? .null
      } else if let slot = shapeSlot(name, shape) {
        cache.pointee = UInt64(shape) | UInt64(slot * Instruction.valueSize) << 32
        target.pointee = listItems(m)[slot]
      } else {
        target.pointee = .null
      }
      return true
    case Tag.module:
      let members = load(object.address, Layout.moduleMembers, as: Raw.self)
      if let value = mapGet(members, .object(Tag.string, name)) {
        target.pointee = value
        return true
      }
    case Tag.range where UInt(bitPattern: name) == pointee.machine._withUnsafeGuaranteedRef({ $0.names }).length:
      guard let count = rangeLength(object.address) else { return false }
      target.pointee = .int(count)
      return true
    case Tag.list, Tag.string, Tag.range, Tag.error:
      if let value = property(of: object, UInt(bitPattern: name)) {
        target.pointee = value
        return true
      }
    case Tag.host:
      return hostMember(target, object, name)
    case Tag.null, Tag.unset:
      raise("E_NULL", "cannot read '\(swiftString(name))' of null")
      return false
    default: break
    }
    raiseNoMember(object, swiftString(name))
    return false
  }

  /// The slot of a field; keys of more than 128 bytes are not names, and no shape has them.
  @inline(__always)
  private func shapeSlot(_ name: Raw, _ shape: UInt32) -> Int? {
    guard let name = existingName(name) else { return nil }
    return pointee.shapes.slot(of: name, in: shape)
  }

  /// The members that are read without a call.
  private func property(of object: Value, _ name: UInt) -> Value? {
    let names = pointee.machine._withUnsafeGuaranteedRef { $0.names }
    let p = object.address
    switch object.tag {
    case Tag.list:
      let count = listCount(p)
      if name == names.length { return .int(count) }
      if name == names.first { return count == 0 ? .null : listItems(p)[0] }
      if name == names.last { return count == 0 ? .null : listItems(p)[count - 1] }
    case Tag.string:
      if name == names.length { return .int(scalarCount(p)) }
    case Tag.range:
      let ends = rangeEnds(p)
      // The length is read before this; here it only tells that there is one.
      if name == names.length { return .int(rangeBounds(p).count) }
      if name == names.first { return ends.map { .int($0.first) } ?? .null }
      if name == names.last { return ends.map { .int($0.last) } ?? .null }
    case Tag.error:
      if name == names.kind { return load(p, Layout.errorKind, as: Value.self) }
      if name == names.message { return load(p, Layout.errorMessage, as: Value.self) }
      if name == names.data { return load(p, Layout.errorData, as: Value.self) }
      if name == names.stack { return stackOfError(p) }
    default: break
    }
    return nil
  }

  /// An error's `.stack`: a list of `{function, file, line, column}`, innermost first.
  private func stackOfError(_ error: Raw) -> Value {
    let machine = pointee.machine.takeUnretainedValue()
    let list = newList(capacity: 4)
    for place in machine.trace(of: error) {
      let (line, column) = place.source.lineAndColumn(at: Int(place.span.start))
      let entry = newMap(capacity: 4)
      set(entry, "function", .object(Tag.string, newString(place.function)))
      set(entry, "file", .object(Tag.string, newString(place.source.name)))
      set(entry, "line", .int(line))
      set(entry, "column", .int(column))
      listPush(list, .object(Tag.map, entry))
    }
    return .object(Tag.list, list)
  }

  /// Sets a field by its Swift name: for maps that natives build.
  package func set(_ map: Raw, _ key: String, _ value: Value) {
    mapSet(map, .object(Tag.string, name(key)), value, keepsShape: true)
  }

  private func hostMember(_ target: ValuePointer, _ object: Value, _ name: Raw) -> Bool {
    let machine = pointee.machine.takeUnretainedValue()
    guard let host = machine.hostObject(object) else {
      raise("E_VALUE", "this object is no longer alive")
      return false
    }
    do throws(Raised) {
      if let value = try host.member(swiftString(name), machine: machine) {
        target.pointee = value
        return true
      }
    } catch {
      return false
    }
    raiseNoMember(object, swiftString(name))
    return false
  }

  private func setHostMember(_ object: Value, _ name: Raw, _ value: Value) -> Bool {
    let machine = pointee.machine.takeUnretainedValue()
    do throws(Raised) {
      guard let host = machine.hostObject(object) else {
        raise("E_VALUE", "this object is no longer alive")
        return false
      }
      if try host.setMember(swiftString(name), to: value, machine: machine) { return true }
    } catch {
      return false
    }
    raise("E_TYPE", "'\(swiftString(name))' of \(describe(object)) cannot be set")
    return false
  }

  /// E_MEMBER with the nearest names of that type.
  func raiseNoMember(_ object: Value, _ name: String) {
    let machine = pointee.machine.takeUnretainedValue()
    let known = memberNames(of: object, machine)
    if machine.method(self.name(name), of: object.tag) != nil {
      raise(
        "E_MEMBER", "'\(name)' of \(describe(object)) is a method and has to be called",
        help: "write .\(name)(...)")
      return
    }
    let what = object.tag == Tag.module ? "'\(moduleName(object))'" : describe(object)
    let help: String?
    if object.tag == Tag.stream, ["length", "size", "len"].contains(name) {
      help = "a stream is read as it goes: count it with .count(), or make a list of it first with .to_list()"
    } else if object.tag == Tag.stream, ["last"].contains(name) || machine.method(self.name(name), of: Tag.list) != nil
    {
      help = "make a list of it first: .to_list().\(name)\(name == "last" ? "" : "(...)")"
    } else {
      let near = nearestNames(to: name, among: known, limit: 1).first ?? borrowedMember(name, among: known)
      help = near.map { "did you mean '\($0)'?" }
    }
    raise("E_MEMBER", "\(what) has no member '\(name)'", help: help)
  }

  private func moduleName(_ object: Value) -> String {
    swiftString(load(object.address, Layout.moduleName, as: Raw.self))
  }

  private func memberNames(of object: Value, _ machine: Machine) -> [String] {
    switch object.tag {
    case Tag.module:
      var names: [String] = []
      let members = load(object.address, Layout.moduleMembers, as: Raw.self)
      var position = 0
      while let entry = mapEntry(members, at: position) {
        if entry.key.isString { names.append(swiftString(entry.key.address)) }
        position = entry.next
      }
      return names
    case Tag.host: return machine.hostObject(object)?.memberNames ?? []
    case Tag.list, Tag.range: return machine.library.methodNames(of: object.tag) + ["length", "first", "last"]
    case Tag.string: return machine.library.methodNames(of: object.tag) + ["length"]
    case Tag.error: return ["kind", "message", "data", "stack"]
    default: return machine.library.methodNames(of: object.tag)
    }
  }

  /// R[A].name = value on a cache miss; false with an error raised.
  @inline(never)
  func slowSetField(_ object: Value, _ name: Raw, _ value: Value, _ cache: UnsafeMutablePointer<UInt64>) -> Bool {
    guard object.isMap else {
      if object.isNull {
        raise("E_NULL", "cannot set '\(swiftString(name))' of null")
      } else if object.tag == Tag.host {
        return setHostMember(object, name, value)
      } else {
        raise("E_TYPE", "only a map's entries can be set, and this is \(describe(object))")
      }
      return false
    }
    let m = object.address
    let shape = shape(of: m)
    guard shape != 0, let key = existingName(name) ?? Optional(self.name(stringBuffer(name))) else {
      mapSet(m, .object(Tag.string, name), value)
      return true
    }
    if let slot = pointee.shapes.slot(of: key, in: shape) {
      cache[0] = UInt64(shape) | UInt64(slot * Instruction.valueSize) << 32
      listItems(m)[slot] = value
    } else if let next = pointee.shapes.adding(key, to: shape) {
      cache[1] = UInt64(shape) | UInt64(next) << 32
      appendSlot(m, value, shape: next)
    } else {
      mapSet(m, .object(Tag.string, name), value)
    }
    return true
  }

  // MARK: Indexes

  /// R[A] = R[B][R[C]] for what the loop does not do in place.
  @inline(never)
  func slowGetIndex(_ target: ValuePointer, _ object: Value, _ index: Value) -> Bool {
    switch object.tag {
    case Tag.list:
      if index.tag == Tag.range { return slice(target, list: object.address, index.address) }
      guard let position = position(index, count: listCount(object.address), of: "list") else { return false }
      target.pointee = listItems(object.address)[position]
      return true
    case Tag.string:
      if index.tag == Tag.range { return slice(target, string: object.address, index.address) }
      let count = scalarCount(object.address)
      guard let position = position(index, count: count, of: "string") else { return false }
      guard isASCII(object.address) || mayBegin(work: position >> 3) else { return false }
      let offset = byteOffset(ofScalar: position, in: object.address)
      let bytes = stringBytes(object.address) + offset
      target.pointee = .object(Tag.string, newScalar(bytes, width: scalarWidth(bytes.pointee)))
      return true
    case Tag.map:
      guard isKey(index) else { return false }
      target.pointee = mapGet(object.address, index) ?? .null
      return true
    case Tag.range:
      guard let item = item(of: object.address, at: index) else { return false }
      target.pointee = .int(item)
      return true
    case Tag.module where index.isString:
      let members = load(object.address, Layout.moduleMembers, as: Raw.self)
      target.pointee = mapGet(members, index) ?? .null
      return true
    case Tag.null:
      raise("E_NULL", "cannot read an index of null")
      return false
    default:
      raise(
        "E_TYPE", "\(describe(object)) has no indexes",
        help: object.tag == Tag.stream
          ? "take its next item with .first(), or make a list of it first with .to_list()" : nil)
      return false
    }
  }

  /// The position that an index stands for; negative ones count from the end.
  private func position(_ index: Value, count: Int, of type: String) -> Int? {
    guard index.isInt else {
      raise("E_TYPE", "a \(type)'s index is an int, and this is \(describe(index))")
      return nil
    }
    let position = index.asInt < 0 ? index.asInt &+ count : index.asInt
    guard position >= 0 && position < count else {
      raise(
        "E_INDEX", "index \(index.asInt) is outside the \(type), which has \(count) item\(count == 1 ? "" : "s")",
        help: type == "list" && count == 0 ? ".first is null for an empty list, and .push(x) adds an item" : nil)
      return nil
    }
    return position
  }

  /// The item of a range at an index. Counted from its ends: the number of items may be no int.
  private func item(of range: Raw, at index: Value) -> Int? {
    if index.isInt, let (first, last) = rangeEnds(range) {
      let (item, isOutside) =
        index.asInt < 0 ? last.addingReportingOverflow(index.asInt + 1) : first.addingReportingOverflow(index.asInt)
      if !isOutside && item >= first && item <= last { return item }
    }
    // Not found: for the error.
    return position(index, count: rangeBounds(range).count, of: "range")
  }

  /// E_TYPE unless the value can be a key of a map.
  func isKey(_ value: Value) -> Bool {
    if value.isString || value.isInt || value.isBool { return true }
    raise("E_TYPE", "a key of a map is a string, an int or a bool, and this is \(describe(value))")
    return false
  }

  /// The part of `count` items that a range of indexes stands for: bounds count from the end when negative, then clamp.
  package func clampedSlice(_ range: Raw, count: Int) -> (start: Int, count: Int) {
    let isClosed = load(range, Layout.flags, as: UInt8.self) & Layout.flagClosed != 0
    func clamp(_ bound: Int) -> Int { min(max(bound < 0 ? bound &+ count : bound, 0), count) }
    let start = clamp(load(range, Layout.rangeStart, as: Int.self))
    let rawEnd = load(range, Layout.rangeEnd, as: Int.self)
    var end = clamp(rawEnd)
    if isClosed && end < count && (rawEnd >= 0 || rawEnd &+ count >= 0) { end += 1 }
    return (start, max(0, end - start))
  }

  private func slice(_ target: ValuePointer, list: Raw, _ range: Raw) -> Bool {
    let (start, count) = clampedSlice(range, count: listCount(list))
    guard checkLength(count * Instruction.valueSize) else { return false }
    let result = newList(capacity: count)
    guard appendInRoom(result, listItems(list) + start, count) else { return false }
    target.pointee = .object(Tag.list, result)
    return true
  }

  private func slice(_ target: ValuePointer, string: Raw, _ range: Raw) -> Bool {
    let (start, count) = clampedSlice(range, count: scalarCount(string))
    guard isASCII(string) || mayBegin(work: stringLength(string) >> 3) else { return false }
    guard checkLength(min(count * 4, stringLength(string))) else { return false }
    guard let part = substring(string, fromScalar: start, count: count) else { return false }
    target.pointee = .object(Tag.string, part)
    return true
  }

  /// The scalars `start ..< start + count` of a string, which must be there; nil, with the error in the state, when a
  /// limit ends it.
  package func substring(_ s: Raw, fromScalar start: Int, count: Int) -> Raw? {
    let from = byteOffset(ofScalar: start, in: s)
    let to = byteOffset(ofScalar: start + count, in: s)
    let part = newString(length: to - from)
    return copyBytes(part + Layout.stringBytes, Raw(stringBytes(s)) + from, to - from) ? part : nil
  }

  /// R[A][R[B]] = R[C] for what the loop does not do in place.
  @inline(never)
  func slowSetIndex(_ object: Value, _ index: Value, _ value: Value) -> Bool {
    switch object.tag {
    case Tag.list:
      guard let position = position(index, count: listCount(object.address), of: "list") else { return false }
      listItems(object.address)[position] = value
      return true
    case Tag.map:
      guard isKey(index) else { return false }
      mapSet(object.address, index, value)
      return true
    case Tag.null:
      raise("E_NULL", "cannot set an index of null")
      return false
    default:
      raise("E_TYPE", "only items of lists and entries of maps can be set, and this is \(describe(object))")
      return false
    }
  }

  // MARK: Methods

  /// What `invoke` found.
  enum Invocation {
    /// Call this function (a closure or a native); the receiver stays in place as the method's self.
    case function(Value)
    case failed
  }

  /// The function that `receiver.name(...)` calls; fills the cache where the answer will be the same next time.
  @inline(never)
  func findMethod(_ receiver: Value, _ name: Raw, _ cache: UnsafeMutablePointer<UInt64>) -> Invocation {
    let machine = pointee.machine.takeUnretainedValue()
    var key = UInt64(receiver.tag)
    switch receiver.tag {
    case Tag.map:
      let m = receiver.address
      if let own = mapGet(m, .object(Tag.string, name)) {
        if own.isFunction { return .function(own) }
        if machine.method(name, of: Tag.map) == nil {
          raise("E_TYPE", "'\(swiftString(name))' of this map is \(describe(own)), not a function")
          return .failed
        }
      }
      let shape = shape(of: m)
      key = shape == 0 ? 0 : key | UInt64(shape) << 8
      // An own entry that is no function does not count, but its value may change without the shape.
      if shape != 0, shapeSlot(name, shape) != nil { key = 0 }
    case Tag.module:
      let members = load(receiver.address, Layout.moduleMembers, as: Raw.self)
      guard let member = mapGet(members, .object(Tag.string, name)) else {
        raiseNoMember(receiver, swiftString(name))
        return .failed
      }
      guard member.isFunction else {
        raise("E_TYPE", "'\(swiftString(name))' is \(describe(member)), not a function")
        return .failed
      }
      fill(cache, key | receiver.bits << 8, member)
      return .function(member)
    case Tag.host:
      return findHostMethod(receiver, name, machine)
    case Tag.null, Tag.unset:
      raise("E_NULL", "cannot call '\(swiftString(name))' of null")
      return .failed
    default: break
    }
    guard let method = machine.method(name, of: receiver.tag) else {
      if receiver.isHeap, let value = property(of: receiver, UInt(bitPattern: name)), !value.isFunction {
        raise(
          "E_TYPE", "'\(swiftString(name))' of \(describe(receiver)) is read without a call",
          help: "write .\(swiftString(name))")
      } else {
        raiseNoMember(receiver, swiftString(name))
      }
      return .failed
    }
    fill(cache, key, method)
    return .function(method)
  }

  /// The cache of an `invoke`: the receiver's kind in the first word, the function in the second, with its lowest bit
  /// set for a closure. Closures of the prelude and natives are kept alive by the machine.
  private func fill(_ cache: UnsafeMutablePointer<UInt64>, _ key: UInt64, _ function: Value) {
    guard key != 0 else { return }
    // A module's function may be a closure of the script's host that dies with the module: only natives are kept.
    if function.tag == Tag.closure && UInt8(truncatingIfNeeded: key) == Tag.module { return }
    cache[0] = key
    cache[1] = function.bits | (function.tag == Tag.closure ? 1 : 0)
  }

  private func findHostMethod(_ receiver: Value, _ name: Raw, _ machine: Machine) -> Invocation {
    var result = Value.null
    let isFound = withUnsafeMutablePointer(to: &result) { hostMember($0, receiver, name) }
    guard isFound else { return .failed }
    guard result.isFunction else {
      raise("E_TYPE", "'\(swiftString(name))' is \(describe(result)), not a function")
      return .failed
    }
    return .function(result)
  }

  // MARK: Modules

  /// A module value: a name and a map that scripts read and call but cannot change.
  package func newModule(name: String, members: Raw) -> Value {
    let module = allocate(24, tag: Tag.module)
    store(module, Layout.moduleMembers, members)
    store(module, Layout.moduleName, self.name(name))
    return .object(Tag.module, module)
  }
}
