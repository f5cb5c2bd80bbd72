// Shapes: the layouts of maps, shared by all maps that got the same keys in the same order.

/// A shape: the keys of a map in their order, with a small hash table from key to slot and the shapes that one more
/// key leads to. Shapes are never freed while their machine lives; their number is bounded (`ShapeTable.limit`).
struct Shape: BitwiseCopyable {
  /// Names (interned strings), in insertion order.
  var keys: UnsafeMutablePointer<Raw>
  var count: Int
  /// Open addressing: slot + 1, or 0; as many places as the mask says, a power of two of at least twice the count.
  var index: UnsafeMutablePointer<UInt8>
  var indexMask: Int
  /// Pairs of key and shape number.
  var transitions: UnsafeMutablePointer<Transition>?
  var transitionCount: Int
  var transitionCapacity: Int
}

struct Transition: BitwiseCopyable {
  var key: Raw
  var shape: UInt32
}

/// All shapes of a machine. Number 0 stands for "a dictionary, no shape", number 1 is the empty map's.
package struct ShapeTable {
  /// A map with more keys becomes a dictionary.
  static let maximumKeys = 64
  /// With more shapes than this, maps with new key sets become dictionaries: data whose keys are ids must not
  /// fill the memory with shapes.
  static let limit = 4096
  static let emptyMap: UInt32 = 1

  private(set) var all: UnsafeMutablePointer<Shape>
  private(set) var count: Int
  private var capacity: Int

  init() {
    capacity = 16
    all = .allocate(capacity: capacity)
    count = 0
    let none = Self.makeShape(parent: nil, key: nil, hash: { _ in 0 })
    (all + 0).initialize(to: none)
    (all + 1).initialize(to: Self.makeShape(parent: nil, key: nil, hash: { _ in 0 }))
    count = 2
  }

  func destroy() {
    for number in 0..<count {
      all[number].keys.deallocate()
      all[number].index.deallocate()
      all[number].transitions?.deallocate()
    }
    all.deallocate()
  }

  /// The slot of a name in a shape, or nil. The name's hash must be known.
  @inline(__always)
  func slot(of key: Raw, in shape: UInt32) -> Int? {
    let s = all + Int(shape)
    var place = Int(load(key, Layout.aux, as: UInt32.self)) & s.pointee.indexMask
    while true {
      let entry = Int(s.pointee.index[place])
      if entry == 0 { return nil }
      if s.pointee.keys[entry &- 1] == key { return entry &- 1 }
      place = (place &+ 1) & s.pointee.indexMask
    }
  }

  /// The shape with one more key at the end; nil when maps like that must become dictionaries.
  mutating func adding(_ key: Raw, to shape: UInt32) -> UInt32? {
    let s = all + Int(shape)
    if let transitions = s.pointee.transitions {
      for index in 0..<s.pointee.transitionCount where transitions[index].key == key {
        return transitions[index].shape
      }
    }
    guard s.pointee.count < Self.maximumKeys, count < Self.limit else { return nil }
    return makeTransition(key, from: Int(shape))
  }

  private mutating func makeTransition(_ key: Raw, from parent: Int) -> UInt32 {
    if count == capacity {
      let larger = UnsafeMutablePointer<Shape>.allocate(capacity: capacity * 2)
      larger.update(from: all, count: count)
      all.deallocate()
      all = larger
      capacity *= 2
    }
    let number = count
    (all + number).initialize(
      to: Self.makeShape(parent: all + parent, key: key) { load($0, Layout.aux, as: UInt32.self) })
    count += 1
    let s = all + parent
    if s.pointee.transitionCount == s.pointee.transitionCapacity {
      let capacity = max(2, s.pointee.transitionCapacity * 2)
      let larger = UnsafeMutablePointer<Transition>.allocate(capacity: capacity)
      if let old = s.pointee.transitions {
        larger.update(from: old, count: s.pointee.transitionCount)
        old.deallocate()
      }
      s.pointee.transitions = larger
      s.pointee.transitionCapacity = capacity
    }
    s.pointee.transitions?[s.pointee.transitionCount] = Transition(key: key, shape: UInt32(number))
    s.pointee.transitionCount += 1
    return UInt32(number)
  }

  private static func makeShape(parent: UnsafeMutablePointer<Shape>?, key: Raw?, hash: (Raw) -> UInt32) -> Shape {
    let parentCount = parent?.pointee.count ?? 0
    let count = parentCount + (key == nil ? 0 : 1)
    let keys = UnsafeMutablePointer<Raw>.allocate(capacity: max(1, count))
    if let parent { keys.update(from: parent.pointee.keys, count: parentCount) }
    if let key { keys[parentCount] = key }
    var size = 4
    while size < count * 2 { size *= 2 }
    let index = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    index.initialize(repeating: 0, count: size)
    for slot in 0..<count {
      var place = Int(hash(keys[slot])) & (size - 1)
      while index[place] != 0 { place = (place + 1) & (size - 1) }
      index[place] = UInt8(slot + 1)
    }
    return Shape(
      keys: keys, count: count, index: index, indexMask: size - 1, transitions: nil, transitionCount: 0,
      transitionCapacity: 0)
  }
}
