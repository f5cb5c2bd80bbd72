// The SQL of one connection: prepared once, bound and read without a detour.
//
// GRDB opens, locks and closes; its statements go through boxed values, sets of arguments and rows of their own, which
// costs several times what SQLite needs for a row. Here the values go to SQLite as they are.

import GRDB
import GRDBSQLite
import ICSDurable

/// What can stand in the place of a `?`.
protocol Bindable {
  /// Binds itself; gives SQLite's answer.
  func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}

extension Int: Bindable {
  func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, Int64(self)) }
}

extension String: Bindable {
  func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
    var text = self
    return text.withUTF8 { bytes in
      // Without a pointer it would be NULL.
      guard let base = bytes.baseAddress, !bytes.isEmpty else {
        return sqlite3_bind_text(statement, index, "", 0, copied)
      }
      return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
        sqlite3_bind_text(statement, index, $0, Int32(bytes.count), copied)
      }
    }
  }
}

extension [UInt8]: Bindable {
  func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
    guard !isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
    return withUnsafeBytes { sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), copied) }
  }
}

/// `SQLITE_TRANSIENT`, a macro that Swift does not import: SQLite copies what it is given.
private var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

/// The columns of the present row by their numbers, each `nil` when it holds something else than what is asked for.
struct Columns {
  fileprivate let statement: OpaquePointer

  func int(_ index: Int) -> Int? {
    guard sqlite3_column_type(statement, Int32(index)) == SQLITE_INTEGER else { return nil }
    return Int(sqlite3_column_int64(statement, Int32(index)))
  }

  func text(_ index: Int) -> String? {
    guard sqlite3_column_type(statement, Int32(index)) == SQLITE_TEXT,
      let start = sqlite3_column_text(statement, Int32(index))
    else { return nil }
    let count = Int(sqlite3_column_bytes(statement, Int32(index)))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func bytes(_ index: Int) -> [UInt8]? {
    guard sqlite3_column_type(statement, Int32(index)) == SQLITE_BLOB else { return nil }
    guard let start = sqlite3_column_blob(statement, Int32(index)) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, Int32(index)))))
  }

  func time(_ index: Int) -> Timestamp? { int(index).map { Timestamp(milliseconds: $0) } }
  func bool(_ index: Int) -> Bool { int(index) == 1 }
}

/// The text of a statement. A literal is known by where it lies, so that finding its statement costs next to nothing.
struct SQL: ExpressibleByStringLiteral, Sendable {
  fileprivate enum Text: Sendable {
    case literal(StaticString)
    case kept(Kept)
    case made(String)
  }

  fileprivate final class Kept: Sendable {
    let text: String
    init(_ text: String) { self.text = text }
  }

  fileprivate let text: Text

  init(stringLiteral value: StaticString) { text = .literal(value) }
  private init(_ text: Text) { self.text = text }

  /// One that is put together once and kept in a constant.
  static func kept(_ text: String) -> SQL { SQL(.kept(Kept(text))) }
  /// One that is put together for each use.
  static func made(_ text: String) -> SQL { SQL(.made(text)) }

  fileprivate var string: String {
    switch text {
    case .literal(let text): text.description
    case .kept(let kept): kept.text
    case .made(let text): text
    }
  }

  /// What the statement is kept under; nil for those that GRDB keeps.
  fileprivate var key: UInt? {
    switch text {
    case .literal(let text): UInt(bitPattern: text.utf8Start)
    case .kept(let kept): UInt(bitPattern: ObjectIdentifier(kept))
    case .made: nil
    }
  }
}

/// Runs statements on a connection, in whatever transaction that is in. Used where the connection may be used: in the
/// closures of its queue.
///
/// INVARIANT: a closure that reads a row does not run the statement that it reads from.
final class Statements {
  let db: Database
  private var prepared: [UInt: Statement] = [:]
  private let keeps: Bool

  /// - Parameter keeps: Whether it lives as long as the connection, and keeps what it has prepared; otherwise GRDB does.
  init(_ db: Database, keeps: Bool) {
    self.db = db
    self.keeps = keeps
  }

  /// Runs a statement that gives no rows.
  func run(_ sql: SQL, _ values: [(any Bindable)?] = []) throws { try step(sql, values) { _ in } }

  /// The rows of a statement, without those of which nothing is made.
  func rows<Item>(
    _ sql: SQL, _ values: [(any Bindable)?] = [], _ read: (Columns) throws -> Item?
  ) throws -> [Item] {
    var items: [Item] = []
    try step(sql, values) { columns in
      if let item = try read(columns) { items.append(item) }
    }
    return items
  }

  /// The first row of a statement.
  func first<Item>(
    _ sql: SQL, _ values: [(any Bindable)?] = [], _ read: (Columns) throws -> Item?
  ) throws -> Item? {
    let statement = try bound(sql, values)
    defer { Self.release(statement) }
    return try Self.advance(statement, on: db) ? read(Columns(statement: statement)) : nil
  }

  func int(_ sql: SQL, _ values: [(any Bindable)?] = []) throws -> Int? { try first(sql, values) { $0.int(0) } }

  func ints(_ sql: SQL, _ values: [(any Bindable)?] = []) throws -> [Int] { try rows(sql, values) { $0.int(0) } }

  func text(_ sql: SQL, _ values: [(any Bindable)?] = []) throws -> String? { try first(sql, values) { $0.text(0) } }

  // MARK: Steps

  private func step(_ sql: SQL, _ values: [(any Bindable)?], _ read: (Columns) throws -> Void) throws {
    let statement = try bound(sql, values)
    defer { Self.release(statement) }
    while try Self.advance(statement, on: db) { try read(Columns(statement: statement)) }
  }

  private func bound(_ sql: SQL, _ values: [(any Bindable)?]) throws -> OpaquePointer {
    let statement = try statement(sql).sqliteStatement
    for (index, value) in values.enumerated() {
      // What is not bound is NULL.
      guard let value else { continue }
      let code = value.bind(to: statement, at: Int32(index + 1))
      guard code == SQLITE_OK else { throw Self.error(code, db) }
    }
    return statement
  }

  private func statement(_ sql: SQL) throws -> Statement {
    guard keeps, let key = sql.key else { return try db.cachedStatement(sql: sql.string) }
    if let known = prepared[key] { return known }
    let made = try db.makeStatement(sql: sql.string)
    prepared[key] = made
    return made
  }

  private static func advance(_ statement: OpaquePointer, on db: Database) throws -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: true
    case SQLITE_DONE: false
    case let code: throw error(code, db)
    }
  }

  /// Nothing of it stays: neither a read that goes on, nor the values.
  private static func release(_ statement: OpaquePointer) {
    // It repeats the error of the last step.
    sqlite3_reset(statement)
    sqlite3_clear_bindings(statement)
  }

  private static func error(_ code: Int32, _ db: Database) -> DatabaseError {
    let message = db.sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
    return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
  }
}
