// Names of files for completion.

import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum FileNames {
  /// The most entries of a folder that are looked at.
  private static let maximumCount = 5000

  /// The scripts and folders that a path may become; other files by their suffix.
  static func matching(_ begun: String, suffix: String = ".ics") -> [Candidate] {
    let slash = begun.lastIndex(of: "/")
    let prefix = slash.map { String(begun[...$0]) } ?? ""
    let word = slash.map { String(begun[begun.index(after: $0)...]) } ?? begun
    guard let folder = opendir(prefix.isEmpty ? "." : prefix) else { return [] }
    defer { closedir(folder) }
    var found: [Candidate] = []
    var count = 0
    while count < maximumCount, let entry = readdir(folder) {
      count += 1
      let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(word), name.first != "." || word.first == "." else { continue }
      if Path.isFolder(prefix + name) {
        if name != ".", name != ".." { found.append(Candidate(prefix + name + "/", "folder")) }
      } else if name.hasSuffix(suffix) {
        found.append(Candidate(prefix + name, suffix == ".ics" ? "script" : "file"))
      }
    }
    return found.sorted { $0.text < $1.text }
  }
}
