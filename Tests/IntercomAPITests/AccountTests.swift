// Accounts at rest.

import ICSJSON
import IntercomAPI
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite final class AccountTests {
  private let folder: String

  init() {
    folder = "/tmp/ics-account-tests-\(getpid())-\(UInt32.random(in: .min ... .max))/home"
  }

  deinit {
    for name in ["accounts.json", "accounts.lock", "key"] { unlink("\(folder)/\(name)") }
    rmdir(folder)
    rmdir(String(folder.dropLast("/home".count)))
  }

  private func store(_ key: AccountKey? = nil) -> AccountStore {
    AccountStore(folder: folder, key: key ?? .file(folder + "/key"))
  }

  private func mode(_ name: String) -> Int {
    var status = stat()
    return stat("\(folder)/\(name)", &status) == 0 ? Int(status.st_mode & 0o777) : -1
  }

  private func content(_ name: String) -> [UInt8] {
    guard let file = fopen("\(folder)/\(name)", "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
  }

  private func replace(_ name: String, _ text: String) {
    guard let file = fopen("\(folder)/\(name)", "w") else { return }
    defer { fclose(file) }
    fputs(text, file)
  }

  private func message(_ body: () throws(APIError) -> some Any) -> String {
    do throws(APIError) {
      _ = try body()
      return ""
    } catch { return error.message }
  }

  @Test("a token comes back as it was, and is nowhere in clear")
  func roundTrip() throws {
    let store = store()
    #expect(try store.records().isEmpty)
    var record = AccountRecord(name: "acme", baseURL: .intercom(.eu), workspaceID: "w1", adminName: "Ada")
    record.owner = AccountRecord.Owner(project: "p", user: "u-1")
    try store.save(record, token: Secret(canaryToken))
    try store.save(AccountRecord(name: "other", baseURL: .intercom(.us)), token: Secret("other-token-1"))
    let account = try store.account("acme")
    #expect(account.accessToken?.reveal() == canaryToken && account.baseURL.host == "api.eu.intercom.io")
    #expect(try store.account().name == "acme")
    #expect(try store.account(project: "p", user: "u-1").name == "acme")
    #expect(try store.records().map(\.name) == ["acme", "other"] && store.records()[0].status == .valid)
    let text = String(decoding: content("accounts.json"), as: UTF8.self)
    #expect(text.contains("acme") && !text.contains(canaryToken) && !text.contains("other-token-1"))
    #expect(mode("accounts.json") == 0o600 && mode("key") == 0o600 && mode(".") == 0o700)
    #expect(try store.remove("acme") && !store.remove("acme"))
    #expect(try store.defaultName() == "other")
    #expect(message { () throws(APIError) in try store.account("acme") }.contains("no account 'acme'"))
    #expect(message { () throws(APIError) in try store.account("othr") }.contains("'other'"))
  }

  @Test("an account whose token was refused, or has none, is not used")
  func statuses() throws {
    let store = store()
    try store.save(AccountRecord(name: "a", baseURL: .intercom(.us)), token: nil)
    #expect(try store.records()[0].status == .pending)
    #expect(message { () throws(APIError) in try store.account("a") }.contains("not connected yet"))
    try store.save(AccountRecord(name: "a", baseURL: .intercom(.us)), token: Secret(canaryToken))
    try store.markInvalid("a")
    #expect(message { () throws(APIError) in try store.account("a") }.contains("connect it again"))
    try store.save(AccountRecord(name: "a", baseURL: .intercom(.us)), token: Secret("new-token-12"))
    #expect(try store.account("a").accessToken?.reveal() == "new-token-12")
  }

  @Test("a 401 marks the account")
  func refused() async throws {
    let store = store()
    try store.save(AccountRecord(name: "a", baseURL: .intercom(.us)), token: Secret(canaryToken))
    let network = FakeTransport(.success(.error(401, "unauthorized")))
    let client = store.client(for: try store.account("a"), transport: network)
    _ = await failure { () async throws(APIError) in try await client.call("admins.me") }
    #expect(try store.records()[0].status == .invalid)
  }

  @Test("another key, a changed file and a token moved to another entry do not open")
  func tampering() throws {
    let store = store(.text(Secret("a key of sixteen or more")))
    try store.save(AccountRecord(name: "a", baseURL: .intercom(.us)), token: Secret(canaryToken))
    try store.save(AccountRecord(name: "b", baseURL: .intercom(.us)), token: Secret("other-token-1"))
    let other = self.store(.text(Secret("another key of sixteen")))
    #expect(message { () throws(APIError) in try other.account("a") }.contains("another one"))
    #expect(
      message { () throws(APIError) in try self.store(.text(Secret("short"))).account("a") }.contains("too short"))
    let text = String(decoding: content("accounts.json"), as: UTF8.self)
    // The address is part of what is sealed: a token is not sent elsewhere because a file was edited.
    replace("accounts.json", text.replacing("https://api.intercom.io", with: "https://evil.test"))
    #expect(message { () throws(APIError) in try store.account("a") }.contains("decrypted"))
    for damaged in ["", "{", "[]", #"{"version":2}"#, #"{"version":1,"accounts":{"a":{}}}"#] {
      replace("accounts.json", damaged)
      #expect(message { () throws(APIError) in try store.records() }.contains("damaged"))
    }
  }

  @Test("a file that others may read is refused with what to do")
  func permissions() throws {
    let store = store()
    try store.save(AccountRecord(name: "a", baseURL: .intercom(.us)), token: Secret(canaryToken))
    chmod(folder + "/key", 0o644)
    #expect(message { () throws(APIError) in try store.account("a") }.contains("chmod 600"))
    chmod(folder + "/key", 0o600)
    chmod(folder + "/accounts.json", 0o640)
    #expect(message { () throws(APIError) in try store.account("a") }.contains("chmod 600"))
    chmod(folder + "/accounts.json", 0o600)
    unlink(folder + "/key")
    #expect(message { () throws(APIError) in try store.account("a") }.contains("was lost"))
  }

  @Test("names that are none are refused", arguments: ["", "a b", "a/b", "ü", String(repeating: "a", count: 65)])
  func names(name: String) {
    #expect(
      !message { () throws(APIError) in
        try self.store().save(AccountRecord(name: name, baseURL: .intercom(.us)), token: Secret("x"))
      }.isEmpty)
  }

  @Test("a project's user is known by a token, and has an account or none")
  func users() async throws {
    let store = store()
    try store.saveProject("p", IdentityTokens(publicKey: TestTokens.publicKey))
    let expired = await failure { () async throws(APIError) in
      try await store.client(project: "p", userToken: TestTokens.good)
    }
    #expect(expired?.code == .auth && expired?.message.contains("expired") == true)
    let unknown = await failure { () async throws(APIError) in
      try await store.client(project: "q", userToken: TestTokens.good)
    }
    #expect(unknown?.code == .auth && unknown?.message.contains("'q'") == true)
    #expect(message { () throws(APIError) in try store.account(project: "p", user: "x") }.contains("no account"))
  }
}
