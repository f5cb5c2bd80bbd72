// What companies have beside the catalogue's operations.

import ICSJSON
import ICSVM
import IntercomAPI
import IntercomCatalogue

/// Companies by hand: the API's look-up answers one company or a listing, by what it is asked for.
enum CompanyCalls {
  /// `companies.find(company_id: "acme")` and `find(name: "Acme")`: one company or null. By `tag_id` or `segment_id`: a
  /// stream.
  static func find(_ connection: Connection) -> NativeFunction {
    NativeFunction(
      "companies.find", arity: 1...1,
      suspending: { call throws(Raised) in
        guard let operation = Catalogue.shared.operation(named: "companies.find") else {
          throw call.fail("E_VALUE", "the catalogue has no 'companies.find'")
        }
        _ = try call.map(0)
        let request = try OperationCall.request(operation, call)
        guard request.query.contains(where: { ($0.name == "company_id" || $0.name == "name") && !$0.value.isNull })
        else {
          return .ready(PageStream.make(request, connection: connection, vm: call.vm))
        }
        try call.machine.countRequest()
        return .operation(
          ConnectorCall.asking(connection) { client throws(APIError) in
            do throws(APIError) {
              return try await client.send(request).json()
            } catch {
              guard error.code == .notFound else { throw error }
              return nil
            }
          })
      })
  }
}
