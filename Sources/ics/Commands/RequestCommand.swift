// `ics request METHOD PATH`: one request, without a script.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomAPI

struct RequestCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "request", abstract: "Send one request to the workspace and print the answer.",
    discussion: """
      Examples: ics request GET '/contacts?per_page=5'
                ics request POST /contacts --body '{"role": "lead", "email": "ana@example.com"}'
      """)

  @Argument(help: "GET, POST, PUT, PATCH or DELETE.") var method: String
  @Argument(help: "The path, with its query: /contacts?per_page=5") var path: String
  @Option(help: "The body as JSON; '-' reads it from standard input.") var body: String?
  @Flag(help: "Use the local sandbox, whatever the environment says.") var sandbox = false
  @Flag(help: "Say nothing but errors.") var quiet = false
  @Flag(help: "Say what each request does.") var verbose = false
  @Flag(help: "The answer in one line, errors as JSON.") var json = false

  private static let maximumBodySize = 64 << 20

  func perform(_ stop: Stop) async -> Int32 {
    let reporter = Reporter(isJSON: json)
    let content: JSONValue?
    do throws(UsageError) {
      content = try parsedBody()
    } catch {
      reporter.error(error.message, code: "E_USAGE")
      return ExitStatus.usage
    }
    var options = RunOptions()
    (options.usesSandbox, options.isQuiet, options.isVerbose, options.isJSON) = (sandbox, quiet, verbose, json)
    let workspace = Workspace(options)
    let status = await send(content, workspace, reporter, stop)
    await workspace.close()
    return status
  }

  private func parsedBody() throws(UsageError) -> JSONValue? {
    guard let body else { return nil }
    do {
      return try JSONValue(parsing: body == "-" ? InputFile.read("-", limit: Self.maximumBodySize) : Array(body.utf8))
    } catch let error as InputError {
      throw UsageError(message: error.message)
    } catch {
      throw UsageError(message: "the body is no JSON: \(error)")
    }
  }

  private func send(
    _ body: JSONValue?, _ workspace: Workspace, _ reporter: Reporter, _ stop: Stop
  ) async -> Int32 {
    do throws(APIError) {
      let client = try await workspace.connect()
      let answer: Result<JSONValue, APIError>
      do throws(APIError) {
        answer = .success(try await client.send(APIRequest(method.uppercased(), path, body: body)).json())
      } catch {
        answer = .failure(error)
      }
      await client.shutdown()
      let value = try answer.get()
      if value != .null { StandardOutput.shared.write(value.serialized(indent: json ? nil : 2) + "\n") }
      return ExitStatus.success
    } catch {
      var diagnostic = Diagnostic(code: error.code.rawValue, message: error.message)
      if error.outcomeUnknown { diagnostic.notes = ["nobody knows whether the request was carried out"] }
      // The message names the first finding.
      diagnostic.notes += error.findings.map(\.sentence).filter { !error.message.contains($0) }
      diagnostic.data = error.data.serialized()
      reporter.report([diagnostic])
      return stop.signal.map(ExitStatus.signal) ?? ExitStatus.failure
    }
  }
}
