// The accounts of this machine's user, with their tokens encrypted.

import Crypto
import ICSJSON

/// Keeps accounts in a folder: one file of mode 0600, replaced as a whole, in which tokens are encrypted by AES-GCM.
///
///     let store = AccountStore(folder: home, key: .file(home + "/key"))
///     try store.save(AccountRecord(name: "acme", baseURL: .intercom(.eu)), token: token)
///     let account = try store.account("acme")
public struct AccountStore: Sendable {
  /// The folder that the file is in.
  public let folder: String
  private let key: AccountKey

  /// A store in a folder, which is made when the first account is saved.
  public init(folder: String, key: AccountKey) {
    self.folder = folder
    self.key = key
  }

  /// The accounts, by name.
  public func records() throws(APIError) -> [AccountRecord] { try document().accounts.map(\.record) }

  /// What is kept about an account, its token aside.
  ///
  /// - Throws: `E_AUTH` for an account that is not there, with the nearest name.
  public func record(_ name: String) throws(APIError) -> AccountRecord {
    let document = try document()
    guard let entry = document[name] else { throw Self.unknown(name, in: document) }
    return entry.record
  }

  /// The name of the account that is taken when none is named.
  public func defaultName() throws(APIError) -> String? { try document().defaultName }

  /// An account with its token, ready for a client.
  ///
  /// - Parameter name: `nil` for the default account.
  /// - Throws: `E_AUTH` for an account that is not there, or is not `VALID`: a refused token is not sent again.
  public func account(_ name: String? = nil) throws(APIError) -> Account {
    let document = try document()
    guard let wanted = name ?? document.defaultName else { throw APIError(.auth, "no account is connected") }
    guard let entry = document[wanted] else { throw Self.unknown(wanted, in: document) }
    return try open(entry)
  }

  private static func unknown(_ name: String, in document: AccountDocument) -> APIError {
    let names = document.accounts.map(\.record.name)
    let nearest = NearestNames.of(name, among: names).first
    let help = nearest.map { "did you mean '\($0)'?" } ?? (names.isEmpty ? "none is connected" : nil)
    return APIError(.auth, "there is no account '\(name.prefix(100))'" + (help.map { "; \($0)" } ?? ""))
  }

  /// The account that a project's user has connected.
  ///
  /// - Throws: `E_AUTH` when this user has connected none.
  public func account(project: String, user: String) throws(APIError) -> Account {
    let owner = AccountRecord.Owner(project: project, user: user)
    guard let entry = try document().accounts.first(where: { $0.record.owner == owner }) else {
      throw APIError(.auth, "this user has connected no account")
    }
    return try open(entry)
  }

  /// Finds out whether `save` would work, before somebody logs in for nothing.
  ///
  /// - Throws: What `save` would throw: a damaged or locked file, a folder that cannot be written, a wrong key.
  public func requireSavable(_ name: String) throws(APIError) {
    guard AccountRecord.isName(name) else { throw Self.badName }
    try change { document throws(APIError) in _ = try sealingKey(for: name, in: document) }
  }

  private static let badName = APIError.value(
    "an account's name has letters, digits, '-', '_' and '.', 64 at most")

  /// Keeps an account, in place of one of the same name.
  ///
  /// - Parameters:
  ///   - record: What is kept beside the token; it takes the place of one of the same name.
  ///   - token: `nil` for an account that has none yet; it is then `PENDING`.
  ///   - isDefault: Whether it becomes the default account; the first one does in any case.
  /// - Throws: `E_AUTH` when other accounts here are kept under another key: a file has one key, so that one lost key
  ///   is noticed before the next token is put under it.
  public func save(_ record: AccountRecord, token: Secret?, isDefault: Bool = false) throws(APIError) {
    guard AccountRecord.isName(record.name) else { throw Self.badName }
    try change { document throws(APIError) in
      var record = record
      record.status = token == nil ? .pending : .valid
      let sealed: String?
      if let token {
        let key = try sealingKey(for: record.name, in: document)
        // An API that repeats the token must not bring it into the clear part of the file.
        record = record.masked(by: Redactor(secrets: [token]))
        sealed = try SecretBox.seal(token, for: record.purpose, key: key)
      } else {
        sealed = nil
      }
      document[record.name] = AccountDocument.Entry(record: record, sealedToken: sealed)
      if isDefault || document.defaultName == nil { document.defaultName = record.name }
    }
  }

