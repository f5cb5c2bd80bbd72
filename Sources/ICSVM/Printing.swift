// The printed form of values.

import ICSJSON

/// Collects the bytes of printed forms.
package struct TextBuffer {
  /// What was written so far.
  package private(set) var bytes: [UInt8] = []
  /// Past this many bytes printing stops.
  package var maximumLength = Int.max

  /// An empty buffer.
  package init() { bytes.reserveCapacity(64) }

  /// Writes a byte.
  package mutating func append(_ byte: UInt8) { bytes.append(byte) }
  /// Writes a text of the program.
  package mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
  /// Writes UTF-8.
  package mutating func append(_ text: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: text) }
  /// Writes a text.
  package mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
  /// Forgets what was written, and keeps the room for it.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
  /// A limit of the host's ended the printing; the error is in the machine's state.
  package fileprivate(set) var isStopped = false
  var isFull: Bool { bytes.count > maximumLength || isStopped }
}

extension VM {
  /// A value as `print` shows it; nil when it is nested too deeply. Longer forms than the maximum end with `...`.
  package func printedForm(_ value: Value, maximumLength: Int = Int.max) -> String? {
    var buffer = TextBuffer()
    buffer.maximumLength = maximumLength
    guard print(value, into: &buffer) else { return nil }
    if buffer.bytes.count > maximumLength {
      return String(decoding: buffer.bytes.prefix(maximumLength), as: UTF8.self) + "..."
    }
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  /// Appends a value as `print` shows it: a string as it is, everything else as its literal. False when it is nested too
  /// deeply.
  package func print(_ value: Value, into buffer: inout TextBuffer) -> Bool {
    if value.isString {
      buffer.append(stringBuffer(value.address))
      return true
    }
    var open: [Raw] = []
    return printLiteral(value, into: &buffer, open: &open)
  }

  /// Appends a value as it stands inside a list: strings quoted.
  package func printLiteral(_ value: Value, into buffer: inout TextBuffer) -> Bool {
    var open: [Raw] = []
    return printLiteral(value, into: &buffer, open: &open)
  }

  /// Pays for what is printed next; false when a limit ends the printing. A few values that share their parts can have a
  /// printed form without an end.
  private func mayPrint(_ byteCount: Int, _ buffer: inout TextBuffer) -> Bool {
    guard mayGoOn(afterWork: 2 + byteCount >> 4) else {
      buffer.isStopped = true
      return false
    }
    if buffer.bytes.count + byteCount < 1 << 16 || fits(buffer.bytes.count + byteCount) { return true }
    refuseMemory()
    buffer.isStopped = true
    return false
  }

  private func printLiteral(_ value: Value, into buffer: inout TextBuffer, open: inout [Raw]) -> Bool {
    guard mayPrint(value.isString ? stringLength(value.address) : 8, &buffer) else { return true }
    switch value.tag {
    case Tag.null, Tag.unset: buffer.append("null")
    case Tag.bool: buffer.append(value.isTrue ? "true" : "false")
    case Tag.int: appendInt(value.asInt, to: &buffer)
    case Tag.float: appendFloat(value.asFloat, to: &buffer)
    case Tag.string: printQuoted(stringBuffer(value.address), into: &buffer)
    case Tag.list, Tag.map:
      if open.contains(value.address) {
        buffer.append("...")
        return true
      }
      guard open.count < maximumNesting else { return false }
      open.append(value.address)
      defer { open.removeLast() }
      return value.isList ? printList(value, &buffer, &open) : printMap(value, &buffer, &open)
    case Tag.range:
      appendInt(load(value.address, Layout.rangeStart, as: Int.self), to: &buffer)
      let isClosed = load(value.address, Layout.flags, as: UInt8.self) & Layout.flagClosed != 0
      buffer.append(isClosed ? "..." : "..<")
      appendInt(load(value.address, Layout.rangeEnd, as: Int.self), to: &buffer)
    default: appendOpaque(value, to: &buffer)
    }
    return true
  }

  private func printList(_ value: Value, _ buffer: inout TextBuffer, _ open: inout [Raw]) -> Bool {
    buffer.append(UInt8(ascii: "["))
    var index = 0
    while index < listCount(value.address) && !buffer.isFull {
      if index > 0 { buffer.append(", ") }
      guard printLiteral(listItems(value.address)[index], into: &buffer, open: &open) else { return false }
      index += 1
    }
    buffer.append(UInt8(ascii: "]"))
    return true
  }

  private func printMap(_ value: Value, _ buffer: inout TextBuffer, _ open: inout [Raw]) -> Bool {
    buffer.append(UInt8(ascii: "{"))
    var position = 0
    var isFirst = true
    while let entry = mapEntry(value.address, at: position), !buffer.isFull {
      if !isFirst { buffer.append(", ") }
      isFirst = false
      appendKey(entry.key, to: &buffer)
      buffer.append(": ")
      guard printLiteral(entry.value, into: &buffer, open: &open) else { return false }
      position = entry.next
    }
    buffer.append(UInt8(ascii: "}"))
    return true
  }

  /// A key as a map literal has it: plain when it is an identifier, quoted otherwise, in brackets for ints and bools.
  private func appendKey(_ key: Value, to buffer: inout TextBuffer) {
    if key.isString {
      let bytes = stringBuffer(key.address)
      if isIdentifier(bytes) { buffer.append(bytes) } else { appendQuoted(bytes, to: &buffer) }
    } else {
      buffer.append(UInt8(ascii: "["))
      if key.isInt { appendInt(key.asInt, to: &buffer) } else { buffer.append(key.isTrue ? "true" : "false") }
      buffer.append(UInt8(ascii: "]"))
    }
  }

  private func isIdentifier(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first else { return false }
    if bytes.allSatisfy({ $0 < 0x80 }) {
      guard isLetter(first) else { return false }
      return bytes.allSatisfy { isLetter($0) || ($0 >= 48 && $0 <= 57) }
    }
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    guard let head = scalars.first, head == "_" || head.properties.isXIDStart else { return false }
    return scalars.allSatisfy { $0 == "_" || $0.properties.isXIDContinue }
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte == 95
  }

  private func appendOpaque(_ value: Value, to buffer: inout TextBuffer) {
    switch value.tag {
    case Tag.closure:
      let prototype = load(value.address, Layout.prototype, as: UnsafeMutablePointer<LoadedPrototype>.self)
      let name = prototype.pointee.program._withUnsafeGuaranteedRef {
        $0.program.strings[$0.program.prototypes[Int(prototype.pointee.number)].name]
      }
      // A lambda has no name; it is called `fn` where a stack needs one.
      buffer.append(name == "fn" || name.isEmpty ? "<function>" : "<function \(name)>")
    case Tag.native:
      buffer.append("<function \(pointee.machine._withUnsafeGuaranteedRef { $0.native(value.bits).name })>")
    case Tag.stream: buffer.append("<stream>")
    case Tag.task: buffer.append("<task>")
    case Tag.error:
      let kind = load(value.address, Layout.errorKind, as: Value.self)
      buffer.append("<error ")
      if kind.isString { buffer.append(stringBuffer(kind.address)) }
      buffer.append(">")
    case Tag.module:
      buffer.append("<")
      buffer.append(stringBuffer(load(value.address, Layout.moduleName, as: Raw.self)))
      buffer.append(">")
    case Tag.host: buffer.append("<\(typeName(value))>")
    default: buffer.append("<value>")
    }
  }

  /// Writes an int in decimal digits.
  package func appendInt(_ value: Int, to buffer: inout TextBuffer) {
    withIntBytes(value) { buffer.append($0) }
  }

  /// Writes a float in the shortest form that reads back.
  package func appendFloat(_ value: Double, to buffer: inout TextBuffer) {
    withFloatBytes(value) { buffer.append($0) }
  }

  /// A string as a JSON literal, in pieces when it is long: a limit may end it between them.
  private func printQuoted(_ text: UnsafeBufferPointer<UInt8>, into buffer: inout TextBuffer) {
    let piece = 1 << 18
    if text.count <= piece { return appendQuoted(text, to: &buffer) }
    buffer.append(UInt8(ascii: "\""))
    var start = 0
    while start < text.count && !buffer.isFull {
      let end = min(start + piece, text.count)
      appendEscaped(UnsafeBufferPointer(rebasing: text[start..<end]), to: &buffer)
      start = end
      // The work is paid for already.
      if !mayGoOn() { buffer.isStopped = true }
    }
    buffer.append(UInt8(ascii: "\""))
  }

  /// A string as a JSON literal.
  package func appendQuoted(_ text: UnsafeBufferPointer<UInt8>, to buffer: inout TextBuffer) {
    buffer.append(UInt8(ascii: "\""))
    appendEscaped(text, to: &buffer)
    buffer.append(UInt8(ascii: "\""))
  }

  private func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, to buffer: inout TextBuffer) {
    let hex: StaticString = "0123456789abcdef"
    var plain = 0
    for index in 0..<text.count {
      let byte = text[index]
      if byte >= 32 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != 127 { continue }
      if plain < index { buffer.append(UnsafeBufferPointer(rebasing: text[plain..<index])) }
      plain = index + 1
      switch byte {
      case UInt8(ascii: "\""): buffer.append("\\\"")
      case UInt8(ascii: "\\"): buffer.append("\\\\")
      case 10: buffer.append("\\n")
      case 13: buffer.append("\\r")
      case 9: buffer.append("\\t")
      case 8: buffer.append("\\b")
      case 12: buffer.append("\\f")
      case 0..<32, 127:
        buffer.append("\\u00")
        buffer.append(hex.utf8Start[Int(byte >> 4)])
        buffer.append(hex.utf8Start[Int(byte & 15)])
      default: break
      }
    }
    if plain < text.count { buffer.append(UnsafeBufferPointer(rebasing: text[plain...])) }
  }

