// The scripts below a folder.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum ScriptFiles {
  private static let maximumDepth = 32

  /// The files below a folder whose names end in a suffix, sorted; hidden folders and links to folders are left out.
  static func below(_ folder: String, suffix: String, depth: Int = 0) -> [String] {
    guard depth < maximumDepth, let stream = opendir(folder) else { return [] }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    closedir(stream)
    var found: [String] = []
    for name in names.sorted() where !name.hasPrefix(".") {
      let path = folder == "." ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
      var facts = stat()
      guard lstat(path, &facts) == 0 else { continue }
      if facts.st_mode & S_IFMT == S_IFDIR {
        found += below(path, suffix: suffix, depth: depth + 1)
      } else if name.hasSuffix(suffix) {
        found.append(path)
      }
    }
    return found
  }
}
