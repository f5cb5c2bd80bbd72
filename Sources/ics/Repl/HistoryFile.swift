// What was entered at the prompt, in a file that outlives the process, however that ends.
//
// Entries may have several lines. Each begins with a line `#` and Unix seconds, as readline and bash write it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The history of one session. A file that cannot be used is said once: a prompt without a past is better than none.
@MainActor
final class HistoryFile {
  /// How many entries are kept.
  static let maximumEntries = 10_000
  /// How much of the file is read: a larger one is cut to its end.
  private static let maximumSize = 4 << 20

  private let path: String
  private var hasWarned = false

  init(path: String) { self.path = path }

  /// The entries, oldest first. What cannot be read is left out.
  func load() -> [String] {
    // A pipe in its place would keep the prompt waiting for ever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno != ENOENT { warn("read", errno) }
      return []
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      warn("read", EINVAL)
      return []
    }
    let size = lseek(descriptor, 0, SEEK_END)
    let isCut = size > Self.maximumSize
    lseek(descriptor, isCut ? size - off_t(Self.maximumSize) : 0, SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: Int(min(max(size, 0), off_t(Self.maximumSize))))
    var count = 0
    while count < bytes.count {
      let piece = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count) }
      if piece <= 0 { break }
      count += piece
    }
    let entries = Self.entries(in: bytes[..<count], isCut: isCut)
    if isCut { rewrite(entries) }
    return entries
  }

  /// Adds an entry at once: whatever happens to the process, it is there next time. One call of `write`, so that
  /// several prompts may use one file.
  func append(_ entry: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return warn("write", errno) }
    defer { close(descriptor) }
    // A history that others made readable is closed to them again.
    fchmod(descriptor, 0o600)
    var text = Self.text(of: entry)
    let failure = text.withUTF8 { FileDescriptor.write(descriptor, UnsafeRawBufferPointer($0)) }
    if let failure { warn("write", failure) }
  }

  /// A line of an entry that looks like a time gets a blank behind it, so that it is none.
  private static func text(of entry: String) -> String {
    let lines = entry.split(separator: "\n", omittingEmptySubsequences: false)
      .map { isTime($0.utf8) ? $0 + " " : String($0) }
    return "#\(time(nil))\n\(lines.joined(separator: "\n"))\n"
  }

  private static func isTime(_ line: some Collection<UInt8>) -> Bool {
    line.first == UInt8(ascii: "#") && line.count > 1 && line.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  /// The entries of a file's text, oldest first. Works on bytes: whoever waits for the prompt waits for this.
  static func entries(in bytes: ArraySlice<UInt8>, isCut: Bool = false) -> [String] {
    var entries: [ArraySlice<UInt8>] = []
    /// Where the lines of the entry begin that is being read.
    var start: Int?
    var position = bytes.startIndex
    while position < bytes.endIndex {
      let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.endIndex
      let line = bytes[position..<end]
      if isTime(line) {
        if let start { entries.append(bytes[start..<position]) }
        start = min(end + 1, bytes.endIndex)
      } else if start == nil, !isCut, !line.isEmpty {
        // Lines without a time before them: a file that somebody wrote by hand.
        entries.append(line)
      }
      position = end + 1
    }
    if let start { entries.append(bytes[start...]) }
    return entries.suffix(maximumEntries).compactMap(text)
  }

  /// An entry without the line breaks at its end; nil for an empty one.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    var bytes = bytes
    while bytes.last == 0x0A { bytes.removeLast() }
    guard !bytes.isEmpty else { return nil }
    // Readline's lines end at a zero byte.
    let text = bytes.contains(0) ? bytes.filter { $0 != 0 }[...] : bytes
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }

  /// Replaces a file that has grown too large, in one step.
  private func rewrite(_ entries: [String]) {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    // Half of what is allowed, so that the next one is far.
    var text = entries.suffix(Self.maximumEntries / 2).map(Self.text).joined()
    let failure = text.withUTF8 { FileDescriptor.write(descriptor, UnsafeRawBufferPointer($0)) }
    close(descriptor)
    _ = failure == nil ? rename(temporary, path) : unlink(temporary)
  }

  private func warn(_ verb: String, _ code: Int32) {
    guard !hasWarned else { return }
    hasWarned = true
    StandardError.write("warning: cannot \(verb) the history: \(String(cString: strerror(code)))\n")
  }
}
