// The authorisation flow: a page to agree on, a code, a token.

import ICSJSON

enum OAuth {
  static let routes: [Route] = [
    Route("GET", "/oauth", .reads, isOpen: true, page),
    Route("POST", "/oauth", .writes, isOpen: true, agree),
    Route("POST", "/auth/eagle/token", .writes, isOpen: true, token),
    Route("POST", "/auth/uninstall") { _ throws(Failure) in Answer(status: 200) },
  ]

  /// A code is good for so many seconds.
  private static let codeLife = 300

  /// The page on which a person lets the app in.
  private static func page(_ call: Call) throws(Failure) -> Answer {
    let request = try Request(
      client: call.query["client_id"], state: call.query["state"], redirect: call.query["redirect_uri"],
      workspace: call.workspace)
    let fields = [
      ("client_id", request.client), ("state", request.state), ("redirect_uri", request.redirect),
    ].map { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\(escaped($0.1))\">" }.joined()
    return Answer(
      body: .html(
        """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>ICS sandbox</title>
        <body style="font: 16px sans-serif; max-width: 30em; margin: 4em auto">
        <h1>ICS sandbox</h1><p>An app on this machine asks for access to the sandbox's workspace.</p>
        <form method="post" action="/oauth">\(fields)<button>Authorize access</button>
        <button name="deny" value="1">Deny</button></form></body></html>
        """))
  }

  /// A button of the page: back to the app, with a code or with the refusal.
  private static func agree(_ call: Call) throws(Failure) -> Answer {
    let request = try Request(
      client: call.body["client_id"]?.stringValue, state: call.body["state"]?.stringValue,
      redirect: call.body["redirect_uri"]?.stringValue, workspace: call.workspace)
    let separator = request.redirect.contains("?") ? "&" : "?"
    if call.body["deny"]?.stringValue != nil {
      let state = PercentCoding.encode(request.state)
      return Answer(
        status: 302, headers: [("Location", "\(request.redirect)\(separator)error=access_denied&state=\(state)")])
    }
    var random = SystemRandomNumberGenerator()
    let code = Hex.text(random.next(), digits: 16) + Hex.text(random.next(), digits: 16)
    try call.store.insert(.oauthCodes, id: code, ["made_at": .int(call.now)])
    let target =
      "\(request.redirect)\(separator)code=\(PercentCoding.encode(code))&state=\(PercentCoding.encode(request.state))"
    return Answer(status: 302, headers: [("Location", target)])
  }

  /// A code for a token. A code works once.
  private static func token(_ call: Call) throws(Failure) -> Answer {
    let refusal = Failure(401, "unauthorized", "Unauthorized Code")
    guard call.body["client_id"]?.stringValue == call.workspace.clientID,
      call.body["client_secret"]?.stringValue == call.workspace.clientSecret,
      let code = call.body["code"]?.stringValue, let made = try call.store.value(.oauthCodes, code)
    else { throw refusal }
    try call.store.delete(.oauthCodes, id: code)
    guard let madeAt = made["made_at"]?.intValue, call.now - madeAt <= codeLife else { throw refusal }
    let token = JSONValue.string(call.workspace.accessToken)
    return .json(["token_type": "Bearer", "token": token, "access_token": token])
  }

  /// What the app asks for.
  private struct Request {
    let client: String
    let state: String
    let redirect: String

    /// The way back must lead to this machine or be encrypted: the code in it is worth a token.
    init(client: String?, state: String?, redirect: String?, workspace: Workspace) throws(Failure) {
      guard let client, client == workspace.clientID else {
        throw Failure(400, "client_error", "client_id is not this sandbox's")
      }
      let local = ["http://127.0.0.1", "http://localhost", "http://[::1]", "https://"]
      guard let redirect, !redirect.contains(where: { $0.isNewline }),
        let base = local.first(where: { redirect.hasPrefix($0) }),
        base == "https://" || [nil, ":", "/", "?"].contains(redirect.dropFirst(base.count).first)
      else { throw Failure(400, "client_error", "redirect_uri must be a loopback or an https address") }
      self.client = client
      self.state = state ?? ""
      self.redirect = redirect
    }
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.append(character)
      }
    }
    return out
  }
}
