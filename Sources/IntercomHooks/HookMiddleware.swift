// The service inside of somebody's own Hummingbird server.

import Hummingbird
import ServiceLifecycle

/// Answers Intercom's webhooks and the paths of `on request` in a server of your own; every other request goes on to
/// your routes.
///
///     router.add(middleware: HookMiddleware(service))
///
/// Put it before middleware that reads bodies: a signature is over the bytes as they came.
public struct HookMiddleware<Context: RequestContext>: RouterMiddleware {
  private let responder: HookResponder
  private let service: HookService
  private let path: String

  /// - Parameters:
  ///   - service: What takes the webhooks.
  ///   - path: Where Intercom sends them.
  public init(_ service: HookService, path: String = "/webhooks/intercom") {
    self.service = service
    self.path = path
    responder = HookResponder(service)
  }

  /// Answers what is the service's; gives every other request to `next`. Throws what `next` throws, and nothing else.
  public func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    if request.uri.path == path { return await responder.webhookResponse(to: request) }
    guard let hook = service.registry.hook(answering: request.uri.path) else { return try await next(request, context) }
    return await responder.response(to: request, by: hook)
  }
}

/// A service among those of your application: it works while the server runs, and when the server is told to stop it
/// lets what is under way end, for half a minute at most.
///
///     let application = Application(router: router, services: [service])
extension HookService: Service {}
