// An array for the machine's own tables.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

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

  /// An empty vector, which takes no memory: a machine has dozens of these, and most stay empty.
  package init() {
    capacity = 0
    count = 0
    start = Raw(bitPattern: 16).unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
  }

  /// Gives the memory back; to be called once, at the end.
  package func deallocate() {
    if capacity > 0 { free(start) }
  }

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
    let old = capacity
    capacity = max(4, capacity * 2)
    // The system moves the pages of large ones: nothing is copied.
    guard let larger = realloc(old > 0 ? start : nil, capacity * MemoryLayout<Element>.stride) else { outOfMemory() }
    start = larger.bindMemory(to: Element.self, capacity: capacity)
  }
}