  // MARK: Interpolation

  /// R[A] = the printed forms of `count` values, joined.
  @inline(never)
  func concatenate(_ target: ValuePointer, _ parts: ValuePointer, _ count: Int) -> Bool {
    // Strings and ints are by far the most; their length is known without printing them.
    var length = 0
    for index in 0..<count {
      let part = parts[index]
      if part.isString {
        length &+= stringLength(part.address)
      } else if part.isInt {
        length &+= NumberText.capacity
      } else {
        return concatenatePrinted(target, parts, count)
      }
    }
    guard checkLength(length) else { return false }
    let result = newString(length: length)
    let start = (result + Layout.stringBytes).assumingMemoryBound(to: UInt8.self)
    var offset = 0
    for index in 0..<count {
      let part = parts[index]
      if part.isString {
        let size = stringLength(part.address)
        if size < 64 {
          ICSVM.copyBytes(start + offset, stringBytes(part.address), size)
        } else if !copyBytes(Raw(start + offset), Raw(stringBytes(part.address)), size) {
          return false
        }
        offset &+= size
      } else {
        offset &+= NumberText.write(part.asInt, to: start + offset)
      }
    }
    store(result, Layout.stringLength, UInt32(truncatingIfNeeded: offset))
    target.pointee = .object(Tag.string, result)
    return true
  }

