// The way to the connector, opened at a script's first request.

import ICSJSON
import IntercomAPI
import Synchronization

/// The connector of a script, made at its first request.
///
/// An actor: several fibers may make their first request at once, and one client serves them all.
actor Connection {
  /// Counts the script's calls, so that a recording tells two that ask for the same apart.
  nonisolated let calls = Atomic<Int>(0)
  private let connect: (@Sendable () async throws(APIError) -> IntercomClient)?
  private var client: IntercomClient?
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private var isConnecting = false

  init(connect: (@Sendable () async throws(APIError) -> IntercomClient)?) { self.connect = connect }

  /// The client, connected.
  func open() async throws(APIError) -> IntercomClient {
    while isConnecting { await withCheckedContinuation { waiters.append($0) } }
    if let client { return client }
    guard let connect else { throw APIError(.permission, "this script may not talk to Intercom") }
    isConnecting = true
    defer {
      isConnecting = false
      let waiting = waiters
      waiters = []
      for waiter in waiting { waiter.resume() }
    }
    let made = try await connect()
    client = made
    return made
  }

  func shutdown() async {
    let open = client
    client = nil
    await open?.shutdown()
  }
}
