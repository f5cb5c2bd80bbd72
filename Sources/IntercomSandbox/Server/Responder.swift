// From an HTTP request to an answer: token, rate limit, faults, route, transaction.

import Hummingbird
import ICSJSON
import Synchronization

/// What the server asks for every request.
struct Responder: HTTPResponder {
  private let workspace: Workspace
  private let database: SandboxDatabase
  private let announcer: Announcer?
  private let routes = RouteTable(Routes.all)
  private let shared: Shared

  /// What one request leaves for the next.
  private final class Shared: Sendable {
    let limiter: Mutex<RateLimiter>
    let faults: Mutex<FaultPlan>
    let requests = Atomic<UInt64>(0)

    init(limiter: RateLimiter, faults: FaultPlan) {
      self.limiter = Mutex(limiter)
      self.faults = Mutex(faults)
    }
  }

  /// A body larger than this is refused with 413; Intercom states no limit.
  private static let maximumBodySize = 10 << 20

  init(_ workspace: Workspace, database: SandboxDatabase, faults: Faults, announcer: Announcer?) {
    self.workspace = workspace
    self.database = database
    self.announcer = announcer
    shared = Shared(limiter: RateLimiter(perMinute: workspace.requestsPerMinute), faults: FaultPlan(faults))
  }

  func respond(to request: Request, context: SandboxContext) async throws -> Response {
    let requestID = nextRequestID()
    var headers: [(name: String, value: String)] = [("X-Request-Id", requestID)]
    var fault = FaultPlan.Outcome()
    var answer: Answer
    do {
      let bytes = try await body(of: request)
      let (route, parameters) = try find(request)
      if !(route?.isOpen ?? false) {
        try authorize(request)
        headers += try admit()
        fault = shared.faults.withLock { $0.next() }
      }
      // A wait that the server's end cuts short is followed by an answer that nobody reads.
      if let delay = fault.delay { try? await Task.sleep(for: delay) }
      if let failure = fault.failure { throw refused(failure) }
      if fault.dropsBefore { return dropped(context) }
      answer = try await carryOut(request, route: route, parameters: parameters, bytes: bytes)
    } catch let failure as Failure {
      headers += failure.headers
      answer = .json(failure.envelope(requestID: requestID), status: failure.status)
    }
    if fault.dropsAfter { return dropped(context) }
    answer.headers += headers
    return response(answer, isHead: request.method == .head)
  }

  // MARK: Steps

  /// Ids differ between requests and between sandboxes, and say nothing else.
  private func nextRequestID() -> String {
    let number = shared.requests.wrappingAdd(1, ordering: .relaxed).newValue
    return Hex.text(UInt64.random(in: 0...UInt64.max), digits: 16) + Hex.text(number, digits: 8)
  }

  private func body(of request: Request) async throws -> [UInt8] {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.maximumBodySize {
      throw Failure(413, "client_error", "The request body is too large")
    }
    do {
      let buffer = try await request.body.collect(upTo: Self.maximumBodySize)
      return Array(buffer.readableBytesView)
    } catch {
      throw Failure(413, "client_error", "The request body is too large or was cut off")
    }
  }

  private func find(_ request: Request) throws(Failure) -> (Route?, [String: String]) {
    var path: [String] = []
    for segment in request.uri.path.split(separator: "/") {
      guard let decoded = PercentCoding.decode(segment) else { throw .notFound }
      path.append(decoded)
    }
    // HEAD is GET without the body.
    let method = request.method == .head ? "GET" : request.method.rawValue
    guard let (route, parameters) = routes.find(method, path) else { return (nil, [:]) }
    return (route, parameters)
  }

  private func authorize(_ request: Request) throws(Failure) {
    guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") else {
      throw .unauthorized
    }
    let token = header.dropFirst("bearer ".count).drop { $0 == " " }
    guard token == workspace.accessToken else { throw .unauthorized }
    try IntercomVersion.check(request.headers["Intercom-Version"])
  }

  /// The rate-limit headers, or a 429 with them.
  private func admit() throws(Failure) -> [(name: String, value: String)] {
    let now = workspace.clock()
    switch shared.limiter.withLock({ $0.admit(at: now) }) {
    case .unlimited: return []
    case .admitted(let state): return state.headers
    case .refused(let state):
      var failure = Failure(429, "rate_limit_exceeded", "Exceeded rate limit of \(state.limit) in 10_seconds")
      failure.headers = state.headers
      throw failure
    }
  }

  /// A 429 that was asked for ends sooner than a real one: tests wait for it.
  private func refused(_ failure: Failure) -> Failure {
    guard failure.status == 429 else { return failure }
    var failure = failure
    failure.headers = [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", String(workspace.clock() + 1))]
    return failure
  }

  private func carryOut(
    _ request: Request, route: Route?, parameters: [String: String], bytes: [UInt8]
  ) async throws -> Answer {
    let value = try BodyReader.read(bytes, contentType: request.headers[.contentType])
    let query = Query(request.uri.query ?? "")
    guard let route else {
      let method = request.method == .head ? "GET" : request.method.rawValue
      return try Examples.answer(method: method, path: request.uri.path, body: value)
    }
    let baseURL = "http://" + (request.head.authority ?? "127.0.0.1")
    let path = request.uri.path
    let workspace = workspace
    let (answer, notifications) = try await database.run(route.access) { store throws(Failure) in
      let call = Call(
        path: path, parameters: parameters, query: query, body: value, store: store, workspace: workspace,
        baseURL: baseURL)
      let answer = try route.handler(call)
      return (answer, call.notifications)
    }
    if !notifications.isEmpty { announcer?.send(notifications) }
    return answer
  }

  private func dropped(_ context: SandboxContext) -> Response {
    context.drop()
    return Response(status: .serviceUnavailable)
  }

  private func response(_ answer: Answer, isHead: Bool) -> Response {
    var fields = HTTPFields()
    for (name, value) in answer.headers { fields[name] = value }
    let text: String
    switch answer.body {
    case .empty: text = ""
    case .json(let json):
      text = json
      fields[.contentType] = "application/json; charset=utf-8"
    case .html(let html):
      text = html
      fields[.contentType] = "text/html; charset=utf-8"
    }
    let buffer = ByteBuffer(string: text)
    fields[.contentLength] = String(buffer.readableBytes)
    let status = HTTPResponse.Status(code: answer.status)
    return Response(status: status, headers: fields, body: isHead ? ResponseBody() : ResponseBody(byteBuffer: buffer))
  }
}

/// Hummingbird's view of a request; the sandbox needs the connection, to drop it on purpose.
struct SandboxContext: InitializableFromSource {
  /// Closes the connection without an answer.
  let drop: @Sendable () -> Void

  init(source: ApplicationRequestContextSource) {
    let channel = source.channel
    drop = { channel.close(promise: nil) }
  }
}

extension HTTPFields {
  /// A header by its text; names that no header can have are ignored.
  subscript(name: String) -> String? {
    get { HTTPFields.Element.Name(name).flatMap { self[$0] } }
    set {
      if let name = HTTPFields.Element.Name(name) { self[name] = newValue }
    }
  }
}
