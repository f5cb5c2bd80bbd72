// What the tests of hooks share: a service on a store in memory, and ways to wait for what happens.

import ICSDiagnostics
import ICSDurable
import ICSJSON
import IntercomAPI
import IntercomScript
import Synchronization

@testable import IntercomHooks

/// A service on a store in memory, working from its start to its end.
final class TestService: Sendable {
  static let secret = Secret("test-secret")

  let store: MemoryStore
  let service: HookService
  let printed = Lines()
  private let work = Mutex<Task<Void, Never>?>(nil)

  init(
    _ sources: String..., store: MemoryStore = MemoryStore(), retry: RunRetryPolicy = .never,
    backlog: Int = 100_000, isIdle: Bool = false, prepare: (inout HookSettings) -> Void = { _ in }
  ) async throws {
    self.store = store
    var settings = HookSettings()
    let printed = printed
    settings.output = { text, run in printed.add((run == nil ? "top: " : "") + text.split(separator: "\n").joined()) }
    prepare(&settings)
    var options = HookService.Options()
    options.secrets = [Self.secret]
    options.retry = retry
    options.limits.backlog = backlog
    service = HookService(store: store, settings: settings, options: options)
    var versions: [ScriptVersion] = []
    for (index, source) in sources.enumerated() {
      versions.append(
        try await ScriptVersion(source, name: "test\(index == 0 ? "" : String(index)).ics", settings: settings))
    }
    try await service.serve(versions)
    if !isIdle { begin() }
  }

  /// Works from now on; for a service that was made idle.
  func begin() {
    let service = service
    work.withLock { $0 = Task { await service.run() } }
  }

  /// Lets what is under way end.
  func stop() async {
    await service.stop(within: .seconds(5))
    await work.withLock({ $0 })?.value
  }

  /// A signed webhook.
  @discardableResult
  func send(_ topic: String, item: JSONValue = ["type": "contact", "id": "c1"], id: String? = nil) async
    -> WebhookAnswer
  {
    let body = Self.body(topic, item: item, id: id ?? "notif_\(UInt64.random(in: 0...UInt64.max))")
    return await service.receiver.receive(Self.request(body))
  }

  static func body(_ topic: String, item: JSONValue, id: String) -> [UInt8] {
    let event: JSONValue = [
      "type": "notification_event", "id": .string(id), "topic": .string(topic), "app_id": "test",
      "created_at": 1_767_600_000, "delivery_attempts": 1, "data": ["type": "notification_event_data", "item": item],
    ]
    return event.serializedBytes()
  }

  static func request(_ body: [UInt8], signature: String? = nil) -> WebhookRequest {
    WebhookRequest(
      method: "POST", signatures: [signature ?? WebhookSignature.sign(body, secret: secret)], body: body)
  }

  /// Waits until the newest run of a hook is in one of these states, and gives its history.
  func history(of hook: String? = nil, in states: Set<RunState> = [.done, .dead, .parked, .cancelled]) async throws
    -> RunHistory
  {
    var filter = RunFilter()
    filter.hook = hook
    for _ in 0..<2000 {
      if let run = try await store.runs(filter).first, states.contains(run.state) {
        return try required(try await store.run(run.id))
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw Waited(what: "a run of \(hook ?? "any hook") in \(states)")
  }

  struct Waited: Error { let what: String }
}

/// `#require` outside of a test.
func required<T>(_ value: T?) throws -> T {
  guard let value else { throw TestService.Waited(what: "a value") }
  return value
}

/// Lines from any thread.
final class Lines: Sendable {
  private let state = Mutex<[String]>([])

  var all: [String] { state.withLock { $0 } }
  func add(_ line: String) { state.withLock { $0.append(line) } }
}
