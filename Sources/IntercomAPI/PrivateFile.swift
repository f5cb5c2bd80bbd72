// Files that only their owner reads.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reading and replacing files of mode 0600.
package enum PrivateFile {
  /// The largest file that is read.
  static let maximumSize = 16 << 20

  /// The file's bytes; `nil` when there is none.
  ///
  /// - Throws: `E_IO` when it cannot be read, `E_PERMISSION` when it may not, or others may read it too.
  package static func contents(of path: String) throws(APIError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("cannot be opened", path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumSize else {
      throw APIError(.permission, "'\(path)' is no file of a reasonable size")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw APIError(.permission, "'\(path)' holds secrets and others may read it; run: chmod 600 '\(path)'")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = systemRead(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot be read", path) }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  /// Puts a file in the place of what is there. Whoever reads meanwhile sees the old one or the new one, whole; a crash
  /// leaves one of the two.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(APIError) {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max))"
    try create(temporary, bytes)
    guard rename(temporary, path) == 0 else {
      let error = failure("cannot be replaced", path)
      unlink(temporary)
      throw error
    }
    // The rename itself lives in the folder. A file system that cannot do this has no better way.
    let folder = open(Self.folder(of: path), O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// Makes a file that must not be there yet.
  static func create(_ path: String, _ bytes: [UInt8]) throws(APIError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("cannot be made", path) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let error = failure("cannot be written", path)
        unlink(path)
        throw error
      }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw failure("cannot be written", path) }
  }

  /// Makes a folder for the owner alone, and those above it.
  static func makeFolder(_ path: String) throws(APIError) {
    var status = stat()
    if stat(path, &status) == 0 { return }
    let above = folder(of: path)
    if above != path { try makeFolder(above) }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("cannot be made", path) }
  }

  /// Keeps other processes out while a closure runs.
  ///
  /// - Throws: `E_IO` when another process holds the lock for longer than two seconds: a change takes milliseconds.
  static func locked<R>(_ path: String, _ body: () throws(APIError) -> R) throws(APIError) -> R {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("cannot be made", path) }
    // Closing gives the lock back.
    defer { close(descriptor) }
    var patience = 200
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw failure("cannot be locked", path) }
      patience -= 1
      guard patience > 0 else { throw APIError(.io, "'\(path)' is locked by another process") }
      usleep(10_000)
    }
    return try body()
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func failure(_ what: String, _ path: String) -> APIError {
    let isForbidden = [EACCES, EPERM, EROFS].contains(errno)
    return APIError(isForbidden ? .permission : .io, "'\(path)' \(what): \(String(cString: strerror(errno)))")
  }
}

/// `read(2)` and `write(2)` by names that no method of a type hides.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, buffer, count)
}