  /// The key for a new token: the one that the other tokens are kept under.
  private func sealingKey(for name: String, in document: AccountDocument) throws(APIError) -> SymmetricKey {
    // One of the others tells for all: none is added under another key.
    let other = document.accounts.first { $0.record.name != name && $0.sealedToken != nil }
    let key = try key.symmetricKey(isMade: other == nil)
    guard let other, let sealed = other.sealedToken else { return key }
    do throws(APIError) {
      _ = try SecretBox.open(sealed, for: other.record.purpose, key: key)
    } catch {
      throw APIError(
        .auth,
        "the account '\(other.record.name)' is kept under another key (ICS_KEY, or the key file); use that key, or "
          + "disconnect it first")
    }
    return key
  }

  /// Removes an account with its token.
  ///
  /// - Returns: Whether it was there.
  @discardableResult
  public func remove(_ name: String) throws(APIError) -> Bool {
    try change { document throws(APIError) in
      let wasThere = document[name] != nil
      document[name] = nil
      if document.defaultName == name { document.defaultName = document.accounts.first?.record.name }
      return wasThere
    }
  }

  /// Marks an account whose token was refused: it is not sent again until the account is connected anew.
  public func markInvalid(_ name: String) throws(APIError) {
    guard try document()[name]?.record.status == .valid else { return }
    try change { document throws(APIError) in document[name]?.record.status = .invalid }
  }

  /// The public key and the audience by which a project's users are known.
  public func project(_ id: String) throws(APIError) -> IdentityTokens {
    guard let project = try document().projects[id] else {
      throw APIError(.auth, "there is no project '\(id.prefix(100))'")
    }
    return project
  }

  /// Keeps how a project's users are known.
  public func saveProject(_ id: String, _ tokens: IdentityTokens) throws(APIError) {
    try change { document throws(APIError) in document.projects[id] = tokens }
  }

  // MARK: The file

  private var path: String { folder + "/accounts.json" }

  private func open(_ entry: AccountDocument.Entry) throws(APIError) -> Account {
    let record = entry.record
    switch record.status {
    case .valid: break
    case .pending: throw APIError(.auth, "the account '\(record.name)' is not connected yet")
    case .invalid:
      throw APIError(
        .auth, "Intercom refused the token of the account '\(record.name)'; connect it again",
        status: 401)
    }
    guard let sealed = entry.sealedToken else { throw APIError(.auth, "the account '\(record.name)' has no token") }
    let key = try key.symmetricKey(isMade: false)
    let token: Secret
    do throws(APIError) {
      token = try SecretBox.open(sealed, for: record.purpose, key: key)
    } catch {
      throw APIError(
        .auth,
        "the token of the account '\(record.name)' cannot be decrypted: ICS_KEY or the key file is another one than "
          + "when it was connected, or '\(path)' was changed")
    }
    return Account(accessToken: token, baseURL: record.baseURL, version: record.version, name: record.name)
  }

  private func document() throws(APIError) -> AccountDocument {
    guard let bytes = try PrivateFile.contents(of: path) else { return AccountDocument() }
    guard let json = try? JSONValue(parsing: bytes), let document = AccountDocument(json) else {  // Said as one fact.
      throw APIError(.io, "'\(path)' is damaged; remove it and connect the accounts again")
    }
    return document
  }

  /// Reads, changes and replaces the file while no other process does.
  private func change<R>(_ body: (inout AccountDocument) throws(APIError) -> R) throws(APIError) -> R {
    try PrivateFile.makeFolder(folder)
    return try PrivateFile.locked(folder + "/accounts.lock") { () throws(APIError) in
      var document = try document()
      let result = try body(&document)
      try PrivateFile.replace(path, with: Array((document.json.serialized(indent: 2) + "\n").utf8))
      return result
    }
  }
}
