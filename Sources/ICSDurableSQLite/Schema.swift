// The tables of a store, and their version.

import GRDB

/// What is in the file.
enum Schema {
  /// The layout that this program writes. A file of a later one is refused.
  static let version = 1
  /// Written into the file's header, so that no other SQLite file is taken for a store: "ICSd".
  static let applicationID = 0x4943_5364

  /// INVARIANTS: `due_at` is set for waiting and retrying runs alone; `lease_until` for running ones; `key_head` says
  /// who holds a key. Values of more than 64 KiB are in `blob`, so that rows stay short.
  ///
  /// The states in the indexes are the raw values of ``RunState``.
  static let tables = """
    CREATE TABLE meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE program (
      hash TEXT PRIMARY KEY, name TEXT NOT NULL, source BLOB NOT NULL, language_version INTEGER NOT NULL);
    CREATE TABLE event (
      id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, source TEXT NOT NULL, ext_id TEXT NOT NULL,
      body_sha BLOB, topic TEXT NOT NULL, received_at INTEGER NOT NULL, duplicates INTEGER NOT NULL DEFAULT 0,
      payload_sum INTEGER NOT NULL, payload BLOB);
    CREATE UNIQUE INDEX event_sender ON event (ext_id, source, tenant);
    CREATE UNIQUE INDEX event_body ON event (body_sha, source, tenant) WHERE body_sha IS NOT NULL;
    CREATE INDEX event_age ON event (received_at);
    CREATE TABLE run (
      id INTEGER PRIMARY KEY AUTOINCREMENT, event_id INTEGER, tenant TEXT NOT NULL, hook TEXT NOT NULL,
      is_job INTEGER NOT NULL, program TEXT NOT NULL, ord_key TEXT, obstacle INTEGER, patience INTEGER,
      priority INTEGER NOT NULL, created_at INTEGER NOT NULL,
      state INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
      lease_losses INTEGER NOT NULL DEFAULT 0, cancel_requested INTEGER NOT NULL DEFAULT 0, due_at INTEGER,
      started_at INTEGER, ended_at INTEGER, first_failed_at INTEGER, worker TEXT, lease_epoch INTEGER NOT NULL DEFAULT 0,
      lease_until INTEGER, lease_process TEXT, failure TEXT, parked TEXT, output TEXT);
    CREATE UNIQUE INDEX run_event ON run (event_id, hook) WHERE event_id IS NOT NULL;
    CREATE INDEX run_head ON run (tenant, priority, id) WHERE state = 0 AND is_job = 0;
    CREATE INDEX run_lease ON run (lease_until) WHERE state = 1;
    CREATE INDEX run_sleep ON run (due_at, id) WHERE due_at IS NOT NULL;
    CREATE INDEX run_queue ON run (ord_key, tenant, id) WHERE state = 8;
    CREATE INDEX run_dead ON run (id) WHERE state = 5;
    CREATE INDEX run_parked ON run (id) WHERE state = 6;
    CREATE INDEX run_job ON run (hook, tenant, id) WHERE is_job = 1;
    CREATE TABLE step (
      run_id INTEGER NOT NULL, ordinal TEXT NOT NULL, format INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
      args_hash BLOB NOT NULL, code_span TEXT NOT NULL, state INTEGER NOT NULL, attempt INTEGER NOT NULL,
      started_at INTEGER NOT NULL, ended_at INTEGER, due_at INTEGER, sum INTEGER NOT NULL, failure TEXT, input TEXT,
      result TEXT, PRIMARY KEY (run_id, ordinal)) WITHOUT ROWID;
    CREATE TABLE attempt (
      run_id INTEGER NOT NULL, number INTEGER NOT NULL, worker TEXT NOT NULL, program TEXT NOT NULL,
      started_at INTEGER NOT NULL, ended_at INTEGER, ending TEXT, failure TEXT,
      PRIMARY KEY (run_id, number)) WITHOUT ROWID;
    CREATE TABLE blob (
      kind TEXT NOT NULL, owner INTEGER NOT NULL, ordinal TEXT NOT NULL, data BLOB NOT NULL,
      UNIQUE (owner, kind, ordinal));
    CREATE TABLE key_head (ord_key TEXT NOT NULL, tenant TEXT NOT NULL, run_id INTEGER NOT NULL,
      PRIMARY KEY (ord_key, tenant)) WITHOUT ROWID;
    CREATE TABLE schedule (name TEXT PRIMARY KEY, rule TEXT NOT NULL, next INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    """

  /// Makes the tables of a new file, or refuses one that this program does not know.
  static func prepare(_ db: Database, path: String) throws {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if found > version { throw DurableErrorBox(.newerSchema(path: path, found: found, known: version)) }
    if found == version { return }
    let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    guard objects == 0 else { throw DurableErrorBox(.damaged(path: path, detail: "it is another program's file")) }
    try db.execute(sql: tables)
    try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
  }
}
