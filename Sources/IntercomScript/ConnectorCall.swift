// From a script's call to the connector, and back.

import ICSJSON
import ICSLibrary
import ICSVM
import IntercomAPI
import IntercomCatalogue

/// The ways from a script's call to the connector and back.
enum ConnectorCall {
  /// An operation that sends a request and gives the answer's JSON.
  static func sending(_ request: APIRequest, over connection: Connection) -> HostOperation {
    operation(over: connection) { client throws(APIError) in
      let response = try await client.send(request)
      let isEmpty = try response.isEmpty()
      return { vm throws(Raised) in isEmpty ? .null : try value(ofBody: response, vm) }
    }
  }

  /// An operation that asks the connector for a JSON value; nil becomes null.
  static func asking(
    _ connection: Connection,
    _ body: @escaping @Sendable (IntercomClient) async throws(APIError) -> JSONValue?
  ) -> HostOperation {
    operation(over: connection) { client throws(APIError) in
      let json = try await body(client) ?? .null
      return { vm throws(Raised) in vm.value(from: json) }
    }
  }

  /// An operation of the connector's, its errors made into a script's.
  static func operation(
    over connection: Connection,
    _ body: @escaping @Sendable (IntercomClient) async throws(APIError) -> HostResult
  ) -> HostOperation {
    // Counted here, where the script makes its calls one after the other.
    let number = connection.calls.wrappingAdd(1, ordering: .relaxed).newValue
    return { await RequestOrigin.$number.withValue(number) { await result(of: body, over: connection) } }
  }

  private static func result(
    of body: @Sendable (IntercomClient) async throws(APIError) -> HostResult, over connection: Connection
  ) async -> HostResult {
    do throws(APIError) {
      return try await body(try await connection.open())
    } catch {
      let failure = error
      return { vm throws(Raised) in throw raise(failure, vm) }
    }
  }

  /// Makes an error of the connector's a script's error. The only place where that happens.
  static func raise(_ error: APIError, _ vm: VM) -> Raised {
    if error.endsScript {
      vm.raiseLimit(error.code.rawValue, error.message)
      return Raised()
    }
    let data = vm.value(from: error.data)
    vm.raise(error.code.rawValue, error.message, data: data)
    return Raised()
  }

  /// Runs a part of the connector's that answers at once.
  static func attempt<R>(_ call: Call, _ body: () throws(APIError) -> R) throws(Raised) -> R {
    do throws(APIError) {
      return try body()
    } catch {
      throw raise(error, call.vm)
    }
  }

  /// The body of an answer, parsed straight into the machine's values.
  static func value(ofBody response: APIResponse, _ vm: VM) throws(Raised) -> Value {
    let body = response.body
    do throws(Raised) {
      return try body.withUnsafeBufferPointer { bytes throws(Raised) in try vm.value(parsing: bytes) }
    } catch {
      // Either it is no JSON, which is an error of the answer's, or a limit of the script is reached.
      do throws(JSONError) {
        _ = try JSONValue(parsing: body)
      } catch {
        vm.forgetError()
        throw raise(response.notJSON(error), vm)
      }
      throw error
    }
  }

  /// An id as scripts pass it: text, an int, or a map with an `id`.
  static func id(_ value: Value, _ vm: VM) -> String? {
    if value.isString { return swiftString(value.address) }
    if value.isInt { return String(value.asInt) }
    if value.isMap, let id = vm.mapGet(value.address, .object(Tag.string, vm.name("id"))) {
      return id.isMap ? nil : self.id(id, vm)
    }
    return nil
  }
}
