// Accounts, recordings and dry runs as scripts meet them; and that no token comes out anywhere.

import ICSJSON
import IntercomAPI
import IntercomSandbox
import Testing

@testable import IntercomScript

@Suite struct AccountScriptTests {
  @Test("intercom.as takes another account, and one connector serves it")
  func asAccount() async throws {
    let bench = try await Workbench()
    let second = try await Sandbox.start(Sandbox.Configuration(accessToken: "sec0nd-t0ken", seed: 3))
    let asked = Recorder<String>()
    let other = Account(accessToken: Secret(second.accessToken), baseURL: try BaseURL(second.url), name: "second")
    let lines = await bench.run(
      """
      contacts.create({role: "user", external_id: "1"})
      let there = intercom.as("second")
      print(there.contacts.list().to_list().length, contacts.list().to_list().length)
      print(intercom.as("second").request("/me").type, type(there))
      try { intercom.as("third") } catch e { print(e.kind, e.message) }
      try { intercom.authenticate("p", "t") } catch e { print(e.kind) }
      print(intercom.authenticate("good", "token").contacts.list().to_list().length)
      """
    ) { configuration in
      configuration.connectNamed = { name async throws(APIError) in
        asked.add(name)
        guard name == "second" else { throw APIError(.auth, "there is no account '\(name)'") }
        return bench.client(other)
      }
      configuration.connectUser = { project, token async throws(APIError) in
        guard project == "good" else { throw APIError(.auth, "there is no project '\(project)'") }
        return bench.client(other)
      }
    }
    #expect(
      lines == ["3 1", "admin intercom", "E_AUTH there is no account 'third'", "E_AUTH", "3"])
    #expect(asked.all == ["second", "third"])
    await second.stop()
    await bench.sandbox.stop()
  }

  @Test("without other accounts the script may not choose one")
  func noAccounts() async throws {
    let bench = try await Workbench()
    #expect(await bench.failure("intercom.as(\"x\")").code == "E_PERMISSION")
    #expect(await bench.failure("intercom.authenticate(\"x\", \"y\")").code == "E_PERMISSION")
    await bench.sandbox.stop()
  }

  @Test("a recorded script replays byte for byte without the network")
  func replay() async throws {
    let bench = try await Workbench(Sandbox.Configuration(seed: 30, requestsPerMinute: nil))
    let script = """
      let c = contacts.create({role: "user", external_id: "r", email: "r@x.io"})
      print(c)
      for x in contacts.list(per_page: 10) { print(x.id, x.name) }
      print(parallel([1, 2, 3], i => contacts.update(c, name: "n{{i}}").name))
      try { contacts.get("5f0000000000000000000000") } catch e { print(e.kind, e.message, e.data) }
      print((contacts where email == "r@x.io").map(x => x.name).to_list().length)
      print(intercom.request("/me", raw: true))
      """
    let tape = Recorder<[UInt8]>()
    let account = bench.account
    let recorder = IntercomAPI.Recorder { tape.add($0) }
    let recorded = await bench.run(script) { configuration in
      let transport = recorder.transport(NetworkTransport(), account: account)
      configuration.connect = { IntercomClient(account: account, transport: transport) }
    }
    await bench.sandbox.stop()
    let recording = Array(tape.all.joined())
    #expect(!String(decoding: recording, as: UTF8.self).contains(bench.sandbox.accessToken))
    let replay = try Recording(recording)
    let replayed = try replay.account(for: .own)
    let result = await ScriptResult(script) { configuration in
      let transport = replay.transport(for: replayed)
      configuration.connect = { IntercomClient(account: replayed, transport: transport, clock: .unhurried) }
    }
    #expect(result.diagnostics.isEmpty, "\(result.rendered)")
    #expect(result.lines == recorded)
    #expect(replay.remaining == 0)
    let other = try Recording(recording)
    let missing = await ScriptResult("contacts.create({role: \"lead\"})") { configuration in
      let transport = other.transport(for: replayed)
      configuration.connect = { IntercomClient(account: replayed, transport: transport, clock: .unhurried) }
    }
    #expect(missing.diagnostics.first?.code == "E_NETWORK")
    #expect(missing.rendered.contains("nearest"), "\(missing.rendered)")
  }

  @Test("a dry run reads and changes nothing")
  func dryRun() async throws {
    let bench = try await Workbench(Sandbox.Configuration(seed: 5, requestsPerMinute: nil))
    let before = await bench.run("for c in contacts.list() { print(c) }")
    let changes = Recorder<DryRunChange>()
    let account = bench.account
    let lines = await bench.run(
      """
      for c in contacts.list() { contacts.update(c, name: "New") }
      let made = contacts.create({role: "user", external_id: "dry"})
      print(made.id.length, contacts.get(made).external_id, made.type)
      contacts.archive(made)
      contacts.delete(contacts.list().take(1).to_list()[0])
      tags.create(name: "t")
      """
    ) { configuration in
      let transport = DryRunTransport(NetworkTransport(), account: account) { changes.add($0) }
      configuration.connect = { IntercomClient(account: account, transport: transport) }
    }
    #expect(lines == ["24 dry contact"])
    #expect(changes.all.count == 9)
    #expect(changes.all.prefix(5).allSatisfy { $0.wasRead && $0.description.contains("-> \"New\"") })
    #expect(await bench.run("for c in contacts.list() { print(c) }") == before)
    await bench.sandbox.stop()
  }

  @Test("a token is found in no output, log, error or recording, wherever it can be")
  func canary() async throws {
    let canary = "cAnary-t0ken+/x_98765"
    let bench = try await Workbench(Sandbox.Configuration(accessToken: canary, seed: 2, requestsPerMinute: nil))
    let seen = Recorder<String>()
    let account = bench.account
    let redactor = Redactor(secrets: [Secret(canary)])
    for isWrong in [false, true] {
      let result = await ScriptResult(
        """
        print(intercom, contacts, intercom.request("/me", raw: true))
        log.info("connected", {as: intercom.request("/me")})
        contacts.create({role: "user", external_id: "\(canary)", name: "\(canary)"})
        try { contacts.get("\(canary)") } catch e { print(e, e.data, e.message) }
        try { intercom.request("/contacts?q=\(canary)") } catch e { print(e, e.data) }
        try { intercom.request("/me", headers: {Authorization: "Bearer \(canary)"}) } catch e { print(e) }
        try { intercom.request("//\(canary)") } catch e { print(e) }
        throw error("\(canary)", data: intercom)
        """
      ) { configuration in
        var account = account
        if isWrong { account.accessToken = Secret(canary + "X") }
        let mine = account
        configuration.redact = { redactor.redact($0) }
        configuration.log = { seen.add("\($0)") }
        configuration.connect = {
          var options = IntercomClient.Configuration()
          options.observer = { seen.add("\($0)") }
          let recorder = IntercomAPI.Recorder(secrets: [Secret(canary)]) {
            seen.add(String(decoding: $0, as: UTF8.self))
          }
          let transport = recorder.transport(NetworkTransport(), account: mine)
          return IntercomClient(account: mine, configuration: options, transport: transport)
        }
      }
      // What the script itself holds in clear is its author's; what the connector and the host make of it is not.
      for line in result.lines { seen.add(line) }
      seen.add(redactor.redact(result.rendered))
    }
    for text in seen.all { #expect(!text.contains(canary), "\(text.prefix(600))") }
    await bench.sandbox.stop()
  }
}
