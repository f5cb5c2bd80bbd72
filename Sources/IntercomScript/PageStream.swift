// Listings and searches as streams over all pages.

import ICSJSON
import ICSVM
import IntercomAPI

/// A listing as a stream of the language: the items of all pages, the next page fetched while the script works on the
/// second half of this one.
final class PageStream {
  private let reader: LazyReader
  /// Where the items are; nil once it is gone.
  private weak var machine: Machine?
  /// The items of the page at hand, as a list of the machine.
  private var items: Handle?
  private var index = 0
  private var count = 0
  private var isReadingAhead = false
  private var isAtEnd = false

  private init(_ request: APIRequest, connection: Connection) {
    reader = LazyReader(request: request, connection: connection)
  }

  /// A stream value over a listing's items.
  static func make(_ request: APIRequest, connection: Connection, vm: VM) -> Value {
    let stream = PageStream(request, connection: connection)
    stream.machine = vm.machine
    return vm.newStream(
      pulling: NativeFunction("next", arity: 0...0, suspending: { call throws(Raised) in try stream.next(call) }))
  }

  deinit {
    if let items { machine?.release(items) }
  }

  private func next(_ call: Call) throws(Raised) -> Suspension {
    if isAtEnd { return .ready(.end) }
    guard index < count, let items else {
      try call.machine.countRequest()
      return nextPage()
    }
    let list = call.machine.value(items)
    let item = listItems(list.address)[index]
    index += 1
    // A script that stops early, in the first half of a page, costs no further request.
    if !isReadingAhead && index * 2 > count {
      isReadingAhead = true
      let reader = reader
      call.machine.runBeside { await reader.readAhead() }
    }
    return .ready(item)
  }

  private func nextPage() -> Suspension {
    let reader = reader
    let take = PageTaker(stream: self)
    return .operation {
      do throws(APIError) {
        // A page may be empty although more follow.
        while let page = try await reader.next() {
          if try page.isEmpty() { continue }
          return { vm throws(Raised) in try take.page(page, vm) }
        }
        return { vm throws(Raised) in take.end(vm) }
      } catch {
        let failure = error
        return { vm throws(Raised) in throw ConnectorCall.raise(failure, vm) }
      }
    }
  }

  fileprivate func end(_ machine: Machine) -> Value {
    isAtEnd = true
    if let items { machine.release(items) }
    items = nil
    return .end
  }

  /// Takes a page over and gives its first item.
  fileprivate func take(_ page: Page, _ vm: VM) throws(Raised) -> Value {
    let machine = vm.machine
    let body = try ConnectorCall.value(ofBody: page.response, vm)
    let field = body.isMap ? vm.mapGet(body.address, .object(Tag.string, vm.name(page.itemsField))) : nil
    if let items { machine.release(items) }
    items = nil
    guard let field, field.isList, listCount(field.address) > 0 else { return end(machine) }
    items = machine.retain(field)
    count = listCount(field.address)
    index = 1
    isReadingAhead = false
    return listItems(field.address)[0]
  }
}

/// Hands a page over to its stream, on the machine's own task.
// SAFETY: operations end on the machine's task, and only there are the stream's fields touched.
private final class PageTaker: @unchecked Sendable {
  private let stream: PageStream

  init(stream: PageStream) { self.stream = stream }

  func end(_ vm: VM) -> Value { stream.end(vm.machine) }
  func page(_ page: Page, _ vm: VM) throws(Raised) -> Value { try stream.take(page, vm) }
}

/// A page reader that connects when the first page is asked for.
private actor LazyReader {
  private let request: APIRequest
  private let connection: Connection
  private var reader: PageReader?

  init(request: APIRequest, connection: Connection) {
    self.request = request
    self.connection = connection
  }

  func next() async throws(APIError) -> Page? {
    if let reader { return try await reader.next() }
    let made = PageReader(client: try await connection.open(), request: request)
    reader = made
    return try await made.next()
  }

  func readAhead() async { await reader?.readAhead() }
}

extension Page {
  /// Whether there is no item on it. Only a short body is looked into: one with items is longer, and is parsed once,
  /// into the machine's values.
  fileprivate func isEmpty() throws(APIError) -> Bool {
    guard response.body.count < 512 else { return false }
    return try items().isEmpty
  }
}
