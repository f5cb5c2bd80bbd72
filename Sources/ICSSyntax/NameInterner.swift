// Builds a `NameTable`: an open-addressing hash table over the bytes of names, so that the lexer makes no string for
// an identifier.

/// Gives every distinct spelling the next number.
struct NameInterner {
  /// The id plus one of the name in each slot, 0 for an empty one. The size is a power of two.
  private var slots: [UInt32]
  private var hashes: [UInt64] = []
  private var ends: [UInt32] = []
  private var text: [UInt8] = []
  /// Swift compares strings by canonical equivalence, which is what "equal in NFC" means.
  private var unicodeNames: [String: UInt32] = [:]
  private(set) var canonicalNames: [UInt32: UInt32] = [:]

  /// Where hashing starts. Random in each process, so that nobody can prepare a file whose names all collide; ids do
  /// not depend on it.
  let seed = processSeed
  private static let processSeed = UInt64.random(in: 1...UInt64.max)

  init() {
    slots = [UInt32](repeating: 0, count: 512)
    for name in NameID.hardKeywords + NameID.softKeywords {
      var name = name
      _ = name.withUTF8 { intern($0, hash: hash($0)) }
    }
  }

  var table: NameTable { NameTable(ends: ends, text: text, canonicalNames: canonicalNames) }

  /// One step of the hash (FNV-1a over 64 bits), which the lexer takes while it scans a name.
  @inline(__always)
  static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

  func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = seed
    for byte in bytes { hash = Self.mix(hash, byte) }
    return hash
  }

  /// The id of a spelling, by its bytes and their hash.
  mutating func intern(_ bytes: UnsafeBufferPointer<UInt8>, hash: UInt64) -> UInt32 {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash ^ (hash >> 29)) & mask
    while slots[slot] != 0 {
      let id = slots[slot] - 1
      if hashes[Int(id)] == hash, isName(id, bytes) { return id }
      slot = (slot + 1) & mask
    }
    return add(bytes, hash: hash, slot: slot)
  }

  /// As `intern`, for a variable's name that is not all ASCII: also notes which earlier name it equals in NFC.
  mutating func internUnicode(_ bytes: UnsafeBufferPointer<UInt8>, hash: UInt64) -> UInt32 {
    let known = ends.count
    let id = intern(bytes, hash: hash)
    guard ends.count > known else { return id }
    let name = String(decoding: bytes, as: UTF8.self)
    if let first = unicodeNames[name] {
      canonicalNames[id] = first
    } else {
      unicodeNames[name] = id
    }
    return id
  }

  @inline(__always)
  func canonical(_ id: UInt32) -> UInt32 { canonicalNames.isEmpty ? id : canonicalNames[id] ?? id }

  @inline(__always)
  private func isName(_ id: UInt32, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = id == 0 ? 0 : Int(ends[Int(id) - 1])
    guard Int(ends[Int(id)]) - start == bytes.count else { return false }
    return text.withUnsafeBufferPointer { text in
      for index in 0..<bytes.count where text[start + index] != bytes[index] { return false }
      return true
    }
  }

  private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>, hash: UInt64, slot: Int) -> UInt32 {
    let id = UInt32(ends.count)
    text.append(contentsOf: bytes)
    ends.append(UInt32(text.count))
    hashes.append(hash)
    slots[slot] = id + 1
    if ends.count * 2 > slots.count { grow() }
    return id
  }

  private mutating func grow() {
    let mask = slots.count * 2 - 1
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (id, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash ^ (hash >> 29)) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(id) + 1
    }
  }
}
