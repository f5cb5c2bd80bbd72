// An array for the machine's own tables.

/// A growing array of trivial elements in raw memory, freed by hand.
///
/// The machine's state is a struct behind one pointer; Swift's own array there would cost a uniqueness check and
/// reference counts at every access on hot paths.
package struct Vector<Element: BitwiseCopyable> {
  /// The address of the first element.
  package private(set) var start: UnsafeMutablePointer<Element>
  /// How many elements there are.
  package private(set) var count: Int
  private var capacity: Int

  /// An empty vector.
  package init() {
    capacity = 16
    count = 0
    start = .allocate(capacity: 16)
  }

  /// Gives the memory back; to be called once, at the end.
  package func deallocate() { start.deallocate() }

  /// Adds an element at the end.
  @inline(__always)
  package mutating func append(_ element: Element) {
    if count == capacity { grow() }
    start[count] = element
    count &+= 1
  }

  /// Only when not empty.
  @inline(__always)
  package mutating func removeLast() -> Element {
    count &-= 1
    return start[count]
  }

  /// Drops elements from the end, of which there must be as many.
  @inline(__always)
  package mutating func removeLast(_ number: Int) { count &-= number }

  /// Forgets the elements, and keeps their room.
  package mutating func removeAll() { count = 0 }

  /// An element; the index is not checked.
  @inline(__always)
  package subscript(index: Int) -> Element {
    get { start[index] }
    nonmutating set { start[index] = newValue }
  }

  @inline(never)
  private mutating func grow() {
    capacity *= 2
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    larger.update(from: start, count: count)
    start.deallocate()
    start = larger
  }
}
