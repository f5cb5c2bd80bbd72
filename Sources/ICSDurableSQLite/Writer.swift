// The writing connection: its transactions, and the statements that every operation uses.

import Foundation
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
  private var changes: [String: Int] = [:]
  private var isFlushed = true
  private var writes = 0
  private var connection: Database?

  init(queue: DatabaseQueue, path: String, options: StoreOptions, process: String) {
    self.queue = queue
    self.path = path
    self.process = process
    lifecycle = RunLifecycle(options)
  }

  func close() { try? queue.close() }  // Nothing is left to be told about it.

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
        if isFlushed != self.isFlushed {
          try db.execute(sql: "PRAGMA synchronous = \(isFlushed ? "FULL" : "NORMAL")")
          self.isFlushed = isFlushed
        }
        connection = db
        defer { connection = nil }
        changes = [:]
        let before = db.totalChangesCount
        var backlog = 0
        try db.inTransaction(.immediate) {
          try checkOwner()
          try body(self)
          try writeTally()
          backlog = try tally(RunState.ready) + tally(RunState.queued)
          return .commit
        }
        writes += db.totalChangesCount - before
        self.backlog.withLock { $0 = backlog }
      }
    } catch { throw DurableError(error, path: path) }
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

  var db: Database {
    guard let connection else { preconditionFailure("a statement outside of a transaction") }
    return connection
  }

  func run(_ sql: String, _ arguments: StatementArguments = []) throws {
    let statement = try db.cachedStatement(sql: sql)
    try statement.execute(arguments: arguments)
  }

  func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
    try Row.fetchAll(try db.cachedStatement(sql: sql), arguments: arguments)
  }

  func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
    try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: arguments)
  }

  func int(_ sql: String, _ arguments: StatementArguments = []) throws -> Int? {
    try row(sql, arguments).flatMap { Columns(row: $0).int(0) }
  }

  func text(_ sql: String, _ arguments: StatementArguments = []) throws -> String? {
    try row(sql, arguments).flatMap { Columns(row: $0).text(0) }
  }

  /// Whether the last statement changed anything.
  var hasChanged: Bool { db.changesCount > 0 }

  // MARK: Counters

  /// Counts something; it is written with the transaction.
  func count(_ name: String, _ number: Int = 1) { changes[name, default: 0] += number }

  func count(_ state: RunState, _ number: Int) { count("run.\(state.rawValue)", number) }

  private func writeTally() throws {
    for (name, change) in changes where change != 0 {
      try run(
        "INSERT INTO tally (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
        [name, change])
    }
  }

  private func tally(_ state: RunState) throws -> Int {
    try int("SELECT value FROM tally WHERE name = ?", ["run.\(state.rawValue)"]) ?? 0
  }

  // MARK: Long values

  /// The most bytes that stay in a row.
  static let inRow = 64 << 10

  func saveLong(_ kind: String, _ owner: Int, _ ordinal: String, _ bytes: some Sequence<UInt8>) throws {
    try run(
      "INSERT INTO blob (kind, owner, ordinal, data) VALUES (?, ?, ?, ?) "
        + "ON CONFLICT (owner, kind, ordinal) DO UPDATE SET data = excluded.data", [kind, owner, ordinal, Data(bytes)])
  }

  func long(_ kind: String, _ owner: Int, _ ordinal: String) throws -> [UInt8]? {
    try Self.long(db, kind, owner, ordinal)
  }

  static func long(_ db: Database, _ kind: String, _ owner: Int, _ ordinal: String) throws -> [UInt8]? {
    let statement = try db.cachedStatement(sql: "SELECT data FROM blob WHERE owner = ? AND kind = ? AND ordinal = ?")
    return try Row.fetchOne(statement, arguments: [owner, kind, ordinal]).flatMap { Columns(row: $0).bytes(0) }
  }
}
