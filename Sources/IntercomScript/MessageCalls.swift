// What messages have beside the catalogue's operations.

import ICSJSON
import ICSVM
import IntercomAPI

/// Messages by hand: ids or maps as sender and receiver, both spellings of the type.
enum MessageCalls {
  static let known: Set<String> = ["from", "to", "body", "type", "subject", "template", opens]
  /// The API's own name for a message that shows as a conversation before anybody has replied to it.
  private static let opens = "create_conversation_without_contact_reply"

  static func add(to made: inout [String: () -> NativeFunction], connection: Connection) {
    made["send"] = { send(connection) }
  }

  /// `messages.send(from: admin, to: contact, body: "...", type: "in_app", subject:, template:)`.
  private static func send(_ connection: Connection) -> NativeFunction {
    NativeFunction(
      "messages.send", arity: 1...1,
      suspending: { call throws(Raised) in
        guard case .object(let options) = try call.vm.jsonValue(of: .object(Tag.map, try call.map(0))) else {
          throw call.wrongType(0, "named arguments")
        }
        // The API's own form goes out as it is.
        if options["message_type"] != nil {
          let request = APIRequest("POST", "/messages", body: .object(options))
          try call.machine.countRequest()
          return .operation(ConnectorCall.sending(request, over: connection))
        }
        if let unknown = options.map(\.key).first(where: { !known.contains($0) }) {
          throw call.fail(
            "E_ARGUMENTS", "'messages.send' has no argument '\(unknown)'",
            help: "the arguments are \(known.sorted().joined(separator: ", "))")
        }
        guard let to = options["to"], to != .null else {
          throw call.fail("E_ARGUMENTS", "'messages.send' needs 'to': a contact or its id")
        }
        var draft = Messages.Draft(to: to, body: try text(options, "body", call) ?? "")
        if draft.body.isEmpty { throw call.fail("E_ARGUMENTS", "'messages.send' needs 'body': the text") }
        if let from = options["from"], from != .null { draft.from = from }
        if let type = try text(options, "type", call) { draft.type = type }
        draft.subject = try text(options, "subject", call)
        draft.template = try text(options, "template", call)
        draft.opensConversation = options[opens] == .bool(true)
        let message = draft
        try call.machine.countRequest()
        return .operation(
          ConnectorCall.asking(connection) { client throws(APIError) in try await client.messages.send(message) })
      })
  }

  private static func text(_ options: JSONObject, _ name: String, _ call: Call) throws(Raised) -> String? {
    switch options[name] {
    case nil, .null?: return nil
    case .string(let text)?: return text
    default: throw call.fail("E_TYPE", "'\(name)' of a message is a string")
    }
  }
}
