// A set of any values, equal in the language's sense: what `unique` looks into.

import ICSVM

/// Values that have been seen.
struct ValueSet {
  private let vm: VM
  /// For each hash the last value with it, the first of a chain through `next`: a map of the machine, which counts its
  /// memory, and looks at the limits while it grows.
  private let heads: Raw
  // Millions of them grow without being copied.
  private var values = Vector<Value>()
  private var next = Vector<Int32>()

  init(_ vm: VM) {
    self.vm = vm
    heads = vm.newMap()
  }

  /// Gives the memory back; to be called once, at the end.
  func deallocate() {
    values.deallocate()
    next.deallocate()
  }

  /// About how many bytes the set takes beside the machine's memory.
  var takenMemory: Int { values.count * 40 }

  /// Adds a value; false when an equal one was there.
  mutating func insert(_ value: Value, _ call: Call) throws(Raised) -> Bool {
    var hasher = Hasher()
    try hash(value, depth: 0, into: &hasher, call)
    let hash = Value.int(hasher.finalize())
    let head = vm.mapGet(heads, hash)?.asInt ?? -1
    var candidate = head
    while candidate >= 0 {
      try call.charge(4)
      if try call.isEqual(values[candidate], value) { return false }
      candidate = Int(next[candidate])
    }
    next.append(Int32(truncatingIfNeeded: head))
    vm.mapSet(heads, hash, .int(values.count))
    values.append(value)
    return true
  }

  /// Equal values have one hash. Deep and long values are hashed in part: a hash must end for values that contain
  /// themselves.
  private func hash(_ value: Value, depth: Int, into hasher: inout Hasher, _ call: Call) throws(Raised) {
    switch value.tag {
    case Tag.int: hasher.combine(Double(value.asInt))
    case Tag.float: hasher.combine(value.asFloat + 0.0)
    case Tag.string:
      try call.charge(stringLength(value.address) >> 4)
      hasher.combine(bytes: UnsafeRawBufferPointer(stringBuffer(value.address)))
    case Tag.list:
      let count = listCount(value.address)
      hasher.combine(count)
      guard depth < 3 else { return }
      for index in 0..<min(count, 16) {
        try hash(listItems(value.address)[index], depth: depth + 1, into: &hasher, call)
      }
    case Tag.map: try hashMap(value.address, depth: depth, into: &hasher, call)
    case Tag.range:
      let bounds = vm.rangeBounds(value.address)
      hasher.combine(bounds.count)
      if bounds.count > 0 { hasher.combine(bounds.start) }
    default:
      hasher.combine(value.tag)
      hasher.combine(value.bits)
    }
  }

  /// The order of entries does not count, so their hashes are added up.
  private func hashMap(_ map: Raw, depth: Int, into hasher: inout Hasher, _ call: Call) throws(Raised) {
    hasher.combine(vm.mapCount(map))
    guard depth < 3 else { return }
    var sum = 0
    var position = 0
    while let entry = vm.mapEntry(map, at: position) {
      position = entry.next
      try call.charge(8)
      var own = Hasher()
      try hash(entry.key, depth: depth + 1, into: &own, call)
      try hash(entry.value, depth: depth + 1, into: &own, call)
      sum = sum &+ own.finalize()
    }
    hasher.combine(sum)
  }
}
