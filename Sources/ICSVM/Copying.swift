// Copies of many megabytes, in pieces: between two of them the limits and the interruption are looked at.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How many bytes are copied before the limits are looked at: below a millisecond, pages taken anew included.
private let pieceSize = 1 << 20

extension VM {
  /// Whether a limit was met whose error the loop has not seen yet.
  package var hasMetLimit: Bool {
    let raised = pointee.raised
    return raised.tag == Tag.error && load(raised.address, Layout.flags, as: UInt8.self) & Layout.flagLimit != 0
  }

  /// Looks at the limits: false, with the error in the state, when the script must stop. The slow path then gives any
  /// result at once, as after `mayGoOn(afterWork:)`.
  @inline(never)
  func mayGoOn() -> Bool {
    pointee.machine._withUnsafeGuaranteedRef { machine in
      if machine.checkLimits() { return true }
      machine.callLoop()
      return false
    }
  }

  /// Copies bytes that do not overlap; false, with the error in the state, when a limit ends it.
  @inline(__always)
  func copyBytes(_ to: Raw, _ from: Raw, _ count: Int) -> Bool {
    if count > pieceSize { return copyPieces(to, from, count) }
    memcpy(to, from, count)
    return true
  }

  @inline(never)
  private func copyPieces(_ to: Raw, _ from: Raw, _ count: Int) -> Bool {
    var done = 0
    while done < count {
      guard mayGoOn() else { return false }
      let piece = Swift.min(pieceSize, count - done)
      memcpy(to + done, from + done, piece)
      done += piece
    }
    return true
  }

  /// Copies items that do not overlap; false, with the error in the state, when a limit ends it.
  @inline(__always)
  func copyItems(_ to: ValuePointer, _ from: ValuePointer, _ count: Int) -> Bool {
    copyBytes(Raw(to), Raw(from), count &* Instruction.valueSize)
  }

  /// Appends `count` items from an address outside the list, which has room for them; false when a limit ends it.
  func appendInRoom(_ list: Raw, _ source: ValuePointer, _ count: Int) -> Bool {
    let old = listCount(list)
    guard copyItems(listItems(list) + old, source, count) else { return false }
    store(list, Layout.count, UInt32(truncatingIfNeeded: old + count))
    return true
  }
}

extension Call {
  /// Copies bytes that do not overlap; gives up when a limit ends it.
  package func copy(
    _ to: UnsafeMutablePointer<UInt8>, _ from: UnsafePointer<UInt8>, _ count: Int
  ) throws(Raised) {
    if !vm.copyBytes(Raw(to), Raw(mutating: from), count) { throw Raised() }
  }

  /// Appends items to a list that has room for them; gives up when a limit ends it.
  package func append(_ list: Raw, _ source: ValuePointer, count: Int) throws(Raised) {
    if !vm.appendInRoom(list, source, count) { throw Raised() }
  }

  /// A new string; the bytes must be UTF-8, and their memory granted.
  package func newString(_ bytes: UnsafeBufferPointer<UInt8>) throws(Raised) -> Raw {
    let s = vm.newString(length: bytes.count)
    if let start = bytes.baseAddress { try copy(stringBytes(s), start, bytes.count) }
    return s
  }
}
