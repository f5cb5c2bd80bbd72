// Where a script's imports come from.

import ICSCompiler
import ICSDiagnostics
import ICSLibrary

/// Which modules scripts may import. `std/...` is the standard library, which every source but `none` has.
public struct Imports: Sendable {
  let loader: any ModuleLoader

  /// What a script's own imports are relative to: a path of its own for the loader, or nil for the root.
  package func path(ofScript name: String) -> String? {
    if let files = loader as? FileModules { return files.path(ofScript: name) }
    return name.hasPrefix("/") ? nil : name
  }

  /// Nothing at all, the standard library neither.
  public static let none = Imports(loader: NoModules())
  /// The standard library alone.
  public static let standard = Imports(loader: MemoryModules(texts: [:]))
  /// Files below a folder, relative to the importing file. Nothing above it is read, links included.
  public static func folder(_ path: String) -> Imports { Imports(loader: FileModules(root: path)) }
  /// Texts by their paths, such as `["lib/dates.ics": "export fn ..."]`; relative to the importing text, as files are.
  public static func memory(_ texts: [String: String]) -> Imports { Imports(loader: MemoryModules(texts: texts)) }
  /// Whatever your closure finds: the text of a path, or nil when there is no such module. Paths have no `.` and `..` in
  /// them, and are relative to the root.
  public static func custom(_ find: @escaping @Sendable (_ path: String) -> String?) -> Imports {
    Imports(loader: MemoryModules(find: find))
  }
}

/// Refuses everything.
private struct NoModules: ModuleLoader {
  func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile) {
    throw .outsideRoot
  }
}

/// Modules that are in memory, or wherever the host's closure has them.
private struct MemoryModules: ModuleLoader {
  private let find: @Sendable (String) -> String?

  init(texts: [String: String]) { find = { texts[$0] } }
  init(find: @escaping @Sendable (String) -> String?) { self.find = find }

  func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile) {
    if path.hasPrefix("std/") {
      guard let text = StandardModules.source(of: path) else { throw .notFound }
      return (path, SourceFile(name: "\(path).ics", text: text))
    }
    guard !path.isEmpty, path.utf8.count <= 4096, !path.utf8.contains(0) else { throw .unreadable("it is no path") }
    guard !path.hasPrefix("/"), !path.contains("://") else { throw .outsideRoot }
    var parts = importer.map { $0.split(separator: "/").dropLast() } ?? []
    for part in path.split(separator: "/") where part != "." {
      if part != ".." {
        parts.append(part)
      } else if parts.popLast() == nil {
        throw .outsideRoot
      }
    }
    let full = parts.joined(separator: "/")
    guard let text = find(full) else { throw .notFound }
    return (full, SourceFile(name: full, text: text))
  }
}
