// A version of a script: its text and the texts of all modules that it imports, as they were at one moment.

import ICSCompiler
import ICSDiagnostics
import ICSJSON
import ICSLibrary
import Synchronization

/// A script with everything that it imports. What runs on a bundle does not see what happens to the files.
package struct ScriptBundle: Sendable, Hashable {
  /// What messages call the script: its path as it was given.
  package let name: String
  package let source: String
  /// The files of the modules, as absolute paths: for whoever watches them. Not part of the version.
  package private(set) var files: [String] = []
  /// The modules, those of `std/` included, by the names that messages have for them.
  private var modules: [String: String] = [:]
  /// Which module an importer means by a path.
  private var links: [Link: String] = [:]

  private struct Link: Hashable {
    let importer: String
    let path: String
  }

  /// A script that imports nothing.
  package init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  /// Reads the modules that a script imports, from the files below a folder.
  ///
  /// - Parameters:
  ///   - path: The script's own absolute path, which its imports are relative to.
  ///   - root: The folder that imports stay below.
  /// - Returns: The bundle; with errors, those that compiling it will find again.
  package init(name: String, source: String, path: String?, root: String?) {
    self.init(
      name: name, source: source, path: path.flatMap(FileModules.realPath) ?? path, loader: FileModules(root: root))
  }

  /// Reads the modules that a script imports, from where an embedder's scripts have theirs.
  package init(name: String, source: String, imports: Imports) {
    self.init(name: name, source: source, path: imports.path(ofScript: name), loader: imports.loader)
  }

  private init(name: String, source: String, path: String?, loader: any ModuleLoader) {
    self.init(name: name, source: source)
    let recorder = ModuleRecorder(loader, main: path, name: name)
    // Only the imports matter here: names are judged when it is compiled in earnest.
    _ = Compiler(prelude: PreludeNames([]), loader: recorder)
      .compile(SourceFile(name: name, text: source), path: recorder.main)
    for load in recorder.loads {
      modules[load.module] = load.text
      links[Link(importer: load.importer, path: load.path)] = load.module
      if load.file.hasPrefix("/") { files.append(load.file) }
    }
  }

  package var sourceFile: SourceFile { SourceFile(name: name, text: source) }

  /// Finds the bundle's modules, and nothing else.
  package var loader: any ModuleLoader { BundledModules(bundle: self) }

  // MARK: As bytes

  /// What a store keeps. The same script with the same modules gives the same bytes.
  package var encoded: [UInt8] {
    let modules = self.modules.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
    let links = self.links.sorted { ($0.key.importer, $0.key.path) < ($1.key.importer, $1.key.path) }
    let value: JSONValue = [
      "name": .string(name), "source": .string(source), "modules": .object(JSONObject(modules)),
      "links": .array(links.map { [.string($0.key.importer), .string($0.key.path), .string($0.value)] }),
    ]
    return value.serializedBytes()
  }

  /// The name of the version: the SHA-256 digest of `encoded`, in hexadecimal.
  package var digest: String { ContentDigest.sha256(encoded) }

  /// A bundle from what `encoded` gave; nil for anything else.
  package init?(encoded: [UInt8]) {
    // Whatever is wrong with the text, it is no bundle.
    guard let value = try? JSONValue(parsing: encoded), let name = value["name"]?.stringValue,
      let source = value["source"]?.stringValue, let modules = value["modules"]?.objectValue,
      let links = value["links"]?.arrayValue
    else { return nil }
    self.init(name: name, source: source)
    for (module, text) in modules {
      guard let text = text.stringValue else { return nil }
      self.modules[module] = text
    }
    for link in links {
      guard let importer = link[0]?.stringValue, let path = link[1]?.stringValue, let module = link[2]?.stringValue
      else { return nil }
      self.links[Link(importer: importer, path: path)] = module
    }
  }

  private struct BundledModules: ModuleLoader {
    let bundle: ScriptBundle

    func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile)
    {
      let link = Link(importer: importer ?? bundle.name, path: path)
      guard let module = bundle.links[link], let text = bundle.modules[module] else { throw .notFound }
      return (module, SourceFile(name: module, text: text))
    }
  }
}

/// Loads modules and remembers them.
private final class ModuleRecorder: ModuleLoader {
  struct Load: Sendable {
    let importer: String
    let path: String
    let module: String
    let text: String
    let file: String
  }

  /// The script's canonical path.
  let main: String?
  private let inner: any ModuleLoader
  private let state: Mutex<State>

  private struct State {
    var loads: [Load] = []
    /// What messages call the file with a canonical path.
    var names: [String: String]
  }

  init(_ inner: any ModuleLoader, main: String?, name: String) {
    self.inner = inner
    self.main = main
    state = Mutex(State(names: [main ?? "": name]))
  }

  var loads: [Load] { state.withLock { $0.loads } }

  func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile) {
    let (canonicalPath, source) = try inner.load(path, from: importer)
    state.withLock { state in
      let importer = state.names[importer ?? ""] ?? importer ?? ""
      state.names[canonicalPath] = source.name
      state.loads.append(
        Load(
          importer: importer, path: path, module: source.name, text: String(decoding: source.bytes, as: UTF8.self),
          file: canonicalPath))
    }
    return (canonicalPath, source)
  }
}
