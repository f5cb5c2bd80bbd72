// The scripts that are served: read, compiled, and read again when they change.

import ICSDiagnostics
import ICSSyntax
import IntercomHooks
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A script of `ics serve`.
struct ScriptFile: Sendable {
  /// The path as it was given.
  let name: String

  /// The script with its modules as they are now.
  func bundle(root: String?) throws(InputError) -> ScriptBundle {
    let bytes = try InputFile.read(name, limit: SyntaxTree.maximumSourceSize + 1)
    let path = Path.absolute(name)
    return ScriptBundle(
      name: Self.lastPart(of: name), source: String(decoding: bytes, as: UTF8.self), path: path,
      root: root ?? Path.folder(of: path))
  }

  private static func lastPart(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

/// Notices that files have changed, by their times and sizes: cheap, and the same on every system.
struct FileWatch: Sendable {
  private var stamps: [String: Stamp] = [:]

  private struct Stamp: Equatable, Sendable {
    let seconds: Int
    let nanoseconds: Int
    let size: Int
    let inode: UInt64
  }

  /// Whether any of these files is another than at the last look. The first look at a file tells nothing.
  mutating func hasChanged(_ paths: [String]) -> Bool {
    var changed = false
    for path in paths {
      var facts = stat()
      // A file that is being replaced is missing for a moment.
      guard stat(path, &facts) == 0 else { continue }
      #if canImport(Darwin)
        let time = facts.st_mtimespec
      #else
        let time = facts.st_mtim
      #endif
      let stamp = Stamp(
        seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec), size: Int(facts.st_size),
        inode: UInt64(facts.st_ino))
      if let known = stamps[path], known != stamp { changed = true }
      stamps[path] = stamp
    }
    return changed
  }
}
