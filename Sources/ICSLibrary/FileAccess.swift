// Opening files: which a script may, and how it is made sure that a path leads nowhere else.

import ICSVM

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Files as scripts may use them: below the folders that the host allows, links followed and then checked.
///
/// A file is opened once, and what was opened is checked through its descriptor (where it really lies, that it is a
/// plain file): between a check of a path and its use somebody could put another file there.
struct FileAccess {
  private let call: Call
  private let permissions: FilePermissions

  private static let maximumPathLength = 4096

  init(_ call: Call) {
    self.call = call
    permissions = call.host.files
  }

  // MARK: Operations

  /// Opens a plain file for reading.
  func openForReading(_ path: String) throws(Raised) -> Int32 {
    let absolute = try checked(path, permissions.readRoots, "read")
    let descriptor = open(absolute, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "read") }
    try check(descriptor, path, permissions.readRoots, "read", wanted: S_IFREG)
    return descriptor
  }

  /// Writes a plain file, making it when it is not there.
  func write(_ path: String, _ bytes: [UInt8], appends: Bool) throws(Raised) {
    let absolute = try checked(path, permissions.writeRoots, "written")
    let descriptor = try openForWriting(path, absolute)
    defer { close(descriptor) }
    if appends {
      if lseek(descriptor, 0, SEEK_END) < 0 { throw failure(path, "written") }
    } else if ftruncate(descriptor, 0) != 0 {
      throw failure(path, "written")
    }
    var done = 0
    while done < bytes.count {
      try call.charge(1000)
      let written = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map { systemWrite(descriptor, $0 + done, min(buffer.count - done, 1 << 20)) } ?? 0
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw failure(path, "written") }
      done += written
    }
  }

  /// Whether there is a file or a folder.
  func exists(_ path: String) throws(Raised) -> Bool {
    let absolute = try checked(path, permissions.readRoots, "read")
    let descriptor = open(absolute, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    if descriptor >= 0 {
      try check(descriptor, path, permissions.readRoots, "read", wanted: nil)
      close(descriptor)
      return true
    }
    // There, but not readable.
    return errno == EACCES || errno == ENXIO
  }

  /// The names in a folder, sorted.
  func list(_ path: String) throws(Raised) -> [String] {
    let absolute = try checked(path, permissions.readRoots, "read")
    let descriptor = open(absolute, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "listed") }
    try check(descriptor, path, permissions.readRoots, "read", wanted: S_IFDIR)
    guard let folder = fdopendir(descriptor) else {
      close(descriptor)
      throw failure(path, "listed")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      try call.charge(10)
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  // MARK: Opening

  private func openForWriting(_ path: String, _ absolute: String) throws(Raised) -> Int32 {
    // The file may appear or go away between two attempts.
    for _ in 0..<3 {
      let existing = open(absolute, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      if existing >= 0 {
        try check(existing, path, permissions.writeRoots, "written", wanted: S_IFREG)
        return existing
      }
      guard errno == ENOENT else { throw failure(path, "written") }
      if let made = try create(path, absolute) { return made }
    }
    throw failure(path, "written")
  }

  /// Makes a new file in a folder that is checked first; nil when there is something of that name after all.
  private func create(_ path: String, _ absolute: String) throws(Raised) -> Int32? {
    guard let slash = absolute.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    let folder = slash == absolute.startIndex ? "/" : String(absolute[..<slash])
    let name = String(absolute[absolute.index(after: slash)...])
    let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { throw failure(path, "written") }
    try check(parent, path, permissions.writeRoots, "written", wanted: S_IFDIR)
    defer { close(parent) }
    let made = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    if made >= 0 { return made }
    guard errno == EEXIST else { throw failure(path, "written") }
    return nil
  }

  // MARK: Permission

  /// The absolute form of a path, which must lie below a root as it is written: so that nothing can be learnt of what
  /// is elsewhere. Links are looked at when the file is open.
  private func checked(_ path: String, _ roots: [String], _ verb: String) throws(Raised) -> String {
    guard !path.utf8.contains(0), !path.isEmpty, path.utf8.count <= Self.maximumPathLength else {
      throw call.fail("E_PERMISSION", path.isEmpty ? "a path cannot be empty" : "this path is not allowed")
    }
    let absolute = Self.normalized(path.hasPrefix("/") ? path : permissions.currentFolder + "/" + path)
    let isAllowed = roots.contains { Self.lies(absolute, below: $0) || Self.lies(absolute, below: Self.resolved($0)) }
    guard isAllowed else { throw denied(path, verb) }
    return absolute
  }

  /// Checks what was opened; closes it when it is not allowed.
  private func check(
    _ descriptor: Int32, _ path: String, _ roots: [String], _ verb: String, wanted: mode_t?
  ) throws(Raised) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, let place = Self.place(of: descriptor) else {
      defer { close(descriptor) }
      throw failure(path, verb)
    }
    guard roots.contains(where: { Self.lies(place, below: Self.resolved($0)) }) else {
      close(descriptor)
      throw denied(path, verb)
    }
    if let wanted, status.st_mode & S_IFMT != wanted {
      close(descriptor)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw call.fail("E_IO", "'\(path)' \(isFolder ? "is a folder" : "is no plain file")", data: .null)
    }
  }

  private func denied(_ path: String, _ verb: String) -> Raised {
    call.fail(
      "E_PERMISSION", "'\(path)' may not be \(verb) by this script",
      help: call.host.permissionHelp(verb == "written" ? .writing(path) : .reading(path)))
  }

  private func failure(_ path: String, _ verb: String) -> Raised {
    let reason = String(cString: strerror(errno))
    return call.fail("E_IO", "'\(path)' could not be \(verb): \(reason.prefix(1).lowercased() + reason.dropFirst())")
  }

  // MARK: Paths

  /// The path without `.`, `..` and doubled slashes.
  static func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") {
      if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  static func lies(_ path: String, below root: String) -> Bool {
    let root = normalized(root)
    return root == "/" || path == root || path.hasPrefix(root + "/")
  }

  /// A root with its links resolved.
  private static func resolved(_ root: String) -> String {
    guard let path = realpath(root, nil) else { return root }
    defer { free(path) }
    return String(cString: path)
  }

  /// Where an open file really lies.
  private static func place(of descriptor: Int32) -> String? {
    var buffer = [CChar](repeating: 0, count: maximumPathLength + 1)
    #if canImport(Darwin)
      guard fcntl(descriptor, F_GETPATH, &buffer) == 0 else { return nil }
    #else
      guard readlink("/proc/self/fd/\(descriptor)", &buffer, maximumPathLength) > 0 else { return nil }
    #endif
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// `write(2)`, whose name the method above takes.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
