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
/// as they began. Of several that react to one event, the one whose name comes first runs first.
actor Scripts {
  private let service: HookService
  /// In the order of their names, which is the order in which they run.
  private var versions: [ScriptVersion] = []

  init(service: HookService) { self.service = service }

  var served: [ServedScript] { versions.map(Self.shown) }

  func serve(_ source: String, name: String) async throws -> ServedScript {
    let version = try await service.compile(source, name: name)
    let all = (versions.filter { $0.name != name } + [version]).sorted { $0.name < $1.name }
    try await service.serve(all)
    versions = all
    return Self.shown(version)
  }

  private static func shown(_ version: ScriptVersion) -> ServedScript {
    ServedScript(name: version.name, hooks: version.hooks.map(\.summary))
  }
}
