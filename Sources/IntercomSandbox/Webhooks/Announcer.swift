// Sending signed webhooks, one after the other, after the change is stored.

import Dispatch
import ICSJSON
import Synchronization

/// Delivers notifications to the receiver: each once, and once more a minute later when that fails.
final class Announcer: Sendable {
  private let receiver: Receiver
  private let secret: String
  private let clock: @Sendable () -> Int
  /// Deliveries block their thread; one queue of their own keeps them in order and out of the way.
  private let queue = DispatchQueue(label: "ics.sandbox.webhooks")
  private let state = Mutex(State())

  private struct State {
    var isDisabled = false
    var isFinished = false
  }

  /// Intercom tries again after a minute.
  private static let retryDelay = DispatchTimeInterval.seconds(60)

  init(_ receiver: Receiver, secret: String, clock: @escaping @Sendable () -> Int) {
    self.receiver = receiver
    self.secret = secret
    self.clock = clock
  }

  /// Queues notifications for delivery.
  func send(_ notifications: [Notification]) {
    let now = clock()
    for notification in notifications {
      let envelope = Envelope(id: "notif_" + Self.uuid(), notification: notification, at: now)
      queue.async { self.deliver(envelope, attempt: 1) }
    }
  }

  /// Returns when everything queued so far was tried.
  func drain() async {
    await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
  }

  /// Delivers what is queued, and nothing after that.
  func finish() async {
    state.withLock { $0.isFinished = true }
    await drain()
  }

  private func deliver(_ envelope: Envelope, attempt: Int) {
    guard !state.withLock({ $0.isDisabled }) else { return }
    let body = envelope.body(attempt: attempt)
    let headers = [
      ("Content-Type", "application/json"), ("Accept", "application/json"),
      ("User-Agent", "intercom-parrot-service-client/1.0"),
      ("X-Hub-Signature", "sha1=" + Hex.text(SHA1.hmac(body, key: Array(secret.utf8)))),
    ]
    let status = receiver.send("POST", headers: headers, body: body)
    switch status {
    case .some(200...299): return
    case .some(410): state.withLock { $0.isDisabled = true }
    default:
      let isFinished = state.withLock { state in
        // A receiver that fails while the sandbox stops would hold it up once more for each notification.
        if state.isFinished { state.isDisabled = true }
        return state.isFinished
      }
      guard attempt == 1, !isFinished else { return }
      queue.asyncAfter(deadline: .now() + Self.retryDelay) { self.deliver(envelope, attempt: 2) }
    }
  }

  /// One notification, as every attempt sends it.
  private struct Envelope: Sendable {
    let id: String
    let notification: Notification
    let at: Int

    func body(attempt: Int) -> [UInt8] {
      let value: JSONValue = [
        "type": "notification_event", "app_id": .string(Workspace.id), "id": .string(id),
        "topic": .string(notification.topic), "created_at": .int(at), "first_sent_at": .int(at),
        "delivery_attempts": .int(attempt), "delivery_status": .string(attempt == 1 ? "pending" : "retry"),
        "delivered_at": 0, "links": [:], "self": nil,
        "data": ["type": "notification_event_data", "item": notification.item],
      ]
      return value.serializedBytes()
    }
  }

  private static func uuid() -> String {
    var random = SystemRandomNumberGenerator()
    let high = random.next() & ~0xF000 | 0x4000
    let low = random.next() & (1 << 62 - 1) | 1 << 63
    let digits = Array(Hex.text(high, digits: 16) + Hex.text(low, digits: 16))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}
