// Where events and runs are kept.

import ICSDurable
import ICSDurableSQLite

/// The store that `--store` names.
struct StoreLocation: Sendable {
  /// The file.
  let path: String

  /// - Parameter argument: A path; nil for the file in `ICS_HOME`.
  init(_ argument: String?) throws(UsageError) {
    guard let argument else {
      path = Environment.fileInHome("store.sqlite")
      return
    }
    if argument.contains("://") {
      throw UsageError(message: "'\(argument)' is no file: '--store' takes the path of a file")
    }
    path = Path.absolute(argument)
  }

  /// Whether there is a store already.
  var exists: Bool { Path.resolved(path) != nil }

  /// Opens the store to serve it: one process at a time. By force, the process that serves it now writes nothing more.
  func serve(byForce: Bool) throws(DurableError) -> any DurableStore {
    try SQLiteStore(path: path, role: .owner(byForce: byForce))
  }

  /// Opens the store beside whoever serves it, and waits longer for its turn than a server would.
  func open() throws(DurableError) -> any DurableStore {
    try SQLiteStore(path: path, role: .guest, busyTimeout: .seconds(20))
  }
}
