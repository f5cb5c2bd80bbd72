// What only a store in a file can get wrong: its settings, its locks, its disk, its damage.

import Foundation
import ICSDurable
import ICSJSON
import Testing

@testable import ICSDurableSQLite

@Suite("The store on SQLite", .timeLimit(.minutes(2)))
struct SQLiteStoreTests {
  private func withStore(_ body: (Bench, SQLiteStore, String) async throws -> Void) async throws {
    try await withFolder { folder in
      let path = folder + "/store.db"
      let store = try SQLiteStore(path: path, role: .owner())
      do { try await body(Bench(store), store, path) } catch {
        await store.close()
        throw error
      }
      await store.close()
    }
  }

  @Test("commits are flushed: FULL is in force, after opening and after commits that are not flushed")
  func synchronous() async throws {
    try await withStore { bench, store, _ in
      #expect(try await store.pragma("synchronous") == 2)
      _ = try await bench.claim()
      try await bench.accept()
      #expect(try await store.pragma("synchronous") == 2)
      #expect(try await store.pragma("wal_autocheckpoint") == 0)
      #expect(try await store.pragma("journal_size_limit") == 67_108_864)
    }
  }

  @Test("a run with as many journal entries as it may have records what it has, and nothing new")
  func fullJournal() async throws {
    try await withStore { bench, store, _ in
      try await bench.accept()
      let lease = try await bench.claimOne()
      let last = StoreLimits.entriesPerRun - 1
      try await store.damage(
        """
        WITH RECURSIVE n (x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x <= \(last))
        INSERT INTO step (run_id, ordinal, format, kind, name, args_hash, code_span, state, attempt, started_at, sum)
        SELECT 1, x, 1, 'step', 'a', x'', '', 3, 1, 0, 0 FROM n
        """)
      try await bench.end(lease, bench.intent(1), .failed(Failure(code: "E_TEST", message: "no")))
      try await bench.end(lease, bench.intent(1))
      let full = DurableError.journalFull(lease.run, limit: StoreLimits.entriesPerRun)
      let next = bench.intent(StepOrdinal("\(StoreLimits.entriesPerRun + 1)") ?? 1)
      #expect(try await bench.refusal { try await bench.end(lease, next) } == full)
      // What was refused was not written.
      #expect(try await bench.refusal { try await bench.end(lease, next) } == full)
      try await bench.finish(lease)
    }
  }

  @Test("a second owner is refused with the first one's process, a guest is not")
  func owners() async throws {
    try await withStore { bench, _, path in
      let pid = Int(ProcessInfo.processInfo.processIdentifier)
      #expect(throws: DurableError.owned(path: path, pid: pid)) { try SQLiteStore(path: path, role: .owner()) }
      #expect(SQLiteStore.owner(of: path) == pid)
      let run = try await bench.accept()
      let guest = try SQLiteStore(path: path, role: .guest)
      #expect(try await guest.runs(RunFilter()).map(\.id) == [run])
      #expect(try await guest.cancel(run, at: bench.now) == .cancelled)
      #expect(try await bench.state(run) == .cancelled)
      await guest.close()
    }
  }

  @Test("the lock ends with its owner")
  func released() async throws {
    try await withFolder { folder in
      let path = folder + "/store.db"
      do { await (try SQLiteStore(path: path, role: .owner())).close() }
      #expect(SQLiteStore.owner(of: path) == nil)
      await (try SQLiteStore(path: path, role: .owner())).close()
    }
  }

