// The snippet of the page about hooks.

import ICSDurable
import IntercomHooks
import Testing

@Suite struct HookSnippets {
  @Test("the parts together serve a script")
  func parts() async throws {
    let source = "on contact.created \"welcome\" as contact { print(contact.id) }"
    let (store, settings) = (MemoryStore(), HookSettings())
    var options = HookService.Options()
    options.secrets = [TestService.secret]
    var configuration = HookServer.Configuration()
    configuration.port = 0
    // swift-format-ignore
    do {
    let version = try await ScriptVersion(source, name: "welcome.ics", settings: settings)
    let service = HookService(store: store, settings: settings, options: options)
    try await service.serve([version])
    async let work: Void = service.run()
    let server = try await HookServer.start(service, configuration)
    #expect(service.registry.hooks.map(\.name) == ["welcome"])
    await server.stop()
    await service.stop(within: .seconds(5))
    await work
    }
  }
}
