// Values: a tag and 64 bits, and the layout of what lies on the heap.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The first byte of a value, and of every heap object.
///
/// INVARIANT: null and bool are the smallest, so that truth is one comparison; `firstHeap ..< firstImmediate` are the
/// kinds whose bits are the address of a heap object with the same tag in its header.
@usableFromInline package enum Tag {
  /// Null; the bits are 0.
  @inlinable @inline(__always) package static var null: UInt8 { 0 }
  /// The bits are 0 or 1.
  @inlinable @inline(__always) package static var bool: UInt8 { 1 }
  /// The bits are those of a 64-bit int.
  @inlinable @inline(__always) package static var int: UInt8 { 2 }
  /// The bits are those of a double.
  @inlinable @inline(__always) package static var float: UInt8 { 3 }

  /// Immutable UTF-8.
  @inlinable @inline(__always) package static var string: UInt8 { 4 }
  /// A list.
  @inlinable @inline(__always) package static var list: UInt8 { 5 }
  /// A map, by a shape or by a dictionary.
  @inlinable @inline(__always) package static var map: UInt8 { 6 }
  /// A function of the script, with what it captured.
  @inlinable @inline(__always) package static var closure: UInt8 { 7 }
  /// A range of ints.
  @inlinable @inline(__always) package static var range: UInt8 { 8 }
  /// A lazy sequence.
  @inlinable @inline(__always) package static var stream: UInt8 { 9 }
  /// An error, as `catch` gets it.
  @inlinable @inline(__always) package static var error: UInt8 { 10 }
  /// A spawned fiber as scripts see it.
  @inlinable @inline(__always) package static var task: UInt8 { 11 }
  /// A frozen map of the host's or the library's functions and values: `json`, `math`, `contacts`.
  @inlinable @inline(__always) package static var module: UInt8 { 12 }
  /// A Swift object of the host's.
  @inlinable @inline(__always) package static var host: UInt8 { 13 }

  // Heap objects that no script ever holds.
  /// A captured variable that changes.
  @inlinable @inline(__always) package static var cell: UInt8 { 14 }
  /// The items of a list that has outgrown its object, or the bytes of an append buffer.
  @inlinable @inline(__always) package static var buffer: UInt8 { 15 }
  /// The table behind a map.
  @inlinable @inline(__always) package static var dictionary: UInt8 { 16 }
  /// The stack of an error.
  @inlinable @inline(__always) package static var trace: UInt8 { 17 }

  /// A built-in or host function: the bits are the address of its `NativeFunction`.
  @inlinable @inline(__always) package static var native: UInt8 { 32 }
  /// No value yet: a variable before its declaration ran, an argument that was not given.
  @inlinable @inline(__always) package static var unset: UInt8 { 33 }
  /// The end of a stream.
  @inlinable @inline(__always) package static var end: UInt8 { 34 }

  /// The first tag of a heap object.
  @inlinable @inline(__always) package static var firstHeap: UInt8 { 4 }
  /// The first tag behind those of heap objects.
  @inlinable @inline(__always) package static var firstImmediate: UInt8 { 32 }
}

/// An address in the heap, or of other raw memory.
@usableFromInline package typealias Raw = UnsafeMutableRawPointer
/// The address of values: registers, items, slots.
@usableFromInline package typealias ValuePointer = UnsafeMutablePointer<Value>

