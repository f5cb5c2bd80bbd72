// What the API answers when it refuses: status, code and message, in Intercom's words.

import ICSJSON

/// A refusal, as a handler throws it and a client sees it.
struct Failure: Error, Sendable {
  let status: Int
  let code: String
  let message: String
  var field: String?
  var headers: [(name: String, value: String)] = []

  init(_ status: Int, _ code: String, _ message: String, field: String? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.field = field
  }

  /// The `error.list` that the client reads.
  func envelope(requestID: String) -> JSONValue {
    var error: JSONObject = ["code": .string(code), "message": .string(message)]
    if let field { error["field"] = .string(field) }
    return ["type": "error.list", "request_id": .string(requestID), "errors": [.object(error)]]
  }
}

// The messages are Intercom's own (`http.md`): programs compare them.
extension Failure {
  static let unauthorized = Failure(401, "unauthorized", "Access Token Invalid")
  static let notFound = Failure(404, "not_found", "Resource Not Found")
  static let contactNotFound = Failure(404, "not_found", "User Not Found")
  static let companyNotFound = Failure(404, "company_not_found", "Company Not Found")
  static let conversationNotFound = Failure(404, "not_found", "Conversation not found")
  static let ticketNotFound = Failure(404, "ticket_not_found", "Ticket not found")
  static let tagNotFound = Failure(404, "tag_not_found", "Tag not found")
  static let adminNotFound = Failure(404, "admin_not_found", "Admin not found")
  static let articleNotFound = Failure(404, "article_not_found", "Article not found")
  static let teamNotFound = Failure(404, "team_not_found", "Team not found")
  static let badCursor = Failure(
    400, "client_error",
    "Invalid starting_after param. Please try again using a starting_after value from a paginated response")

  /// A value that is not allowed.
  static func invalid(_ message: String, field: String? = nil) -> Failure {
    Failure(400, "parameter_invalid", message, field: field)
  }

  /// A value that is missing.
  static func missing(_ message: String, field: String? = nil) -> Failure {
    Failure(400, "parameter_not_found", message, field: field)
  }

  /// A field that does not exist.
  static func unknownField(_ name: String) -> Failure {
    Failure(400, "bad_request", "bad '\(name)' parameter", field: name)
  }

  /// Our own mistake, or a disk that is full: the reason is for whoever reads the sandbox's answer.
  static func server(_ reason: String) -> Failure { Failure(500, "server_error", "The sandbox failed: \(reason)") }
}
