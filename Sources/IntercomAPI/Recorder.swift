// A recording in the making: the exchanges of all accounts of a run, one line of JSON each.

import ICSJSON
import Synchronization

/// Writes a recording. Each account's requests pass through a transport of it; the lines of all go to one place, each
/// as soon as it is known, so that a run that is stopped leaves what it did.
///
/// The first line is the head, `{"ics_recording": 1}` with the facts that the maker gives. A line
/// `{"choice": "own", "account": NAME, "base": URL}` says whom a choice of the run led to; every other line with `n`
/// is an exchange.
public final class Recorder: Sendable {
  private let facts: JSONObject
  private let write: @Sendable ([UInt8]) -> Void
  private let state: Mutex<State>

  private struct State {
    var redactor: Redactor
    var secrets: [Secret]
    var count = 0
    var hasBegun = false
    var time: Int?
    var timeReads = 0
  }

  /// - Parameters:
  ///   - secrets: Texts to mask. The tokens of accounts are added on their own.
  ///   - facts: What a replay needs beside the answers, such as the seed of random numbers.
  ///   - write: Takes a whole line at a time, on any thread, one after the other. Nothing is written before there is
  ///     something to record.
  public init(
    secrets: [Secret] = [], facts: JSONObject = [:], write: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.facts = facts
    self.write = write
    state = Mutex(State(redactor: Redactor(secrets: secrets), secrets: secrets))
  }

  /// Keeps whom a choice led to, and gives the transport for that account's requests.
  public func transport(
    _ inner: any HTTPTransport, account: Account, choice: AccountChoice = .own
  ) -> RecordingTransport {
    if let token = account.accessToken { add([token]) }
    record(account, of: choice)
    return RecordingTransport(inner, account: account.name, recorder: self)
  }

  /// Keeps whom another choice led to, when that account's requests pass through a transport already.
  public func record(_ account: Account, of choice: AccountChoice) {
    append([
      "choice": .string(choice.text), "account": .string(account.name), "base": .string(account.baseURL.description),
    ])
  }

  /// Keeps that a choice led nowhere: a replay fails there in the same words.
  public func record(_ error: APIError, of choice: AccountChoice) {
    append([
      "choice": .string(choice.text), "code": .string(error.code.rawValue), "message": .string(error.message),
    ])
  }

  /// Keeps a reading of the wall clock, in whole Unix seconds. A line is written when the time is another one than at
  /// the reading before.
  public func record(time: Int) {
    let read = state.withLock { state -> Int? in
      defer { state.timeReads += 1 }
      guard state.time != time else { return nil }
      state.time = time
      return state.timeReads
    }
    if let read { append(["now": .int(time), "read": .int(read)]) }
  }

  /// Masks more texts from here on.
  public func add(_ secrets: [Secret]) {
    state.withLock { state in
      state.secrets += secrets
      state.redactor = Redactor(secrets: state.secrets)
    }
  }

  /// Writes the head when nothing else has been written: a run without a request has a recording too.
  public func finish() {
    state.withLock { begin(&$0) }
  }

  /// The number of the next request, from 1.
  func nextNumber() -> Int {
    state.withLock { state in
      state.count += 1
      return state.count
    }
  }

  /// Writes the line of an exchange that has ended.
  func append(_ exchange: (Redactor) -> JSONValue) {
    let redactor = state.withLock { $0.redactor }
    write(line: exchange(redactor))
  }

  private func append(_ object: JSONObject) {
    let redactor = state.withLock { $0.redactor }
    var masked = JSONObject()
    for (name, value) in object { masked[name] = value.stringValue.map { .string(redactor.redact($0)) } ?? value }
    write(line: .object(masked))
  }

  /// INVARIANT: `write` is called with the lock held, so that lines neither mix nor come before the head.
  private func write(line: JSONValue) {
    let bytes = line.serializedBytes() + [0x0A]
    state.withLock { state in
      begin(&state)
      write(bytes)
    }
  }

  private func begin(_ state: inout State) {
    guard !state.hasBegun else { return }
    state.hasBegun = true
    var head: JSONObject = ["ics_recording": 1]
    for (name, value) in facts { head[name] = value }
    write(JSONValue.object(head).serializedBytes() + [0x0A])
  }
}

/// How a run came to an account.
public enum AccountChoice: Sendable, Hashable {
  /// The account that the run began with.
  case own
  /// By its name: `intercom.as("acme")`.
  case named(String)
  /// By a user's token: `intercom.authenticate("shop", token)`.
  case user(project: String, token: String)

  /// The choice in a recording. A user's token is there as a digest only.
  var text: String {
    switch self {
    case .own: "own"
    case .named(let name): "as \(name)"
    case .user(let project, let token): "user of \(project) \(Fingerprint.of(token))"
    }
  }
}
