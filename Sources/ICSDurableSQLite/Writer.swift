// The writing connection: its transactions, and the statements that every operation uses.

import GRDB
import ICSDurable
import ICSJSON
import Synchronization

/// The one connection that writes.
///
/// SAFETY: `@unchecked Sendable` because it is used on the committer's serial queue alone (and by `SQLiteStore.init`
/// before that begins); only `backlog` is read from elsewhere, and that has its own lock.
final class Writer: @unchecked Sendable {
  let path: String
  let lifecycle: RunLifecycle
  let process: String
  var fairShare = FairShare()
  /// Ready and queued runs, as of the last transaction.
  let backlog = Mutex(0)

  private let queue: DatabaseQueue
  /// The number that the owner has written into the file; `nil` for guests.
  private var ownerEpoch: Int?
  private var changes = TallyChanges()
  private var isFlushed = true
  private var writes = 0
  /// Made with the first transaction, and gone before the connection is closed.
  private var kept: Statements?
  /// How many journal entries the runs have that were written to, as far as that is known.
  var entries: [RunID: Int] = [:]

  init(queue: DatabaseQueue, path: String, options: StoreOptions, process: String) {
    self.queue = queue
    self.path = path
    self.process = process
    lifecycle = RunLifecycle(options)
  }

  func close() {
    queue.writeWithoutTransaction { _ in kept = nil }
    try? queue.close()  // Nothing is left to be told about it.
  }

  /// How many rows were changed since it was last asked.
  func takeWrites() -> Int {
    defer { writes = 0 }
    return writes
  }

  // MARK: Transactions

  /// Runs a body in one transaction, which is flushed to the disk or not.
  func transaction(isFlushed: Bool, _ body: (Writer) throws -> Void) throws(DurableError) {
    do {
      try queue.writeWithoutTransaction { db in
        let statements = kept ?? Statements(db, keeps: true)
        kept = statements
        if isFlushed != self.isFlushed {
          // Not as a kept statement: SQLite carries this out when it is prepared.
          try db.execute(sql: "PRAGMA synchronous = \(isFlushed ? "FULL" : "NORMAL")")
          self.isFlushed = isFlushed
        }
        changes.clear()
        let before = db.totalChangesCount
        var backlog = 0
        try db.inTransaction(.immediate) {
          try checkOwner()
          try body(self)
          try writeTally()
          backlog = try tally(.runs(.ready)) + tally(.runs(.queued))
          return .commit
        }
        writes += db.totalChangesCount - before
        self.backlog.withLock { $0 = backlog }
      }
    } catch {
      entries = [:]
      throw DurableError(error, path: path)
    }
  }

  /// Makes this connection the owner's: what another one wrote as an owner is worth nothing from now on.
  func becomeOwner() throws {
    let epoch = (try text("SELECT v FROM meta WHERE k = 'owner_epoch'").flatMap { Int($0) } ?? 0) + 1
    try set("owner_epoch", "\(epoch)")
    try set("owner_process", process)
    ownerEpoch = epoch
  }

  private func checkOwner() throws {
    guard let ownerEpoch else { return }
    let found = try text("SELECT v FROM meta WHERE k = 'owner_epoch'").flatMap { Int($0) }
    if found != ownerEpoch { throw DurableErrorBox(.tookOver) }
  }

  func set(_ key: String, _ value: String) throws {
    try run("INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", [key, value])
  }

  // MARK: Statements

  var statements: Statements {
    guard let kept else { preconditionFailure("a statement outside of a transaction") }
    return kept
  }

  func run(_ sql: SQL, _ values: [(any Bindable)?] = []) throws { try statements.run(sql, values) }

  func int(_ sql: SQL, _ values: [(any Bindable)?] = []) throws -> Int? { try statements.int(sql, values) }

  func ints(_ sql: SQL, _ values: [(any Bindable)?] = []) throws -> [Int] { try statements.ints(sql, values) }

  func text(_ sql: SQL, _ values: [(any Bindable)?] = []) throws -> String? { try statements.text(sql, values) }

  /// The number of the row that was inserted last.
  var lastRow: Int { Int(statements.db.lastInsertedRowID) }

  /// Whether the last statement changed anything.
  var hasChanged: Bool { statements.db.changesCount > 0 }

  // MARK: Counters

  /// Counts something; it is written with the transaction.
  func count(_ tally: Tally, _ number: Int = 1) { changes.add(number, to: tally) }

  func count(_ state: RunState, _ number: Int) { changes.add(number, to: .runs(state)) }

  private func writeTally() throws {
    for (name, change) in changes.take() {
      try run(
        "INSERT INTO tally (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
        [name, change])
    }
  }

  private func tally(_ tally: Tally) throws -> Int {
    try int("SELECT value FROM tally WHERE name = ?", [tally.name]) ?? 0
  }

  // MARK: Long values

  /// The most bytes that stay in a row.
  static let inRow = 64 << 10

  func saveLong(_ kind: String, _ owner: Int, _ ordinal: String, _ bytes: [UInt8]) throws {
    try run(
      """
      INSERT INTO blob (kind, owner, ordinal, data) VALUES (?, ?, ?, ?) \
      ON CONFLICT (owner, kind, ordinal) DO UPDATE SET data = excluded.data
      """, [kind, owner, ordinal, bytes])
  }

  func long(_ kind: String, _ owner: Int, _ ordinal: String) throws -> [UInt8]? {
    try statements.long(kind, owner, ordinal)
  }
}

extension Statements {
  /// A value that is too long for its row.
  func long(_ kind: String, _ owner: Int, _ ordinal: String) throws -> [UInt8]? {
    try first("SELECT data FROM blob WHERE owner = ? AND kind = ? AND ordinal = ?", [owner, kind, ordinal]) {
      $0.bytes(0)
    }
  }
}
