// Codes of requests that failed. Each error's `.data` has the status, the API's own code, the request's id, and the
// method and path.

extension ErrorCode {
  static var requestRows: [Entry] {
    [
      Entry(
        code: .auth, phase: .request, meaning: "the API refused the credentials",
        explanation: """
          The token is missing, wrong or revoked (401), or it lacks a permission for this request (403). Set \
          INTERCOM_ACCESS_TOKEN to a valid token, and look at the app's permissions in Intercom's developer hub. A \
          token never appears in messages.
          """,
        example: """
          // With a token that was revoked.
          print(admins.list().first())
          """),
      Entry(
        code: .rateLimit, phase: .request, meaning: "too many requests, even after waiting",
        explanation: """
          The API answered 429 more often than requests are repeated. Requests are paced and repeated by themselves, \
          so other programs probably use up the same workspace's limit. Try later, lower the limit of parallel, or \
          allow more retries for the request.
          """,
        example: """
          parallel(1..<100000, id => contacts.get(str(id)), limit: 64)
          """),
      Entry(
        code: .notFound, phase: .request, meaning: "the API knows nothing under this id or path",
        explanation: """
          The object does not exist, was deleted, or belongs to another workspace than the token (404). Check the id \
          and the account. When an object may be missing, catch the error and go on.
          """,
        example: """
          print(contacts.get("no-such-id"))
          """),
      Entry(
        code: .conflict, phase: .request, meaning: "the object exists already, or changed in the meantime",
        explanation: """
          The API answered 409: mostly an object with the same email address or external id exists. Search for it and \
          update it; upsert in std/contacts and std/companies does both.
          """,
        example: """
          contacts.create(email: "ada@example.com")
          contacts.create(email: "ada@example.com")
          """),
      Entry(
        code: .invalidRequest, phase: .request, meaning: "the API does not accept what was sent",
        explanation: """
          A field is missing, unknown or of the wrong type (400 or 422). .data.errors has the API's own words for each \
          field. What can be checked without the API is checked before the request is sent, and then nothing was sent.
          """,
        example: """
          contacts.create(email: 42)
          """),
      Entry(
        code: .timeout, phase: .request, meaning: "no answer in time",
        explanation: """
          The API did not answer within the request's timeout. A request that reads was repeated before this error; \
          one that writes may have been carried out all the same, so look before sending it again.
          """,
        example: """
          intercom.request("/contacts", timeout: 1ms)
          """),
      Entry(
        code: .network, phase: .request, meaning: "the connection failed",
        explanation: """
          The host has no address, refused the connection, broke it off, or its certificate is not valid. Check the \
          network, the proxy and the base URL. A request that writes may have been carried out \
          when the connection broke after it was sent.
          """,
        example: """
          // ics run --allow-net no-such-host.example
          http.get("https://no-such-host.example/")
          """),
      Entry(
        code: .http, phase: .request, meaning: "an answer with any other status",
        explanation: """
          The status is none of those with a code of their own: mostly 5xx, when the API itself fails. Requests that \
          can be repeated were repeated before this error. .data has the status and the request's id, which Intercom's \
          support asks for.
          """,
        example: """
          intercom.request("/contacts", method: "PATCH")
          """),
    ]
  }
}
