// Imports: from a path in a script to a module's source.

import ICSCompiler
import ICSDiagnostics
import ICSLibrary

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Finds modules: `std/...` in the library, everything else in files below a root folder, relative to the importer.
struct FileModules: ModuleLoader {
  /// The folder that imports may not leave, absolute and without links; nil allows `std/...` alone.
  let root: String?
  /// What replaces the text of a module, by its canonical path.
  var rewrite: (@Sendable (_ path: String, _ text: [UInt8]) -> [UInt8])?
  /// The largest module, in bytes.
  static let maximumSize = 64 << 20

  init(root: String?) { self.root = root.flatMap(FileModules.realPath) }

  func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile) {
    if path.hasPrefix("std/") {
      guard let text = StandardModules.source(of: path) else { throw .notFound }
      guard let rewrite else { return (path, SourceFile(name: "\(path).ics", text: text)) }
      return (path, SourceFile(name: "\(path).ics", bytes: rewrite(path, Array(text.utf8))))
    }
    guard let root else { throw .outsideRoot }
    guard !path.isEmpty, path.utf8.count <= 4096, !path.utf8.contains(0) else { throw .unreadable("it is no path") }
    guard !path.hasPrefix("/"), !path.contains("://"), !path.hasPrefix("file:") else { throw .outsideRoot }
    let folder = importer.map { Self.folder(of: absolute($0, root)) } ?? root
    guard let real = Self.realPath(folder + "/" + path) else {
      // Whether something is there is told only of places inside the root.
      throw Self.isInside(root, Self.nearestFolder(of: folder + "/" + path)) ? .notFound : .outsideRoot
    }
    guard real != root, Self.isInside(root, real) else { throw .outsideRoot }
    var bytes = try Self.read(real)
    if let rewrite { bytes = rewrite(real, bytes) }
    let shown = root == "/" ? real : String(real.dropFirst(root.count + 1))
    return (real, SourceFile(name: shown, bytes: bytes))
  }

  /// The path of a script that a host calls by a name: of a file below the root, or as if it were one.
  func path(ofScript name: String) -> String? {
    guard let root else { return nil }
    guard name.hasPrefix("/") else { return absolute(name, root) }
    guard let real = Self.realPath(name), Self.isInside(root, real) else { return nil }
    return real
  }

  private func absolute(_ path: String, _ root: String) -> String { path.hasPrefix("/") ? path : root + "/" + path }

  /// The scripts in the root folder itself, for completion.
  var scripts: [String] {
    guard let root, let folder = opendir(root) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while names.count < 1000, let entry = readdir(folder) {
      let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".ics"), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func isInside(_ root: String, _ path: String) -> Bool {
    path == root || path.hasPrefix(root == "/" ? "/" : root + "/")
  }

  /// The innermost folder on the way to a path that is there, without links and dots.
  private static func nearestFolder(of path: String) -> String {
    var folder = folder(of: path)
    while folder.count > 1 {
      if let real = realPath(folder) { return real }
      folder = self.folder(of: folder)
    }
    return "/"
  }

  /// The folder that a path's last part is in.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A path without links and dots; nil when nothing is there.
  static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The file is opened once and read through its descriptor: what was checked is what is read.
  private static func read(_ path: String) throws(ModuleError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw errno == ENOENT ? .notFound : .unreadable("it cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable("it is not a file")
    }
    guard status.st_size <= maximumSize else { throw .unreadable("it is larger than \(maximumSize >> 20) MB") }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let wanted = bytes.count - count
      let got = bytes.withUnsafeMutableBytes { memory in
        memory.baseAddress.map { systemRead(descriptor, $0 + count, wanted) } ?? 0
      }
      guard got > 0 else { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }
}

/// `read(2)` by another name: inside the type above the name means its own function.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
