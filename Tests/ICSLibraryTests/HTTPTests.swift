import Testing

@testable import ICSLibrary

/// `http` over a transport that answers what it was sent.
@Suite struct HTTPTests {
  private func run(_ script: String) async -> TestScript {
    await TestScript(script) { host in
      host.allowsHost = { name, port in name == "api.test" && port == 443 }
      host.http = { call in
        if call.url.contains("/down") { return .failure(HTTPFailure(code: "E_NETWORK", message: "no answer")) }
        let headers = call.headers.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
        let text = "\(call.method) \(call.url) \(headers) \(String(decoding: call.body ?? [], as: UTF8.self))"
        let isJSON = call.url.contains("json")
        return .success(
          HTTPAnswer(
            status: call.url.contains("missing") ? 404 : 200,
            headers: [("Content-Type", isJSON ? "application/json" : "text/plain"), ("X-A", "1"), ("x-a", "2")],
            body: Array((isJSON ? #"{"n": 1}"# : text).utf8)))
      }
    }
  }

  @Test("requests and answers")
  func requests() async {
    let script = await run(
      #"""
      print(http.get("https://api.test/a?x=1", query: {y: "b c", z: [1, 2]}).body)
      print(http.post("https://api.test/a", {n: 1}, headers: {Authorization: "Bearer t"}).body)
      print(http.request("https://api.test/a", method: "PUT", body: "text").body)
      let answer = http.get("https://api.test/json")
      print(answer.status, answer.body.n, answer.headers["x-a"])
      print(http.get("https://api.test/missing").status)
      try { http.get("https://api.test/down?key=1") } catch e { print(e.kind, e.data) }
      """#)
    #expect(script.error == nil)
    #expect(
      script.output == [
        "GET https://api.test/a?x=1&y=b%20c&z=1&z=2  ",
        #"POST https://api.test/a Authorization=Bearer t;Content-Type=application/json {"n":1}"#,
        "PUT https://api.test/a Content-Type=text/plain; charset=utf-8 text", "200 1 1, 2", "404",
        #"E_NETWORK {method: "GET", url: "https://api.test/down"}"#,
      ])
  }

  @Test(
    "what must not be sent is refused",
    arguments: [
      (#"http.get("https://evil.test/")"#, "E_PERMISSION"), (#"http.get("http://api.test/")"#, "E_PERMISSION"),
      (#"http.get("https://api.test@evil.test/")"#, "E_VALUE"), (#"http.get("file:///etc/passwd")"#, "E_VALUE"),
      (#"http.get("//api.test/")"#, "E_VALUE"), (#"http.get("https://api.test/a b")"#, "E_VALUE"),
      (#"http.get("https://api.test/a\nb")"#, "E_VALUE"), (#"http.get("https://api.test:8443/")"#, "E_PERMISSION"),
      (#"http.request("https://api.test/", method: "TRACE")"#, "E_VALUE"),
      (#"http.request("https://api.test/", method: "get")"#, "E_VALUE"),
      (#"http.get("https://api.test/", headers: {Host: "evil.test"})"#, "E_PERMISSION"),
      (#"http.get("https://api.test/", headers: {A: "x\r\nB: y"})"#, "E_VALUE"),
      (#"http.get("https://api.test/", headers: {"A B": "x"})"#, "E_VALUE"),
      (#"http.get("https://api.test/", timeout: -1)"#, "E_VALUE"),
      (#"http.get("https://api.test/", tiemout: 1)"#, "E_ARGUMENTS"),
      (#"http.post("https://api.test/", 0.0 / 0)"#, "E_VALUE"),
    ])
  func refused(_ expression: String, _ code: String) async {
    let script = await run(expression)
    #expect(script.error?.hasPrefix(code) == true, "\(script.error ?? "no error")")
  }
}
