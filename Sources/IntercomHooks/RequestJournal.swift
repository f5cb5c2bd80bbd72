// Requests of `http` that have an effect, inside steps: announced before they are sent, recorded after, as writes to
// Intercom are. Of other services nothing is known, so there is no look-up.

import ICSDurable
import ICSJSON
import ICSLibrary
import ICSVM
import IntercomScript

/// Keeps a run's requests to other services from being sent twice. For `SessionConfiguration.guardHTTP`.
enum RequestJournal {
  /// What stands around `http` in the sessions of runs.
  static let guardian: HTTPGuard = { call, send in await perform(call, send) }

  private typealias Answer = Result<HTTPAnswer, HTTPFailure>

  private static func perform(
    _ call: HTTPCall, _ send: @Sendable () async -> Result<HTTPAnswer, HTTPFailure>
  ) async -> Result<HTTPAnswer, HTTPFailure> {
    guard let context = RunContext.current, !isReading(call) else { return await send() }
    do throws(Stopped) {
      let scope = OperationTag.current
      guard !isRepeatable(call), context.step(of: scope) != nil else {
        try await journal(context) { () async throws(DurableError) in try await context.journal.assure() }
        return await send()
      }
      return try await announced(call, intent(of: call, in: scope, context), context, send)
    } catch {
      return .failure(HTTPFailure(code: "E_CANCELLED", message: error.message, endsScript: true))
    }
  }

  private static func isReading(_ call: HTTPCall) -> Bool { ["GET", "HEAD", "OPTIONS"].contains(call.method) }

  /// Whether a second time has no second effect: by the method's definition (RFC 9110, 9.2.2), or because the other side
  /// gets a key that tells it.
  private static func isRepeatable(_ call: HTTPCall) -> Bool {
    ["PUT", "DELETE"].contains(call.method) || call.headers.contains { $0.name.lowercased() == "idempotency-key" }
  }

  /// The run ends here, and the script does not hear of it.
  private struct Stopped: Error {
    let message: String
  }

  /// Without query, headers and body: they may hold keys, and nothing looks them up.
  private static func intent(of call: HTTPCall, in scope: Int, _ context: RunContext) -> StepIntent {
    let address = String(call.url.prefix { $0 != "?" && $0 != "#" })
    let name = "\(call.method) \(address)"
    return StepIntent(
      ordinal: context.ordinal(in: scope, key: name), kind: .write, name: String(name.prefix(StoreLimits.name)),
      input: ["method": .string(call.method), "url": .string(address)])
  }

  private static func announced(
    _ call: HTTPCall, _ intent: StepIntent, _ context: RunContext, _ send: @Sendable () async -> Answer
  ) async throws(Stopped) -> Answer {
    let state = try await journal(context) { () async throws(DurableError) in try await context.journal.begin(intent) }
    switch state {
    case .run, .sleep: break
    case .done(let value): return answer(from: value)
    case .raised(let failure): return .failure(HTTPFailure(code: failure.code, message: failure.message))
    case .mismatch(let mismatch):
      context.end(.parked(mismatch.reason))
      throw Stopped(message: "the run is suspended")
    case .uncertain:
      context.end(
        .parked(
          ParkReason(
            .uncertain,
            """
            nobody knows whether \(intent.name) was carried out, and no look-up tells. Look there, then: ics runs retry \
            ID --sent, when it was, or ics runs retry ID --not-sent
            """, at: intent.ordinal)))
      throw Stopped(message: "the run is suspended")
    }
    FailPoint.writeBeforeSend.hit()
    let answer = await send()
    FailPoint.writeAfterAnswer.hit()
    switch answer {
    case .success(let answer):
      try await end(intent, .done(record(of: answer)), context)
    case .failure(let failure):
      // Without an answer nobody knows: the intent stays.
      guard !failure.mayHaveBeenSent else { break }
      try await end(intent, .failed(Failure(code: failure.code, message: failure.message)), context)
    }
    FailPoint.writeAfterRecord.hit()
    return answer
  }

  private static func end(
    _ intent: StepIntent, _ result: StepResult, _ context: RunContext
  ) async throws(Stopped) {
    try await journal(context) { () async throws(DurableError) in try await context.journal.end(intent, result) }
  }

  @discardableResult
  private static func journal<R>(
    _ context: RunContext, _ body: () async throws(DurableError) -> R
  ) async throws(Stopped) -> R {
    do throws(DurableError) {
      return try await body()
    } catch {
      context.end(.broken(error))
      throw Stopped(message: "the journal cannot be written: \(error)")
    }
  }

  // MARK: Records

  /// Below the limit of a journal's entry.
  private static let maximumRecordedBody = 512 << 10

  private static func record(of answer: HTTPAnswer) -> JSONValue {
    let headers = answer.headers.map { JSONValue.array([.string($0.name), .string($0.value)]) }
    var value: JSONObject = ["status": .int(answer.status), "headers": .array(headers)]
    // Scripts see a body as text: what is no text is repaired here as it is there.
    if answer.body.count <= maximumRecordedBody {
      value["body"] = .string(String(decoding: answer.body, as: UTF8.self))
    }
    return .object(value)
  }

  private static func answer(from value: JSONValue) -> Answer {
    // A person who says that it was sent does not say what came back.
    let body = value["body"] ?? .string("")
    guard value["headers"] == nil || value["body"] != nil else {
      return .failure(
        HTTPFailure(
          code: "E_LIMIT",
          message:
            "the request was sent before, and its answer of more than \(maximumRecordedBody >> 10) kB not recorded"))
    }
    let headers = (value["headers"]?.arrayValue ?? []).compactMap { pair -> (name: String, value: String)? in
      guard let name = pair[0]?.stringValue, let text = pair[1]?.stringValue else { return nil }
      return (name, text)
    }
    let bytes = body.stringValue.map { Array($0.utf8) } ?? body.serializedBytes()
    return .success(HTTPAnswer(status: value["status"]?.intValue ?? 200, headers: headers, body: bytes))
  }
}