  private func concatenatePrinted(_ target: ValuePointer, _ parts: ValuePointer, _ count: Int) -> Bool {
    var buffer = TextBuffer()
    for index in 0..<count {
      guard print(parts[index], into: &buffer) else {
        raise("E_DEPTH", "a value that is nested more than \(maximumNesting) levels deep cannot be printed")
        return false
      }
    }
    guard !buffer.isStopped, checkLength(buffer.bytes.count) else { return false }
    target.pointee = .object(Tag.string, buffer.bytes.withUnsafeBufferPointer { newString($0) })
    return true
  }
}

/// Short copies are most: a loop of bytes beats a call for them.
@inline(__always)
func copyBytes(_ to: UnsafeMutablePointer<UInt8>, _ from: UnsafePointer<UInt8>, _ count: Int) {
  to.update(from: from, count: count)
}

/// An int's digits, for the duration of the call.
package func withIntBytes<R>(_ value: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
  withNumberBytes {
    NumberText.write(value, to: $0)
  } body: {
    body($0)
  }
}

/// A float's shortest text, for the duration of the call.
package func withFloatBytes<R>(_ value: Double, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
  withNumberBytes {
    NumberText.write(value, to: $0)
  } body: {
    body($0)
  }
}

private func withNumberBytes<R>(
  _ write: (UnsafeMutablePointer<UInt8>) -> Int, body: (UnsafeBufferPointer<UInt8>) -> R
) -> R {
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: NumberText.capacity) { memory in
    guard let start = memory.baseAddress else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
    return body(UnsafeBufferPointer(start: start, count: write(start)))
  }
}
