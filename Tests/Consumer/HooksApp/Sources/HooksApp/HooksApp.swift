// A server of somebody's own in which users' scripts react to Intercom's webhooks: the app of the tutorial.
//
//     PUT  /scripts/welcome.ics     a user's script; 422 with what is wrong when it does not compile
//     GET  /scripts                 what is served
//     GET  /accounts/acme.com       what the scripts have made of it
//     POST /webhooks/intercom       Intercom

import Hummingbird
import IntercomHooks
import IntercomScript

@main
struct HooksApp {
  static func main() async throws {
    let environment = Environment()
    guard let secret = environment.get("INTERCOM_CLIENT_SECRET") else {
      fatalError("INTERCOM_CLIENT_SECRET is the client secret of your app, from Intercom's Developer Hub")
    }

    // What users' scripts may do: call these functions, and Intercom when there is a token. Nothing else.
    let accounts = Accounts()
    let engine = Engine(
      intercom: environment.get("INTERCOM_TOKEN").map { .accessToken($0) } ?? .none,
      modules: [accounts.module], limits: .untrusted)

    // What takes webhooks, keeps them and runs the scripts.
    let service = HookService(engine, store: MemoryStore(), secrets: [Secret(secret)])
    let scripts = Scripts(service: service)

    let router = Router()
    router.add(middleware: HookMiddleware(service))
    router.put("/scripts/:name") { request, context -> Response in
      let name = try context.parameters.require("name")
      let text = try await request.body.collect(upTo: 100_000)
      do {
        return try await scripts.serve(String(buffer: text), name: name).response(from: request, context: context)
      } catch let error as CompileError {
        return Response(status: .unprocessableContent, body: .init(byteBuffer: ByteBuffer(string: error.description)))
      }
    }
    router.get("/scripts") { _, _ in await scripts.served }
    router.get("/accounts/:domain") { _, context in
      try await accounts.account(try context.parameters.require("domain"))
    }

    let port = environment.get("PORT", as: Int.self) ?? 8080
    let application = Application(
      router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
      services: [service])
    try await application.runService()
  }
}
