// Reads and compiles all scripts of `ics serve`, at the start and at each change.

import ICSDiagnostics
import IntercomHooks
import IntercomScript

/// The scripts that were named, as they are now.
actor ScriptLoader {
  /// Why the scripts cannot be served.
  enum Problem: Error {
    /// A file that cannot be read; a sentence.
    case missing(String)
    case notCompiled([Diagnostic])
    /// Two hooks of one name; a sentence.
    case conflict(String)
  }

  nonisolated let settings: HookSettings
  private let files: [ScriptFile]
  private let root: String?
  /// What was compiled last: a script that has not changed is not compiled again.
  private var known: [String: ScriptVersion] = [:]
  /// The files whose changes matter.
  private var paths: [String]
  private var watch = FileWatch()

  init(files: [ScriptFile], root: String?, settings: HookSettings) {
    self.files = files
    self.root = root
    self.settings = settings
    paths = files.map { Path.absolute($0.name) }
  }

  /// Whether a file is another than when it was read.
  func hasChanged() -> Bool { watch.hasChanged(paths) }

  /// Reads all scripts and compiles those that are new.
  func load() async -> Result<[ScriptVersion], Problem> {
    // Before anything is read: what is written meanwhile is a change.
    _ = watch.hasChanged(paths)
    var versions: [ScriptVersion] = []
    var found: [Diagnostic] = []
    var paths: [String] = []
    for file in files {
      let bundle: ScriptBundle
      do throws(InputError) { bundle = try file.bundle(root: root) } catch {
        return .failure(.missing(error.message))
      }
      paths += [Path.absolute(file.name)] + bundle.files
      if let version = known[bundle.digest] {
        versions.append(version)
        continue
      }
      do throws(CompileError) {
        let version = try await ScriptVersion(bundle, settings: settings)
        known[bundle.digest] = version
        versions.append(version)
      } catch {
        found += error.diagnostics
      }
    }
    _ = watch.hasChanged(paths.filter { !self.paths.contains($0) })
    self.paths = paths
    guard found.isEmpty else { return .failure(.notCompiled(found)) }
    do throws(HookRegistry.Conflict) { try HookRegistry().serve(versions) } catch {
      return .failure(.conflict(error.description))
    }
    return .success(versions)
  }
}
