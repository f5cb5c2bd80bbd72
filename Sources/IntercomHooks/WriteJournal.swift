// Requests that have an effect, inside steps: announced before they are sent, recorded after, and looked up when
// nobody knows how they ended.

import ICSDurable
import ICSJSON
import ICSVM
import IntercomAPI

/// Keeps a run's writes from being sent twice. For `IntercomClient.Configuration.guardWrite`.
enum WriteJournal {
  /// Runs a script with all that stands around the requests of a run.
  static func withGuards<R>(
    _ context: RunContext, isolation: isolated (any Actor)? = #isolation, _ body: () async -> R
  ) async -> R {
    await RunContext.$current.withValue(context) {
      await GuardedWrite.$guardian.withValue(guardian) { await body() }
    }
  }

  /// What stands around the writes of a run.
  private static let guardian = WriteGuard(
    perform: { (write, send) async throws(APIError) in try await perform(write, send) },
    permit: { () async throws(APIError) in try await assure() })

  /// Lets nothing leave once the run's lease has ended: another worker may have the run by now.
  private static func assure() async throws(APIError) {
    guard let context = RunContext.current else { return }
    try await journal({ () async throws(DurableError) in try await context.journal.assure() }, context)
  }

  /// Sends a write as the journal of the current run has it. A request outside of steps is sent as it is.
  private static func perform(
    _ write: GuardedWrite, _ send: @Sendable () async throws(APIError) -> APIResponse
  ) async throws(APIError) -> APIResponse {
    let scope = OperationTag.current
    guard let context = RunContext.current, context.step(of: scope) != nil else { return try await send() }
    let intent = intent(of: write, in: scope, context)
    // Once more after a look-up has found that nothing was sent.
    for _ in 0..<2 {
      switch try await journal({ () async throws(DurableError) in try await context.journal.begin(intent) }, context) {
      case .run, .sleep: return try await sendRecorded(write, intent, context, send)
      case .done(let value): return response(from: value, to: write)
      case .raised(let failure):
        throw APIError(
          APIError.Code(rawValue: failure.code) ?? .http, failure.message, method: write.method, path: write.path)
      case .mismatch(let mismatch):
        context.end(.parked(mismatch.reason))
        throw suspended(write)
      case .uncertain(let record):
        if let found = try await settle(write, record, intent, context) { return found }
      }
    }
    throw APIError(.network, "the journal does not settle", method: write.method, path: write.path)
  }

  private static func intent(of write: GuardedWrite, in scope: Int, _ context: RunContext) -> StepIntent {
    let name = "\(write.method) \(write.path)"
    let ordinal = context.ordinal(in: scope, key: name)
    var input: JSONValue = ["method": .string(write.method), "path": .string(write.path)]
    // A large body is of no use to a person, and the look-ups want small fields.
    if let body = write.request.body, (write.body?.count ?? 0) <= maximumRecordedBody { input["body"] = body }
    let title = write.operation.map { $0.name } ?? name
    return StepIntent(
      ordinal: ordinal, kind: .write, name: String(title.prefix(StoreLimits.name)), input: input)
  }

  private static let maximumRecordedBody = 64 << 10

  // MARK: Sending

  private static func sendRecorded(
    _ write: GuardedWrite, _ intent: StepIntent, _ context: RunContext,
    _ send: @Sendable () async throws(APIError) -> APIResponse
  ) async throws(APIError) -> APIResponse {
    let response: APIResponse
    FailPoint.writeBeforeSend.hit()
    do throws(APIError) {
      response = try await send()
      FailPoint.writeAfterAnswer.hit()
    } catch {
      // Without an answer nobody knows: the intent stays, and whoever comes next looks it up.
      guard !error.outcomeUnknown else { throw error }
      // A cancelled attempt may have sent it.
      guard error.code != .cancelled else { throw error }
      let failure = Failure(code: error.code.rawValue, message: error.message)
      try await journal(
        { () async throws(DurableError) in try await context.journal.end(intent, .failed(failure)) }, context)
      throw error
    }
    try await record(response, .done, intent, context)
    FailPoint.writeAfterRecord.hit()
    return response
  }

