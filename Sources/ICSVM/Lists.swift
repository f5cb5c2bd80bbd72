// Lists: items inline in the object at first, in a buffer object once they outgrow it. Every access goes through the
// address of the items, so neither case needs a branch.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The number of items of a list.
@inlinable @inline(__always)
package func listCount(_ l: Raw) -> Int { Int(load(l, Layout.count, as: UInt32.self)) }

/// The items of a list. Valid until the list grows.
@inlinable @inline(__always)
package func listItems(_ l: Raw) -> ValuePointer { load(l, Layout.items, as: ValuePointer.self) }

extension VM {
  /// An empty list with room for `capacity` items.
  @inline(__always)
  package func newList(capacity: Int) -> Raw {
    let l = allocate(Layout.inlineItems &+ capacity &* Instruction.valueSize, tag: Tag.list)
    store(l, Layout.count, UInt32(0))
    store(l, Layout.capacity, UInt32(truncatingIfNeeded: capacity))
    store(l, Layout.items, l + Layout.inlineItems)
    return l
  }

  /// Appends an item. When the memory limit has no room for it, the list stays as it is, and the loop finds the error.
  @inline(__always)
  package func listPush(_ l: Raw, _ value: Value) {
    let count = load(l, Layout.count, as: UInt32.self)
    if count == load(l, Layout.capacity, as: UInt32.self), !growSlots(of: l, atLeast: Int(count) &+ 1) { return }
    listItems(l)[Int(count)] = value
    store(l, Layout.count, count &+ 1)
  }

  /// A list of `count` values from `source` on.
  package func newList(_ source: ValuePointer, count: Int) -> Raw {
    let l = newList(capacity: count)
    listItems(l).update(from: source, count: count)
    store(l, Layout.count, UInt32(truncatingIfNeeded: count))
    return l
  }

  /// Appends `count` items from an address outside the list; none when the memory limit has no room for them.
  package func listAppend(_ l: Raw, _ source: ValuePointer, count: Int) {
    let old = listCount(l)
    guard reserve(list: l, capacity: old + count) else { return }
    listItems(l).advanced(by: old).update(from: source, count: count)
    store(l, Layout.count, UInt32(truncatingIfNeeded: old + count))
  }

  /// Makes room so that the list can hold `capacity` items without growing; false when the memory limit has none.
  package func reserve(list l: Raw, capacity: Int) -> Bool {
    capacity <= Int(load(l, Layout.capacity, as: UInt32.self)) || growSlots(of: l, atLeast: capacity)
  }

  /// Makes the slots of a list or of a map in shape mode larger: doubled, or by less when the memory limit is near.
  ///
  /// - Returns: False when the limit has no room; the error is in the state, and the loop finds it.
  @inline(never)
  func growSlots(of p: Raw, atLeast wanted: Int) -> Bool {
    let old = Int(load(p, Layout.capacity, as: UInt32.self))
    var capacity = max(4, old &* 2, wanted)
    let count = Int(load(p, Layout.count, as: UInt32.self))
    let items = load(p, Layout.items, as: Raw.self)
    let isInline = items == p + Layout.inlineItems
    let isLarge = !isInline && load(items - Layout.bufferItems, Layout.sizeClass, as: UInt8.self) == 0
    if capacity >= 256 {
      let taken = isLarge ? old : 0
      let sizes = [capacity, max(wanted, old + old >> 3), max(wanted, old + old >> 5)]
      guard let fitting = sizes.first(where: { fits(($0 - taken) &* Instruction.valueSize) }) else {
        refuseMemory()
        return false
      }
      capacity = fitting
    }
    let size = Layout.bufferItems + capacity * Instruction.valueSize
    var buffer: Raw
    if isLarge {
      buffer = reallocateLarge(items - Layout.bufferItems, size: size)
    } else {
      buffer = allocate(size, tag: Tag.buffer)
      memcpy(buffer + Layout.bufferItems, items, count * Instruction.valueSize)
    }
    store(p, Layout.capacity, UInt32(truncatingIfNeeded: capacity))
    store(p, Layout.items, buffer + Layout.bufferItems)
    return true
  }
}
