// Creates of which nobody knows whether they were carried out, looked up together.

import ICSJSON
import Synchronization

/// What the API keeps unique of a contact: by it a contact whose create got no answer can be found, and a second
/// create of it is refused as a duplicate.
struct ContactIdentity: Sendable, Hashable {
  let key: Contacts.Key
  let value: String

  /// `nil` for a contact that may be there twice: a lead that has an e-mail alone.
  init?(of contact: JSONValue) {
    if let id = contact["external_id"]?.stringValue ?? contact["external_id"]?.intValue.map(String.init) {
      (key, value) = (.externalID, id)
    } else if let email = contact["email"]?.stringValue, contact["role"]?.stringValue != "lead" {
      (key, value) = (.email, email)
    } else {
      return nil
    }
  }

  /// Whether a contact of the API's is the one. The API writes e-mails in lower case.
  func isIdentity(of contact: JSONValue) -> Bool {
    guard let found = contact[key.rawValue]?.stringValue else { return false }
    return key == .email ? found.lowercased() == value.lowercased() : found == value
  }
}

/// Collects look-ups until one search answers several: with many creates on their way, a look-up for each that is lost
/// would be a third of all the requests that faults cost.
///
/// A look-up waits while other creates are on their way that may join it. It never waits alone: when every create
/// waits here, or after three seconds at the next event, the search is sent.
final class UnsettledCreates: Sendable {
  /// What a create that waited is told.
  enum Turn: Sendable {
    /// It does the search for all of these, its own identity among them, and then calls `answer`.
    case search(Batch)
    /// Another's search: the contacts that were found.
    case found([JSONValue])
    case failed(APIError)
    case cancelled
  }

  /// Creates that one search settles.
  struct Batch: Sendable {
    let identities: [ContactIdentity]
    fileprivate let others: [Waiter]
  }

  fileprivate struct Waiter: Sendable {
    let id: Int
    let identity: ContactIdentity
    let continuation: CheckedContinuation<Turn, Never>
  }

  private struct State {
    /// Creates that have begun and not ended, those that wait included.
    var active = 0
    var nextID = 0
    var waiting: [Waiter] = []
    var waitingSince: Duration = .zero
    /// Cancelled before they waited.
    var cancelled: Set<Int> = []

    /// Takes all that wait, when they should not wait longer; the first of them is to search.
    mutating func takeBatch(at now: Duration) -> [Waiter] {
      let isTime =
        waiting.count >= min(active, UnsettledCreates.size) || now - waitingSince >= UnsettledCreates.patience
      guard !waiting.isEmpty, isTime else { return [] }
      defer { waiting = [] }
      return waiting
    }
  }

  /// Half of what a client sends at once: the other half goes on meanwhile.
  private static let size = 8
  private static let patience: Duration = .seconds(3)

  private let state = Mutex(State())

  /// A create begins. Each call is followed by one of `end`.
  func begin() { state.withLock { $0.active += 1 } }

  /// A create ended, well or not.
  func end(at now: Duration) {
    let batch = state.withLock { state in
      state.active -= 1
      if state.active == 0 { state.cancelled = [] }
      return state.takeBatch(at: now)
    }
    Self.start(batch)
  }

  /// Waits for a turn to look up a contact.
  func turn(of identity: ContactIdentity, at now: Duration) async -> Turn {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let batch = state.withLock { state -> [Waiter]? in
          if state.cancelled.remove(id) != nil { return nil }
          if state.waiting.isEmpty { state.waitingSince = now }
          state.waiting.append(Waiter(id: id, identity: identity, continuation: continuation))
          return state.takeBatch(at: now)
        }
        if let batch { Self.start(batch) } else { continuation.resume(returning: .cancelled) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.waiting.remove(at: index)
      }
      waiter?.continuation.resume(returning: .cancelled)
    }
  }

  /// Tells the others of a batch what its search found.
  func answer(_ batch: Batch, _ turn: Turn) {
    for waiter in batch.others { waiter.continuation.resume(returning: turn) }
  }

  private static func start(_ waiters: [Waiter]) {
    guard let first = waiters.first else { return }
    let batch = Batch(identities: waiters.map(\.identity), others: Array(waiters.dropFirst()))
    first.continuation.resume(returning: .search(batch))
  }
}
