// The scripts of the app's users.

import Hummingbird
import IntercomHooks
import IntercomScript

/// A script that is served, as the app shows it.
struct ServedScript: Codable, Sendable, ResponseEncodable {
  let name: String
  /// What makes its hooks run, such as `contact.user.created`.
  let hooks: [String]
}

/// Users' scripts by name. One that is put again takes the place of the one before; its runs that are under way go on
/// as they began.
actor Scripts {
  private let service: HookService
  private var versions: [String: ScriptVersion] = [:]

  init(service: HookService) { self.service = service }

  var served: [ServedScript] { versions.values.map(Self.shown).sorted { $0.name < $1.name } }

  func serve(_ source: String, name: String) async throws -> ServedScript {
    let version = try await service.compile(source, name: name)
    var all = versions
    all[name] = version
    try await service.serve(Array(all.values))
    versions = all
    return Self.shown(version)
  }

  private static func shown(_ version: ScriptVersion) -> ServedScript {
    ServedScript(name: version.name, hooks: version.hooks.map(\.summary))
  }
}