/// A value of the language: 16 bytes, copied freely, owned by nobody. Heap values are addresses into one machine's
/// heap: they stay valid as long as that machine can reach them (a register, a global, a `Handle`).
///
/// The tag is a byte and not a word: with two words the optimiser merges their moves into one vector move, and reading
/// 16 bytes that were just written as two halves stalls (measured: up to 1.3 times on field and list code).
@usableFromInline package struct Value: BitwiseCopyable {
  /// What the bits are: one of `Tag`.
  @usableFromInline package var tag: UInt8
  /// The payload, or the address of a heap object.
  @usableFromInline package var bits: UInt64

  /// A value of these parts, which have to fit each other.
  @inlinable @inline(__always)
  package init(tag: UInt8, bits: UInt64) {
    self.tag = tag
    self.bits = bits
  }

  /// The value `null`.
  @inlinable @inline(__always) package static var null: Value { Value(tag: Tag.null, bits: 0) }
  /// The mark of a variable without a value yet, and of an argument that was not given.
  @inlinable @inline(__always) package static var unset: Value { Value(tag: Tag.unset, bits: 0) }
  /// The mark of a stream's end.
  @inlinable @inline(__always) package static var end: Value { Value(tag: Tag.end, bits: 0) }
  /// The value of a bool.
  @inlinable @inline(__always) package static func bool(_ b: Bool) -> Value { Value(tag: Tag.bool, bits: b ? 1 : 0) }
  /// The value of an int.
  @inlinable @inline(__always) package static func int(_ i: Int) -> Value {
    Value(tag: Tag.int, bits: UInt64(bitPattern: Int64(i)))
  }
  /// The value of a float.
  @inlinable @inline(__always) package static func float(_ d: Double) -> Value {
    Value(tag: Tag.float, bits: d.bitPattern)
  }
  /// The value of a heap object, whose header has the same tag.
  @inlinable @inline(__always) package static func object(_ tag: UInt8, _ address: Raw) -> Value {
    Value(tag: tag, bits: UInt64(UInt(bitPattern: address)))
  }

  /// Whether it is null.
  @inlinable @inline(__always) package var isNull: Bool { tag == Tag.null }
  /// Whether it is `true` or `false`.
  @inlinable @inline(__always) package var isBool: Bool { tag == Tag.bool }
  /// Whether it is an int.
  @inlinable @inline(__always) package var isInt: Bool { tag == Tag.int }
  /// Whether it is a float.
  @inlinable @inline(__always) package var isFloat: Bool { tag == Tag.float }
  /// Whether it is an int or a float.
  @inlinable @inline(__always) package var isNumber: Bool { tag == Tag.int || tag == Tag.float }
  /// Whether it is a string.
  @inlinable @inline(__always) package var isString: Bool { tag == Tag.string }
  /// Whether it is a list.
  @inlinable @inline(__always) package var isList: Bool { tag == Tag.list }
  /// Whether it is a map.
  @inlinable @inline(__always) package var isMap: Bool { tag == Tag.map }
  /// Whether there is no value yet.
  @inlinable @inline(__always) package var isUnset: Bool { tag == Tag.unset }
  /// Whether the bits are the address of a heap object.
  @inlinable @inline(__always) package var isHeap: Bool { tag >= Tag.firstHeap && tag < Tag.firstImmediate }
  /// Whether it can be called: the script's functions and natives.
  @inlinable @inline(__always) package var isFunction: Bool { tag == Tag.closure || tag == Tag.native }

  /// Neither false nor null.
  @inlinable @inline(__always) package var isTrue: Bool { tag > 1 || bits != 0 }
  /// The int; only for ints.
  @inlinable @inline(__always) package var asInt: Int { Int(truncatingIfNeeded: bits) }
  /// The double; only for floats.
  @inlinable @inline(__always) package var asFloat: Double { Double(bitPattern: bits) }
  /// The number as a float; only for ints and floats.
  @inlinable @inline(__always) package var asDouble: Double { tag == Tag.int ? Double(asInt) : asFloat }
  /// The heap object's address; only for heap values.
  @inlinable @inline(__always) package var address: Raw { Raw(bitPattern: UInt(bits)).unsafelyUnwrapped }
}

/// Reads a field of a heap object at a byte offset; the field must have the type.
@inlinable @inline(__always)
package func load<T>(_ p: Raw, _ offset: Int, as type: T.Type) -> T {
  (p + offset).assumingMemoryBound(to: type).pointee
}

/// Writes a field of a heap object at a byte offset.
@inlinable @inline(__always)
package func store<T>(_ p: Raw, _ offset: Int, _ value: T) {
  (p + offset).assumingMemoryBound(to: T.self).pointee = value
}

