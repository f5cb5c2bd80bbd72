// Reading and writing documents.

import GRDB
import ICSJSON

/// The state as one request sees it, inside its transaction.
struct Store {
  let db: Database
  /// The time of the request: one for everything it does.
  let now: Int

  /// A stored row.
  struct Row {
    let seq: Int
    let id: String
    let state: String
    let text: String

    func value() throws(Failure) -> JSONValue { try Store.parse(text) }
  }

  // MARK: One document

  /// A document's row, whatever its state.
  func row(_ collection: Collection, _ id: String) throws(Failure) -> Row? {
    try rows("SELECT seq, id, state, document FROM \(collection.name) WHERE id = ?", [id]).first
  }

  /// A living document's text.
  func text(_ collection: Collection, _ id: String) throws(Failure) -> String? {
    guard let row = try row(collection, id), row.state == State.live else { return nil }
    return row.text
  }

  /// A living document.
  func value(_ collection: Collection, _ id: String) throws(Failure) -> JSONValue? {
    guard let text = try text(collection, id) else { return nil }
    return try Self.parse(text)
  }

  /// A living document by its key.
  func value(_ collection: Collection, key: String) throws(Failure) -> JSONValue? {
    try rows(
      "SELECT seq, id, state, document FROM \(collection.name) WHERE key = ? AND state = 'live' LIMIT 1", [key]
    ).first?.value()
  }

  @discardableResult
  func insert(
    _ collection: Collection, id: String, parent: String? = nil, key: String? = nil, _ document: JSONValue
  ) throws(Failure) -> Int {
    try execute(
      "INSERT INTO \(collection.name) (id, parent, key, state, changed_at, document) VALUES (?, ?, ?, 'live', ?, ?)",
      [id, parent, key, now, document.serialized()])
    return Int(db.lastInsertedRowID)
  }

  func update(_ collection: Collection, id: String, _ document: JSONValue) throws(Failure) {
    try execute(
      "UPDATE \(collection.name) SET document = ?, changed_at = ? WHERE id = ?", [document.serialized(), now, id])
  }

  func setState(_ collection: Collection, id: String, _ state: String) throws(Failure) {
    try execute("UPDATE \(collection.name) SET state = ?, changed_at = ? WHERE id = ?", [state, now, id])
  }

  func delete(_ collection: Collection, id: String) throws(Failure) {
    try execute("DELETE FROM \(collection.name) WHERE id = ?", [id])
  }

  /// The states of a row. Only living ones are listed and found.
  enum State {
    static let live = "live"
    static let archived = "archived"
    static let merged = "merged"
    static let deleted = "deleted"
  }

  // MARK: Several documents

  /// The living documents' texts, of one parent when given, oldest first.
  func texts(
    _ collection: Collection, parent: String? = nil, newestFirst: Bool = false, limit: Int = -1, offset: Int = 0
  ) throws(Failure) -> [String] {
    try rows(
      """
      SELECT seq, id, state, document FROM \(collection.name) WHERE state = 'live' \
      \(parent == nil ? "" : "AND parent = ?") ORDER BY seq \(newestFirst ? "DESC" : "") LIMIT ? OFFSET ?
      """, (parent.map { [$0] } ?? []) + [limit, offset]
    ).map(\.text)
  }

  /// How many living documents there are, of one parent when given.
  func count(_ collection: Collection, parent: String? = nil) throws(Failure) -> Int {
    try number(
      "SELECT COUNT(*) FROM \(collection.name) WHERE state = 'live' \(parent == nil ? "" : "AND parent = ?")",
      parent.map { [$0] } ?? [])
  }

  // MARK: Ids

  /// The next number of a counter, from its start. Numbers are not used twice, also not after a deletion.
  func next(_ counter: String, from start: Int = 1) throws(Failure) -> Int {
    try number(
      """
      INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1
      RETURNING value
      """, [counter, start])
  }

  /// A new id of 24 hexadecimal digits: time, kind, number. Ascending, and the same for the same requests at the
  /// same times.
  func nextID(_ kind: ObjectIDKind) throws(Failure) -> String {
    let number = try next("object")
    return Hex.text(UInt64(max(0, now)), digits: 8) + kind.rawValue + Hex.text(UInt64(number), digits: 10)
  }

  /// The middle digits of an id, by what it stands for.
  enum ObjectIDKind: String {
    case contact = "1c5000"
    case company = "1c5001"
    case segment = "1c5002"
  }

  // MARK: SQL

  func execute(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws(Failure) {
    try attempt {
      let statement = try db.cachedStatement(sql: sql)
      try statement.execute(arguments: StatementArguments(arguments))
    }
  }

  func rows(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws(Failure) -> [Row] {
    try attempt {
      let statement = try db.cachedStatement(sql: sql)
      let cursor = try GRDB.Row.fetchCursor(statement, arguments: StatementArguments(arguments))
      var rows: [Row] = []
      while let row = try cursor.next() {
        rows.append(Row(seq: row[0], id: row[1], state: row[2], text: row[3]))
      }
      return rows
    }
  }

  func number(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws(Failure) -> Int {
    try attempt {
      let statement = try db.cachedStatement(sql: sql)
      return try Int.fetchOne(statement, arguments: StatementArguments(arguments)) ?? 0
    }
  }

  func strings(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws(Failure) -> [String] {
    try attempt {
      let statement = try db.cachedStatement(sql: sql)
      return try String.fetchAll(statement, arguments: StatementArguments(arguments))
    }
  }

  private func attempt<Result>(_ work: () throws -> Result) throws(Failure) -> Result {
    do { return try work() } catch { throw .server(String(describing: error)) }
  }

  static func parse(_ text: String) throws(Failure) -> JSONValue {
    do { return try JSONValue(parsing: text) } catch { throw .server("a stored document is damaged: \(error)") }
  }
}
