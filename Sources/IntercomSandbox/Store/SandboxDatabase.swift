// The SQLite file (or memory): opening it, and running a request inside a transaction.

import GRDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The state. Requests run one after the other: a workspace on one machine has one client.
struct SandboxDatabase: Sendable {
  private let queue: DatabaseQueue
  private let clock: @Sendable () -> Int

  /// The layout's version, kept in the file. A file of a later version is refused.
  private static let version = 1

  init(_ location: Sandbox.Location, workspace: Workspace, seed: Int) throws(SandboxError) {
    clock = workspace.clock
    let path = if case .path(let path) = location { path } else { ":memory:" }
    // SQLite would open it for reading alone, and only the first change would fail.
    if case .path = location, access(path, F_OK) == 0, access(path, W_OK) != 0 {
      throw .database(path: path, reason: "it may not be written")
    }
    do {
      queue = try Self.open(location)
      let now = workspace.clock()
      try queue.writeWithoutTransaction { db in
        // Two sandboxes may open a new file at once: the second finds it made.
        try db.inTransaction(.immediate) {
          let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
          guard found <= Self.version else { throw Refusal(reason: "it was made by a later version of this program") }
          if found == 0 {
            guard try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0 else {
              throw Refusal(reason: "it is the database of another program")
            }
            try Self.make(db, now: now, seed: seed)
          }
          return .commit
        }
        if case .path = location { try Self.checkPages(db) }
      }
    } catch let refusal as Refusal {
      throw .database(path: path, reason: refusal.reason)
    } catch let failure as Failure {
      throw .database(path: path, reason: failure.message)
    } catch let error as DatabaseError {
      throw .database(path: path, reason: Self.reason(for: error, path: path))
    } catch {
      throw .database(path: path, reason: String(describing: error))
    }
  }

  /// Why a file that SQLite can open is not used.
  private struct Refusal: Error {
    let reason: String
  }

  /// What a person can do something about, in plain words.
  private static func reason(for error: DatabaseError, path: String) -> String {
    switch error.resultCode {
    case .SQLITE_NOTADB: return "it is not a database"
    case .SQLITE_CORRUPT: return "it is damaged (\(error.message ?? "malformed")); move it away, and a new one is made"
    case .SQLITE_BUSY, .SQLITE_LOCKED: return "it is locked by another program"
    case .SQLITE_READONLY, .SQLITE_PERM: return "it may not be written"
    case .SQLITE_FULL: return "the disk is full"
    case .SQLITE_CANTOPEN:
      var facts = stat()
      if stat(path, &facts) == 0 {
        return facts.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it cannot be opened"
      }
      let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
      if stat(folder.isEmpty ? "/" : folder, &facts) != 0 { return "there is no folder '\(folder)'" }
      guard facts.st_mode & S_IFMT == S_IFDIR else { return "'\(folder)' is no folder" }
      return "it cannot be made; may its folder be written?"
    default: return error.message ?? "error \(error.resultCode.rawValue)"
    }
  }

  private static func open(_ location: Sandbox.Location) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.foreignKeysEnabled = false
    configuration.prepareDatabase { db in db.add(function: TextSearch.hasWord) }
    switch location {
    case .memory: return try DatabaseQueue(configuration: configuration)
    case .path(let path):
      configuration.prepareDatabase { db in
        // A lost power supply may cost the last changes, never the file: enough for a sandbox, and many times
        // faster than a disk flush for each request.
        try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
      }
      return try DatabaseQueue(path: path, configuration: configuration)
    }
  }

  /// Looks through a file of a usual size, so that damage is said at once and not by one request in many. A large file
  /// would take seconds.
  private static func checkPages(_ db: Database) throws {
    guard try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 <= 1024 else { return }
    let finding = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "ok"
    guard finding == "ok" else {
      throw Refusal(reason: "it is damaged (\(finding)); move it away, and a new one is made")
    }
  }

  private static func make(_ db: Database, now: Int, seed: Int) throws {
    for collection in Collection.all { try db.execute(sql: collection.definition) }
    try db.execute(
      sql: """
        CREATE TABLE links (
          kind TEXT NOT NULL, owner TEXT NOT NULL, target TEXT NOT NULL, at INTEGER NOT NULL, detail TEXT,
          PRIMARY KEY (kind, owner, target)) WITHOUT ROWID;
        CREATE INDEX links_target ON links (kind, target);
        CREATE TABLE contact_attributes (
          name TEXT NOT NULL, value NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, value, seq)) WITHOUT ROWID;
        CREATE INDEX contact_attributes_seq ON contact_attributes (seq);
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        PRAGMA user_version = \(version);
        """)
    let store = Store(db: db, now: now)
    try FreshWorkspace.fill(store)
    if seed > 0 { try Seeds.make(seed, in: store) }
  }

  /// Carries a request out: all of it, or nothing when it throws.
  func run<Result: Sendable>(
    _ access: Route.Access, _ work: @escaping @Sendable (Store) throws(Failure) -> Result
  ) async throws -> Result {
    let clock = clock
    switch access {
    case .reads:
      return try await queue.read { db in try work(Store(db: db, now: clock())) }
    case .writes:
      return try await queue.write { db in try work(Store(db: db, now: clock())) }
    }
  }
}
