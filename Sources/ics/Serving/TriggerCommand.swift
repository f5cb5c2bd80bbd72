// `ics trigger TOPIC`: a signed notification, as Intercom would send it.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomAPI
import IntercomHooks
import IntercomSandbox

struct TriggerCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "trigger", abstract: "Send a signed notification to a receiver of webhooks.",
    discussion: """
      The notification is about the sandbox's newest object of the topic's kind, or about one made for it. It goes \
      to the local 'ics serve', signed with its secret; to another receiver it is signed with \
      INTERCOM_CLIENT_SECRET.

      Examples: ics trigger contact.created
                ics trigger contact.user.updated --set role=lead --set custom_attributes.plan=pro
                ics trigger acme.order.paid --data order.json --to http://127.0.0.1:8080/webhooks/intercom
      """)

  @Argument(
    help: "The topic: contact.created, conversation.user.replied, or one of your own.",
    completion: ShellCandidates.topics)
  var topic: String
  @Option(
    help: ArgumentHelp("Change a field of the object; a value that is JSON is taken as such.", valueName: "path=value"))
  var set: [String] = []
  @Option(help: "A file of JSON: the object, or a whole notification. '-' reads standard input.") var data: String?
  @Option(help: ArgumentHelp("The receiver. (default: the local 'ics serve')", valueName: "url")) var to: String?
  @Flag(help: "Say nothing but errors.") var quiet = false
  @Flag(help: "The receiver's answer as one line of JSON.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    let reporter = Reporter(isJSON: json)
    do {
      try checkTopic()
      let changes = try set.map(FieldChange.init)
      let receiver = try Receiver(to)
      let notification = try await NotificationMaker(topic: topic, file: data).make(changes)
      return try await send(notification, to: receiver)
    } catch let error as UsageError {
      reporter.error(error.message, code: "E_USAGE", help: error.help)
      return ExitStatus.usage
    } catch let error as InputError {
      reporter.error(error.message)
      return ExitStatus.noInput
    } catch let error as APIError {
      reporter.error(error.message, code: error.code.rawValue)
      return ExitStatus.failure
    } catch {
      reporter.error("\(error)")
      return ExitStatus.failure
    }
  }

  /// A topic that is near to one of Intercom's is a misspelling; any other is one of the user's own.
  private func checkTopic() throws(UsageError) {
    guard !topic.isEmpty, topic.utf8.count <= 200, !topic.contains("*"), !topic.contains(" ") else {
      throw UsageError(message: "'\(topic)' is no topic")
    }
    guard data == nil, !TopicPattern.isKnown(topic), let near = TopicPattern.suggestion(for: topic) else { return }
    throw UsageError(message: "Intercom has no topic '\(topic)'", help: near)
  }

  /// Who gets the notification, and with which secret it is signed.
  private struct Receiver {
    let url: String
    let secret: Secret

    init(_ address: String?) throws {
      let local = ServeState.current()
      if let address {
        guard address.hasPrefix("http://") || address.hasPrefix("https://") else {
          throw UsageError(message: "'\(address)' is no address", help: "--to http://127.0.0.1:8080/webhooks/intercom")
        }
        url = address
      } else if let local {
        url = local.webhookURL
      } else {
        throw APIError(
          .network, "no 'ics serve' runs here: start one with 'ics serve FILE', or name a receiver with --to URL")
      }
      if let local, local.webhookURL == url {
        secret = local.secret
      } else if let own = Environment["INTERCOM_CLIENT_SECRET"] {
        secret = Secret(own)
      } else {
        secret = Secret(Sandbox.Configuration().clientSecret)
      }
    }
  }

  private func send(_ notification: JSONValue, to receiver: Receiver) async throws -> Int32 {
    let body = notification.serializedBytes()
    let transport = NetworkTransport()
    let answer: TransportResponse
    do throws(TransportError) {
      answer = try await transport.send(
        TransportRequest(
          method: "POST", url: receiver.url,
          headers: [
            ("Content-Type", "application/json"), ("Accept", "application/json"),
            ("User-Agent", "ics/\(Version.number)"),
            (WebhookSignature.header, WebhookSignature.sign(body, secret: receiver.secret)),
          ], body: body, timeout: .seconds(10), maximumBodySize: 1 << 20))
    } catch {
      await transport.shutdown()
      throw APIError(.network, "\(receiver.url) gave no answer: \(error.kind.rawValue)")
    }
    await transport.shutdown()
    show(answer, to: notification, from: receiver.url)
    return (200..<300).contains(answer.status) ? ExitStatus.success : ExitStatus.failure
  }

  private func show(_ answer: TransportResponse, to notification: JSONValue, from url: String) {
    let topic = notification["topic"]?.stringValue ?? self.topic
    // An answer that is no JSON is shown as the text that it is.
    let value = (try? JSONValue(parsing: answer.body)) ?? .string(String(decoding: answer.body, as: UTF8.self))
    guard !json else {
      StandardOutput.shared.write(
        Reporter.line([
          "topic": .string(topic), "id": notification["id"] ?? .null, "url": .string(url),
          "status": .int(answer.status), "answer": value,
        ]))
      return
    }
    let isFine = (200..<300).contains(answer.status)
    guard isFine else {
      let reason = value["error"]?["message"]?.stringValue ?? ""
      return Reporter().error(
        "\(url) answered \(answer.status)" + (reason.isEmpty ? "" : ": \(reason)"), code: "E_HTTP")
    }
    guard !quiet else { return }
    let item = notification["data"]?["item"]
    let about = item?["email"]?.stringValue ?? item?["name"]?.stringValue ?? item?["id"]?.stringValue
    var text = "sent \(topic)" + (about.map { " about \($0)" } ?? "") + " to \(url): \(answer.status)"
    if let status = value["status"]?.stringValue { text += " \(status)" }
    if let event = value["event"]?.intValue { text += ", event \(event)" }
    if let runs = value["runs"]?.arrayValue?.compactMap(\.intValue) {
      text += runs.isEmpty ? ", no hook is for it" : ", run " + runs.map(String.init).joined(separator: ", ")
    }
    StandardOutput.shared.write(terminalSafe(text) + "\n")
  }
}

/// `path=value` of `--set`.
struct FieldChange: Sendable {
  private let path: [String]
  private let value: JSONValue

  init(_ text: String) throws(UsageError) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError(message: "'--set' takes path=value, and was given '\(text)'", help: "--set role=lead")
    }
    var path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    // The whole way to the object may be written as well.
    if path.starts(with: ["data", "item"]) { path.removeFirst(2) }
    guard !path.isEmpty, !path.contains("") else { throw UsageError(message: "'\(text)' names no field") }
    self.path = path
    let given = String(text[text.index(after: equals)...])
    // What is no JSON is the text itself.
    value = (try? JSONValue(parsing: given)) ?? .string(given)
  }

  /// The object with the field changed; what lies on the way is made.
  func applied(to object: JSONValue) -> JSONValue { Self.set(object, path[...], value) }

  private static func set(_ object: JSONValue, _ path: ArraySlice<String>, _ value: JSONValue) -> JSONValue {
    guard let name = path.first else { return value }
    let rest = path.dropFirst()
    if case .array(var items) = object, let index = Int(name), items.indices.contains(index) {
      items[index] = set(items[index], rest, value)
      return .array(items)
    }
    var fields = object.objectValue ?? JSONObject()
    fields[name] = set(fields[name] ?? .null, rest, value)
    return .object(fields)
  }
}