/// The layouts of heap objects: byte offsets of their fields.
///
/// Every object begins with a header of 8 bytes: `tag u8 | mark u8 | size class u8 | flags u8 | aux u32`.
///
///     string      aux = hash or 0   length u32 @8   scalar count u32 @12   bytes @16, or their address @16
///     list        count u32 @8      capacity u32 @12   items @16 (address)   inline items @24
///     map         aux = shape, 0 = dictionary   count u32 @8   capacity u32 @12   slots @16 (address; of the
///                 dictionary object when aux is 0)   inline slots @24
///     closure     aux = captures    prototype @8   captures @16
///     range       start @8   end @16   flag 1 = with its end
///     stream      next @8 (value), what keeps a native that is next alive @24 (address or 0)
///     error       kind @8   message @24   data @40   help @56 (values)   trace @72 (address or 0)
///     task        state u64 @8   result @16 (value)   number u64 @32
///     module      members @8 (address of a map)   name @16 (address of a string)
///     host        number u64 @8 (index into `Machine.hostObjects`)
///     cell        content @8
///     buffer      aux unused   list and map slots @8; for strings used u32 @8   capacity u32 @12   bytes @16
///     dictionary  aux = capacity   mask u32 @8   used u32 @12   live u32 @16   generation u32 @20
///                 index u32[mask + 1] @24, then entries of key and value
///     trace       count u32 @8   entries of (prototype address, word offset) @16
@usableFromInline package enum Layout {
  /// The epoch of the collection that last reached the object.
  @inlinable @inline(__always) package static var mark: Int { 1 }
  /// The size class; 0 for a large object.
  @inlinable @inline(__always) package static var sizeClass: Int { 2 }
  /// The flags; which there are depends on the tag.
  @inlinable @inline(__always) package static var flags: Int { 3 }
  /// A word whose meaning depends on the tag.
  @inlinable @inline(__always) package static var aux: Int { 4 }
  /// The number of items of a list, or of fields of a map.
  @inlinable @inline(__always) package static var count: Int { 8 }
  /// How many there is room for.
  @inlinable @inline(__always) package static var capacity: Int { 12 }
  /// The address of the items.
  @inlinable @inline(__always) package static var items: Int { 16 }
  /// Where items begin that lie in the object itself.
  @inlinable @inline(__always) package static var inlineItems: Int { 24 }
  /// Where the slots begin in a buffer object.
  @inlinable @inline(__always) package static var bufferItems: Int { 8 }

  /// The length of a string in bytes.
  @inlinable @inline(__always) package static var stringLength: Int { 8 }
  /// Its length in scalars, once `flagCounted` is set.
  @inlinable @inline(__always) package static var stringScalars: Int { 12 }
  /// Its bytes, or with `flagExternal` their address.
  @inlinable @inline(__always) package static var stringBytes: Int { 16 }
  /// The string is in the machine's table of names.
  @inlinable @inline(__always) package static var flagInterned: UInt8 { 1 }
  /// The bytes are in an append buffer, whose address is in place of them.
  @inlinable @inline(__always) package static var flagExternal: UInt8 { 2 }
  /// The scalar count is known.
  @inlinable @inline(__always) package static var flagCounted: UInt8 { 4 }

  /// A closure's prototype.
  @inlinable @inline(__always) package static var prototype: Int { 8 }
  /// A closure's captures, one value each.
  @inlinable @inline(__always) package static var captures: Int { 16 }
  /// The value in a cell.
  @inlinable @inline(__always) package static var cellContent: Int { 8 }
  /// The first int of a range.
  @inlinable @inline(__always) package static var rangeStart: Int { 8 }
  /// The bound at its end.
  @inlinable @inline(__always) package static var rangeEnd: Int { 16 }
  /// The range holds its end.
  @inlinable @inline(__always) package static var flagClosed: UInt8 { 1 }
  /// The function that gives a stream's next item.
  @inlinable @inline(__always) package static var streamNext: Int { 8 }
  /// The object that keeps what its native needs.
  @inlinable @inline(__always) package static var streamKeeper: Int { 24 }
  /// An error's kind, a string.
  @inlinable @inline(__always) package static var errorKind: Int { 8 }
  /// Its message, a string.
  @inlinable @inline(__always) package static var errorMessage: Int { 24 }
  /// The script's own data.
  @inlinable @inline(__always) package static var errorData: Int { 40 }
  /// Its help, a string or null.
  @inlinable @inline(__always) package static var errorHelp: Int { 56 }
  /// The address of its stack; 0 without one.
  @inlinable @inline(__always) package static var errorTrace: Int { 72 }
  /// The size of an error.
  @inlinable @inline(__always) package static var errorSize: Int { 80 }
  /// A limit of the host's: no `catch` sees it, no `finally` runs.
  @inlinable @inline(__always) package static var flagLimit: UInt8 { 1 }
  /// A cancellation: no `catch` sees it, `finally` runs.
  @inlinable @inline(__always) package static var flagCancelled: UInt8 { 2 }
  /// A task whose end somebody has seen.
  @inline(__always) package static var flagObserved: UInt8 { 1 }
  /// How far a task is: a byte of the scheduler's.
  @inlinable @inline(__always) package static var taskState: Int { 8 }
  /// What its function returned, or its error.
  @inlinable @inline(__always) package static var taskResult: Int { 16 }
  /// Its fiber's number.
  @inlinable @inline(__always) package static var taskNumber: Int { 32 }
  /// The map of a module's members.
  @inlinable @inline(__always) package static var moduleMembers: Int { 8 }
  /// A module's name, a string.
  @inlinable @inline(__always) package static var moduleName: Int { 16 }
  @inlinable @inline(__always) package static var hostNumber: Int { 8 }
}

extension UnsafeMutablePointer where Pointee == Value {
  /// The slot before this one: of arguments, where the receiver is and the result goes.
  ///
  /// In bytes, because the optimiser (6.3.1) takes an access at index -1 for one at index 0: it dropped stores for it.
  @inlinable @inline(__always)
  package var previous: ValuePointer { (Raw(self) - 16).assumingMemoryBound(to: Value.self) }
}
