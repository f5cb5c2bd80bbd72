// Files that are read in blocks, for streams of lines and records.

import ICSVM

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is read block by block; closed when nobody holds it any more.
final class FileBlocks {
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let blockSize = 1 << 16

  let path: String
  /// What was read last.
  private(set) var block: [UInt8] = []
  private(set) var isAtEnd = false
  /// Whether `block` is the file's first one.
  private(set) var isFirst = false
  private var hasBegun = false
  private var descriptor: Int32

  /// Opens the file that the call's first argument names.
  init(_ call: Call) throws(Raised) {
    path = try call.text(0)
    descriptor = try FileAccess(call).openForReading(path)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Replaces `block` by the next one; an empty one at the end.
  func readNext(_ call: Call) throws(Raised) {
    try call.charge(Self.blockSize / 64)
    isFirst = !hasBegun
    hasBegun = true
    guard descriptor >= 0 else { return end() }
    var count = 0
    repeat {
      count = 0
      block = [UInt8](unsafeUninitializedCapacity: Self.blockSize) { buffer, initialized in
        count = read(descriptor, buffer.baseAddress, Self.blockSize)
        initialized = max(0, count)
      }
    } while count < 0 && errno == EINTR
    if count < 0 {
      let reason = String(cString: strerror(errno))
      throw call.fail("E_IO", "'\(path)' could not be read: \(reason.prefix(1).lowercased() + reason.dropFirst())")
    }
    if count == 0 { end() }
  }

  private func end() {
    isAtEnd = true
    block = []
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}

/// A text file that is read line by line, as a script's stream holds it.
final class LineFile: HostObject {
  private let file: FileBlocks
  private var offset = 0
  private var line: [UInt8] = []
  private var number = 0
  private var isDone = false

  init(_ file: FileBlocks) { self.file = file }

  var typeName: String { "file" }
  var memberNames: [String] { [] }
  func member(_ name: String, machine: Machine) throws(Raised) -> Value? { nil }

  /// The next line without its end (LF or CRLF); the end of the stream behind the last one.
  func next(_ call: Call) throws(Raised) -> Value {
    if isDone { return .end }
    while true {
      if let end = file.block[offset...].firstIndex(of: 10) {
        line += file.block[offset..<end]
        try call.charge((end - offset) / 16 + 1)
        offset = end + 1
        return try take(call)
      }
      line += file.block[offset...]
      try call.reserve(bytes: line.count)
      if file.isAtEnd {
        isDone = true
        return line.isEmpty ? .end : try take(call)
      }
      try file.readNext(call)
      offset = file.isFirst && file.block.starts(with: FileBlocks.byteOrderMark) ? 3 : 0
    }
  }

  private func take(_ call: Call) throws(Raised) -> Value {
    number += 1
    if line.last == 13 { line.removeLast() }
    if let bad = firstInvalidByte(line) {
      throw call.fail("E_IO", "'\(file.path)' is no text in UTF-8: line \(number), byte \(bad)")
    }
    let value = Value.object(Tag.string, line.withUnsafeBufferPointer { call.vm.newString($0) })
    line.removeAll(keepingCapacity: true)
    return value
  }
}