  @Test("whoever is taken over by force writes nothing more")
  func takenOver() async throws {
    try await withStore { bench, zombie, path in
      let run = try await bench.accept()
      let lease = try await bench.claimOne()
      let next = try SQLiteStore(path: path, role: .owner(byForce: true), now: bench.now.wall)
      #expect(try await bench.refusal { try await bench.end(lease, bench.intent()) } == .tookOver)
      #expect(try await bench.refusal { try await bench.finish(lease) } == .tookOver)
      #expect(try await bench.refusal { try await bench.accept() } == .tookOver)
      // What it has sent may still arrive: its leases end before another worker has the run.
      let request = ClaimRequest(worker: "b", max: 5, ttl: .seconds(30))
      #expect(try await next.claim(request, at: bench.now).isEmpty)
      let later = Moment(wall: bench.now.wall + .seconds(31), uptime: bench.now.uptime + 31_000)
      let claimed = try await next.claim(request, at: later)
      #expect(claimed.map(\.run.id) == [run])
      #expect(claimed.first?.run.leaseLosses == 1)
      // Whoever comes next meets the new owner's lock, not the old one's.
      await zombie.close()
      #expect(throws: DurableError.owned(path: path, pid: Int(getpid()))) {
        try SQLiteStore(path: path, role: .owner())
      }
      await next.close()
    }
  }

  @Test("after a restart everything is there, and nobody waits for the former owner's leases")
  func restarts() async throws {
    try await withFolder { folder in
      let path = folder + "/store.db"
      let first = try SQLiteStore(path: path, role: .owner())
      let bench = Bench(first)
      let run = try await bench.accept(key: "c")
      let lease = try await bench.claimOne()
      try await bench.end(lease, bench.intent(), .done(["x": 1]))
      let write = bench.intent(2, "c", .write)
      _ = try await bench.begin(lease, write)
      await first.close()

      let second = try SQLiteStore(path: path, role: .owner())
      let again = Bench(second)
      let next = try await again.claimOne(worker: "b")
      #expect(next.run == run)
      #expect(try await again.begin(next, again.intent()) == .done(["x": 1]))
      guard case .uncertain = try await again.begin(next, write) else { throw Unexpected("it is certain") }
      #expect(try await second.counters().runs == [.running: 1])
      await second.close()
    }
  }

  @Test("a run that was there in six crashes is no suspect yet, one that was there in twenty-one is parked")
  func crashes() async throws {
    try await withFolder { folder in
      for crash in 0...21 {
        let store = try SQLiteStore(path: folder + "/store.db", role: .owner())
        let bench = Bench(store)
        if crash == 0 { try await bench.accept() }
        let claimed = try await bench.claim()
        #expect(claimed.count == (crash <= 20 ? 1 : 0))
        if crash == 21 { #expect(try await bench.record(RunID(1)).parked?.kind == .leaseLosses) }
        await store.close()
      }
    }
  }

  @Test("a store of a later version is refused, and left as it is")
  func laterVersion() async throws {
    try await withStore { _, store, path in
      try await store.damage("PRAGMA user_version = 99")
      await store.close()
      #expect(throws: DurableError.newerSchema(path: path, found: 99, known: 1)) {
        try SQLiteStore(path: path, role: .guest)
      }
    }
  }

  @Test("what is no store is refused")
  func noStore() async throws {
    try await withFolder { folder in
      let path = folder + "/notes.txt"
      try String(repeating: "no database\n", count: 500).write(toFile: path, atomically: true, encoding: .utf8)
      #expect {
        try SQLiteStore(path: path, role: .guest)
      } throws: { error in
        if case .damaged(path, _)? = error as? DurableError { true } else { false }
      }
      #expect {
        try SQLiteStore(path: folder + "/none/store.db", role: .owner())
      } throws: { error in
        if case .unavailable(.readOnly, _)? = error as? DurableError { true } else { false }
      }
    }
  }

  @Test("the files are for their owner alone")
  func permissions() async throws {
    try await withStore { bench, _, path in
      try await bench.accept()
      for file in [path, path + ".lock", path + "-wal"] {
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600, "\(file)")
      }
    }
  }

  @Test("a full disk refuses the event, and takes it when there is room again")
  func full() async throws {
    try await withStore { bench, store, _ in
      try await store.damage("PRAGMA max_page_count = 1")
      let large = bench.incoming("n1", payload: "\"" + String(repeating: "x", count: 3_000_000) + "\"")
      guard case .unavailable(.full, _)? = try await bench.refusal({ _ = try await store.accept([large]) }) else {
        throw Unexpected("it was accepted")
      }
      try await store.damage("PRAGMA max_page_count = 1000000")
      #expect(try await store.counters().accepted == 0)
      #expect(try await store.accept([large]) == [.new(EventID(1), runs: [RunID(1)])])
    }
  }

  @Test("a store that may only be read refuses what a run records, and loses nothing")
  func readOnly() async throws {
    try await withStore { bench, store, path in
      try await bench.accept()
      let lease = try await bench.claimOne()
      try await store.damage("PRAGMA query_only = 1")
      for refusal in [
        try await bench.refusal { try await bench.accept() },
        try await bench.refusal { try await bench.end(lease, bench.intent()) },
        try await bench.refusal { try await bench.finish(lease) },
      ] {
        guard case .unavailable(.readOnly, _)? = refusal else { throw Unexpected("\(String(describing: refusal))") }
      }
      #expect(try await store.counters().accepted == 1)
      await store.close()
      let again = try SQLiteStore(path: path, role: .owner())
      #expect(try await again.counters().runs == [.ready: 1])
      await again.close()
    }
  }

  @Test("a store that another process keeps locked refuses the event")
  func locked() async throws {
    try await withStore { bench, store, path in
      let other = try SQLiteStore(path: path, role: .guest, busyTimeout: .milliseconds(50))
      let blocked = Bench(other)
      let held = AsyncStream<Void>.makeStream()
      let release = AsyncStream<Void>.makeStream()
      async let holding: Void = store.holdWriteLock {
        held.continuation.finish()
        return release.stream
      }
      for await _ in held.stream {}
      let refusal = try await bench.refusal { try await blocked.accept() }
      release.continuation.finish()
      try await holding
      guard case .unavailable(.locked, _)? = refusal else { throw Unexpected("\(String(describing: refusal))") }
      try await blocked.accept()
      await other.close()
    }
  }

  // MARK: Damage

  /// A run with one recorded step, ready to be claimed again, beside one that is none of its business.
  private func damaged(_ sql: String) async throws -> (parked: RunRecord, other: RunState) {
    var result: (RunRecord, RunState)?
    try await withStore { bench, store, _ in
      let run = try await bench.accept()
      let lease = try await bench.claimOne()
      try await bench.end(lease, bench.intent(), .done(["amount": 1]))
      try await bench.finish(lease, .released)
      let other = try await bench.accept()
      try await store.damage(sql)
      for claimed in try await bench.claim() {
        do throws(DurableError) {
          _ = try await store.beginStep(claimed.lease, bench.intent(), at: bench.now)
          try await store.finish(claimed.lease, .done(nil), at: bench.now)
        } catch {
          #expect(error == .leaseLost(run))
        }
      }
      result = (try await bench.record(run), try await bench.state(other))
    }
    return try #require(result)
  }

  @Test(
    "a damaged journal entry parks its run, and nothing else",
    arguments: [
      (#"UPDATE step SET result = '{"amount":9}'"#, "step 1 is damaged: its checksum is wrong"),
      ("UPDATE step SET result = '{\"amo'", "step 1 is damaged"),
      ("UPDATE step SET result = NULL", "checksum"),
      ("UPDATE step SET state = 42", "step 1 is damaged"),
      ("UPDATE step SET state = 'x'", "step 1 is damaged"),
      ("UPDATE step SET kind = 'teleport'", "a kind that this version does not know: teleport"),
      ("UPDATE step SET format = 2", "written by a later version"),
      ("UPDATE step SET format = x'00'", "damaged"),
      ("UPDATE step SET name = x'ff'", "damaged"),
      ("UPDATE step SET started_at = 'yesterday'", "damaged"),
      ("UPDATE step SET attempt = 7", "checksum"),
      ("UPDATE event SET payload = '{]' WHERE id = 1", "the body of event 1 is damaged"),
      ("UPDATE event SET payload = substr(payload, 2) WHERE id = 1", "the body of event 1 is damaged"),
      ("DELETE FROM event WHERE id = 1", "event 1 is missing or damaged"),
    ])
  func damage(sql: String, message: String) async throws {
    let (parked, other) = try await damaged(sql)
    #expect(parked.state == .parked)
    #expect(parked.parked?.kind == (sql.contains("format = 2") ? .newerSchema : .unreadable))
    #expect(parked.parked?.message.contains(message) == true, "\(parked.parked?.message ?? "none")")
    #expect(other == .done)
  }

  @Test(
    "rows that make no sense end no process",
    arguments: [
      "UPDATE run SET attempt = 'x', lease_epoch = NULL, priority = 'high', created_at = x'00' WHERE id = 1",
      "UPDATE run SET state = 77 WHERE id = 1", "UPDATE run SET tenant = x'ff' WHERE id = 1",
      "UPDATE run SET failure = '{', parked = '[', output = '}' WHERE id = 1",
      "UPDATE tally SET value = 'many'", "UPDATE event SET topic = x'00ff' WHERE id = 1",
      "INSERT INTO schedule VALUES ('x', 'y', 'z')", "INSERT INTO key_head VALUES ('c', 't', 99)",
    ])
  func nonsense(sql: String) async throws {
    try await withStore { bench, store, _ in
      for _ in 0..<2 { try await bench.accept() }
      do { try await store.damage(sql) } catch DurableError.unavailable { return }  // A constraint keeps it out.
      _ = try? await bench.claim()
      _ = try? await store.runs(RunFilter())
      _ = try? await store.events(EventFilter())
      _ = try? await store.run(RunID(1))
      _ = try? await store.counters()
      _ = try? await store.schedules()
      #expect(try await store.run(RunID(2)) != nil)
    }
  }

  // MARK: Sizes

  @Test("waiting runs take less than 10 kB each on the disk")
  func waiting() async throws {
    try await withStore { bench, store, path in
      let count = 500
      let body = String(repeating: "x", count: 1_000)
      _ = try await store.accept((0..<count).map { bench.incoming("n\($0)", payload: body) })
      let (now, step, wait) = (bench.now, bench.intent(), bench.intent(2, "wait", .wait))
      let due = now.wall + .seconds(172_800)
      let claimed = try await bench.claim(count)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for run in claimed {
          group.addTask {
            try await store.endStep(run.lease, step, .done(["id": "0123456789"]), at: now)
            _ = try await store.beginWait(run.lease, wait, until: due, at: now)
            try await store.finish(run.lease, .waiting(until: due), at: now)
          }
        }
        try await group.waitForAll()
      }
      await store.close()
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      #expect(try #require(size) / count < 10_000)
      let again = try SQLiteStore(path: path, role: .owner())
      #expect(try await again.counters().runs == [.waiting: count])
      await again.close()
    }
  }

  @Test("a run's journal has an end, which says how to go on, and other runs go on")
  func fullJournalAfterRestart() async throws {
    try await withFolder { folder in
      let path = folder + "/store.db"
      let first = try SQLiteStore(path: path, role: .owner())
      let before = Bench(first)
      try await before.accept()
      try await before.end(try await before.claimOne(), before.intent())
      try await first.damage(
        """
        WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < \(StoreLimits.entriesPerRun))
        INSERT INTO step (run_id, ordinal, format, kind, name, args_hash, code_span, state, attempt, started_at, sum)
        SELECT run_id, i, format, kind, 'step ' || i, args_hash, code_span, state, attempt, started_at, 0
        FROM step, n WHERE ordinal = '1'
        """)
      await first.close()

      let store = try SQLiteStore(path: path, role: .owner())
      let bench = Bench(store)
      let lease = try await bench.claimOne()
      let next = bench.intent(try #require(StepOrdinal(path: [StoreLimits.entriesPerRun + 1])), "one more")
      let refusal = try await bench.refusal { try await bench.end(lease, next) }
      #expect(refusal == .journalFull(lease.run, limit: StoreLimits.entriesPerRun))
      #expect(refusal?.description.contains("start a new one for the rest") == true)
      // What is recorded is answered as before, and the run may end.
      #expect(try await bench.begin(lease, bench.intent()) == .done(nil))
      try await bench.finish(lease)
      let other = try await bench.accept("n2")
      try await bench.end(try await bench.claimOne(), bench.intent())
      #expect(try await bench.state(other) == .running)
      await store.close()
    }
  }

  @Test("network file systems are known by their mounts")
  func networks() {
    let mounts = """
      22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      30 22 0:40 / /mnt/share rw shared:9 - nfs4 server:/x rw
      31 30 8:2 / /mnt/share/disk rw - xfs /dev/sdb1 rw
      32 22 0:41 / /home/a\\040b rw - fuse.sshfs x: rw
      33 22 0:42 / /later rw - ext4 /dev/sdc rw
      34 22 0:43 / /later rw - cifs //x/y rw
      nonsense
      """
    func type(_ folder: String) -> String? { StoreFile.networkFileSystem(of: folder, mounts: mounts) }
    #expect(type("/var/lib") == nil)
    #expect(type("/mnt/share") == "nfs4")
    #expect(type("/mnt/share/x/y") == "nfs4")
    #expect(type("/mnt/shared") == nil)
    #expect(type("/mnt/share/disk/x") == nil)
    #expect(type("/home/a b/x") == "fuse.sshfs")
    #expect(type("/later") == "cifs")
    #expect(StoreFile.networkFileSystem(of: "/", mounts: "") == nil)
  }
}