  private enum Ending { case done, reconciled }

  private static func record(
    _ response: APIResponse, _ ending: Ending, _ intent: StepIntent, _ context: RunContext
  ) async throws(APIError) {
    // An answer that is no JSON is kept as nothing: the status says that it was one of success.
    var body = (try? response.json()) ?? .null
    if response.body.count > maximumRecordedAnswer {
      body = ["id": body["id"] ?? .null, "type": body["type"] ?? .null]
    }
    let value: JSONValue = ["status": .int(response.status), "body": body]
    try await journal(
      { () async throws(DurableError) in
        try await context.journal.end(intent, ending == .done ? .done(value) : .reconciled(value))
      }, context)
  }

  /// Below the limit of a journal's entry.
  private static let maximumRecordedAnswer = 512 << 10

  private static func response(from value: JSONValue, to write: GuardedWrite) -> APIResponse {
    let body = value["body"] ?? .null
    return APIResponse(
      status: value["status"]?.intValue ?? 200, headers: [("X-ICS-Journal", "recorded")],
      body: body.serializedBytes(), method: write.method, path: write.path)
  }

  // MARK: Unknown outcomes

  /// Finds out what became of a write. Nil when it did not happen and may be sent.
  private static func settle(
    _ write: GuardedWrite, _ record: StepRecord, _ intent: StepIntent, _ context: RunContext
  ) async throws(APIError) -> APIResponse? {
    FailPoint.lookUpBegin.hit()
    let sentAt = Double(record.startedAt.milliseconds) / 1000
    var finding = try await write.lookUp(sentAt: sentAt)
    // A process that was stopped may send what it had begun to send when it wakes up, right before it notices its lease
    // and takes the run again: so the time counts from this attempt's start.
    let latest = max(record.startedAt, context.journal.run.startedAt ?? record.startedAt)
    let rest = latest + context.settlingTime - .now
    if case .notFound = finding, rest > .zero, rest <= context.settlingTime {
      // The process that sent it is gone, and what it sent may be on its way all the same.
      do { try await Task.sleep(for: rest) } catch { throw suspended(write) }
      finding = try await write.lookUp(sentAt: sentAt)
    }
    switch finding {
    case .found(let body):
      FailPoint.lookUpFound.hit()
      let found = APIResponse(
        status: 200, headers: [("X-ICS-Journal", "reconciled")], body: body.serializedBytes(), method: write.method,
        path: write.path)
      try await self.record(found, .reconciled, intent, context)
      return found
    case .notFound:
      try await journal(
        { () async throws(DurableError) in try await context.journal.end(intent, .notSent) }, context)
      return nil
    case .unknown:
      context.end(
        .parked(
          ParkReason(
            .uncertain,
            """
            nobody knows whether \(write.method) \(write.path) was carried out, and the API offers no way to look it up. \
            Look into the workspace, then: ics runs retry ID --sent, when it was, or ics runs retry ID --not-sent
            """, at: intent.ordinal)))
      throw suspended(write)
    }
  }

  // MARK: Errors

  /// The script ends here, uncaught: the context says how the run goes on.
  private static func suspended(_ write: GuardedWrite) -> APIError {
    var error = APIError(.cancelled, "the run is suspended", method: write.method, path: write.path)
    error.endsScript = true
    return error
  }

  @discardableResult
  private static func journal<R>(
    _ body: () async throws(DurableError) -> R, _ context: RunContext
  ) async throws(APIError) -> R {
    do throws(DurableError) {
      return try await body()
    } catch {
      context.end(.broken(error))
      var failure = APIError(.cancelled, "the journal cannot be written: \(error)")
      failure.endsScript = true
      throw failure
    }
  }
}
