// The API's facts as one table: the only place that knows what Intercom offers.

import ICSJSON
import Synchronization

/// What the API offers, read on first use and part by part: a program that never asks pays nothing, and one that asks
/// about one operation reads one line.
public final class Catalogue: Sendable {
  /// The catalogue of the version that this package was made for.
  public static let shared = Catalogue()

  private let operationLines: [CatalogueLine]
  private let indexByName: [String: Int]
  private let routes: RouteTable
  private let cache = Mutex(Cache())

  private struct Cache {
    var operations: [Int: Operation] = [:]
    var schemaLines: [String: CatalogueLine]?
    var schemas: [String: Schema] = [:]
    var searchFields: [String: [SearchField]]?
  }

  private init() {
    operationLines = CatalogueLine.lines(of: CatalogueData.operations)
    var indexByName: [String: Int] = [:]
    var routes = RouteTable()
    for (index, line) in operationLines.enumerated() {
      let head = line.columns(first: 4)
      guard head.count == 4 else { continue }
      indexByName[head[0]] = index
      routes.add(method: head[2], path: head[3], value: index)
    }
    self.indexByName = indexByName
    self.routes = routes
  }

  /// The version of the API: `2.16`.
  public var apiVersion: String { CatalogueData.apiVersion }
  /// How deep the filters of a search may be nested.
  public var maximumSearchNesting: Int { CatalogueData.maximumSearchNesting }
  /// How many filters one group of a search may have.
  public var maximumSearchFilters: Int { CatalogueData.maximumSearchFilters }

  /// All operations, by name. Reads the whole table: for listings, not for looking one up.
  public var operations: [Operation] { operationLines.indices.compactMap(operation(at:)) }

  /// The names of all operations, sorted: `contacts.archive`, ...
  public var operationNames: [String] { indexByName.keys.sorted() }

  /// The names of the collections that have operations, sorted.
  public var collections: [String] { Set(indexByName.keys.map { String($0.prefix { $0 != "." }) }).sorted() }

  /// The operation with a script name: `contacts.create`.
  public func operation(named name: String) -> Operation? { indexByName[name].flatMap(operation(at:)) }

  /// The operation with the API's own id, whatever its case: `CreateContact`.
  public func operation(id: String) -> Operation? {
    let wanted = id.lowercased()
    return operationLines.indices.first { operationLines[$0].columns(first: 2).last?.lowercased() == wanted }
      .flatMap(operation(at:))
  }

  /// The operation that a request reaches. The path has no query; a literal segment wins over a parameter, so that
  /// `/contacts/search` is not a contact of that name.
  public func operation(method: String, path: String) -> Operation? {
    routes.value(method: method, path: path).flatMap(operation(at:))
  }

  /// The methods that a path takes, sorted; empty when the API has no such path.
  public func methods(forPath path: String) -> [String] { routes.methods(path: path) }

  /// The schema of this name.
  public func schema(named name: String) -> Schema? {
    cache.withLock { cache in
      if let known = cache.schemas[name] { return known }
      guard let line = Self.schemaLines(&cache)[name] else { return nil }
      let schema = Schema(facts: line.json(column: 1))
      cache.schemas[name] = schema
      return schema
    }
  }

  /// The names of all schemas, sorted.
  public var schemaNames: [String] { cache.withLock { Self.schemaLines(&$0).keys.sorted() } }

  /// The schema with every reference at its top resolved. A reference that leads nowhere, or in a circle, is any value.
  public func resolve(_ schema: Schema) -> Schema {
    var current = schema
    for _ in 0..<16 {
      guard case .reference(let name) = current.shape else { return current }
      guard let next = self.schema(named: name) else { break }
      current = next
    }
    return Schema(facts: [:])
  }

  /// The fields by which `contacts`, `conversations` or `tickets` can be searched; empty for other collections.
  public func searchFields(of collection: String) -> [SearchField] {
    cache.withLock { cache in
      if let known = cache.searchFields { return known[collection] ?? [] }
      let fields = Self.readSearchFields()
      cache.searchFields = fields
      return fields[collection] ?? []
    }
  }

  /// The collections that can be searched.
  public var searchableCollections: [String] { ["contacts", "conversations", "tickets"] }

  /// The kinds of webhooks.
  public var webhookTopics: [WebhookTopic] {
    CatalogueLine.lines(of: CatalogueData.topics).compactMap(WebhookTopic.init(line:))
  }

  /// The API's error codes.
  public var errors: [KnownError] {
    CatalogueLine.lines(of: CatalogueData.errors).compactMap(KnownError.init(line:))
  }

  private func operation(at index: Int) -> Operation? {
    cache.withLock { cache in
      if let known = cache.operations[index] { return known }
      let operation = Operation(line: operationLines[index])
      cache.operations[index] = operation
      return operation
    }
  }

  private static func schemaLines(_ cache: inout Cache) -> [String: CatalogueLine] {
    if let lines = cache.schemaLines { return lines }
    let pairs = CatalogueLine.lines(of: CatalogueData.schemas).compactMap { line in
      line.columns(first: 1).first.map { ($0, line) }
    }
    let lines = Dictionary(pairs) { first, _ in first }
    cache.schemaLines = lines
    return lines
  }

  private static func readSearchFields() -> [String: [SearchField]] {
    var operators: [String: [(name: String, types: String)]] = [:]
    for line in CatalogueLine.lines(of: CatalogueData.searchOperators) {
      let columns = line.columns
      guard columns.count == 3 else { continue }
      operators[columns[0], default: []].append((columns[1], columns[2]))
    }
    var fields: [String: [SearchField]] = [:]
    for line in CatalogueLine.lines(of: CatalogueData.searchFields) {
      guard let collection = line.columns(first: 1).first,
        let field = SearchField(line: line, operators: operators[collection] ?? [])
      else { continue }
      fields[collection, default: []].append(field)
    }
    return fields
  }
}
