// `ics request METHOD PATH`: one request, without a script.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomAPI

struct RequestCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "request", abstract: "Send one request to the workspace and print the answer.",
    discussion: """
      Ends with 0 when the API has answered with success, else with 1 and the API's error.

      Examples: ics request GET /contacts --query per_page=5
                ics request GET /contacts --paginate --select email
                ics request POST /contacts --body '{"role": "lead", "email": "ana@example.com"}'
      """)

  @Argument(
    help: "GET, HEAD, POST, PUT, PATCH or DELETE.",
    completion: .list(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]))
  var method: String
  @Argument(help: "The path; it may have a query: /contacts?per_page=5", completion: ShellCandidates.paths) var path:
    String
  @Option(
    help: ArgumentHelp("The body as JSON; '@file' reads it from a file, '-' from standard input.", valueName: "json"))
  var body: String?
  @Option(help: ArgumentHelp("A parameter of the query; may be repeated.", valueName: "name=value")) var query:
    [String] = []
  @Option(help: ArgumentHelp("A header; may be repeated.", valueName: "name: value")) var header: [String] = []
  @Flag(help: "Read all pages of a listing, and print one object per line.") var paginate = false
  @Option(help: ArgumentHelp("Print this part of the answer: data.0.id", valueName: "path")) var select: String?
  @Flag(help: "Send the body as it is, without checking it first.") var noCheck = false
  @Option(help: "Use an account of 'ics connect'.") var account: String?
  @Flag(help: "Use the local sandbox, whatever the environment says.") var sandbox = false
  @Flag(help: "Send what reads; show what the rest would change.") var dryRun = false
  @Flag(help: "Say nothing but errors.") var quiet = false
  @Flag(help: "Say what each request does.") var verbose = false
  @Flag(help: "The answer in one line, errors as JSON.") var json = false

  private static let maximumBodySize = 64 << 20

  func perform(_ stop: Stop) async -> Int32 {
    let reporter = Reporter(isJSON: json)
    let request: APIRequest
    let selection: JSONSelection?
    do throws(UsageError) {
      if account != nil, sandbox { throw UsageError(message: "'--account' and '--sandbox' exclude each other") }
      request = try makeRequest()
      selection = try select.map { text throws(UsageError) in try JSONSelection(text) }
    } catch {
      reporter.error(error.message, code: "E_USAGE")
      return ExitStatus.usage
    }
    var options = RunOptions()
    (options.usesSandbox, options.isQuiet, options.isVerbose, options.isJSON) = (sandbox, quiet, verbose, json)
    (options.account, options.isDryRun) = (account, dryRun)
    let workspace = Workspace(options)
    let status: Int32
    do {
      let client = try await workspace.connect()
      let outcome: Result<Void, any Error>
      do { outcome = .success(try await send(request, client, selection)) } catch { outcome = .failure(error) }
      await client.shutdown()
      try outcome.get()
      status = ExitStatus.success
    } catch let error as APIError {
      reporter.report(error)
      // What is refused before anything is sent was typed wrong: a path without a slash, a header that may not be set.
      let isUsage = error.code == .value && error.status == nil
      status = stop.signal.map(ExitStatus.signal) ?? (isUsage ? ExitStatus.usage : ExitStatus.failure)
    } catch let error as UsageError {
      reporter.error(error.message, code: "E_NOT_FOUND")
      status = ExitStatus.failure
    } catch {
      status = stop.signal.map(ExitStatus.signal) ?? ExitStatus.failure
    }
    await workspace.close()
    return status
  }

  // MARK: The request

  private func makeRequest() throws(UsageError) -> APIRequest {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    let method = method.uppercased()
    guard known.contains(method) else {
      let near = nearestNames(to: method, among: known, limit: 1).first
      let help = near.map { "; did you mean \($0)?" } ?? "; a method is one of \(known.joined(separator: ", "))"
      throw UsageError(message: "there is no method '\(self.method)'\(help)")
    }
    var request = APIRequest(method, path, checksBody: !noCheck)
    for text in query {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw UsageError(message: "'--query' takes name=value, not '\(text)'")
      }
      request.query.append((String(text[..<equals]), .string(String(text[text.index(after: equals)...]))))
    }
    for text in header {
      guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
        // What stands there may be a secret.
        throw UsageError(message: "'--header' takes 'name: value'")
      }
      let value = text[text.index(after: colon)...].drop { $0 == " " }
      request.headers.append((String(text[..<colon]), String(value)))
    }
    request.body = try parsedBody()
    return request
  }

  private func parsedBody() throws(UsageError) -> JSONValue? {
    guard let body else { return nil }
    do {
      let bytes: [UInt8]
      if body == "-" {
        bytes = try InputFile.read("-", limit: Self.maximumBodySize)
      } else if body.hasPrefix("@") {
        bytes = try InputFile.read(String(body.dropFirst()), limit: Self.maximumBodySize)
      } else {
        bytes = Array(body.utf8)
      }
      return try JSONValue(parsing: bytes)
    } catch let error as InputError {
      throw UsageError(message: error.message)
    } catch {
      throw UsageError(message: "the body is no JSON: \(error)")
    }
  }

  // MARK: The answer

  private func send(_ request: APIRequest, _ client: IntercomClient, _ selection: JSONSelection?) async throws {
    guard paginate else {
      let response = try await client.send(request)
      let value = try response.json()
      guard value != .null || selection != nil else { return }
      show(try selection?.value(in: value) ?? value, isLine: json, isSelected: selection != nil)
      return
    }
    try await client.pages(of: request).read { page in
      for item in try page.items() {
        show(try selection?.value(in: item) ?? item, isLine: true, isSelected: selection != nil)
      }
      // Nobody reads any more: there is no use in another page.
      return StandardOutput.shared.failure == nil
    }
  }

  /// A selected text is printed without its quotes, so that a shell can use it.
  private func show(_ value: JSONValue, isLine: Bool, isSelected: Bool) {
    if isSelected, !json, let text = value.stringValue {
      StandardOutput.shared.write(
        (StandardOutput.shared.isTerminal ? terminalSafe(text, keepingLineBreaks: true) : text) + "\n")
    } else {
      StandardOutput.shared.write(value.serialized(indent: isLine ? nil : 2) + "\n")
    }
  }
}
