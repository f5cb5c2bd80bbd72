// Carrying a search out: filter, order, page.

import GRDB
import ICSJSON

enum Search {
  /// Answers `POST /.../search`.
  static func answer(_ call: Call, in target: SearchTarget) throws(Failure) -> Answer {
    let body = try call.object()
    let translator = SearchTranslator(target: target, store: call.store)
    let kind = target.collection.name + ".search"
    let page = try PageRequest(pagination: body["pagination"], kind: kind, standard: target.standardPageSize)
    var condition = try translator.translate(try Filter(body["query"]))
    if call.workspace.searchLagInSeconds > 0 {
      condition.text += " AND changed_at <= ?"
      condition.arguments.append(call.now - call.workspace.searchLagInSeconds)
    }
    let order = try Order(body["sort"], translator: translator)
    return try answer(call, in: target, condition: condition, order: order, page: page, kind: kind)
  }

  /// Answers a listing of everything: the search without a condition.
  static func listing(_ call: Call, in target: SearchTarget, standard: Int) throws(Failure) -> Answer {
    let kind = target.collection.name
    let page = try PageRequest(call.query, kind: kind, standard: standard)
    return try answer(call, in: target, condition: SQLPart("1"), order: .newestFirst, page: page, kind: kind)
  }

  /// In which order the results come.
  struct Order {
    let field: String
    /// Never null, so that a page can begin behind any row.
    let expression: String
    let isAscending: Bool

    static let newestFirst = Order(field: "seq", expression: "seq", isAscending: false)

    private init(field: String, expression: String, isAscending: Bool) {
      self.field = field
      self.expression = expression
      self.isAscending = isAscending
    }

    init(_ sort: JSONValue?, translator: SearchTranslator) throws(Failure) {
      guard let sort, !sort.isNull else {
        self = Order(field: "created_at", expression: "created_at", isAscending: false)
        return
      }
      let word = sort["order"]?.stringValue ?? "descending"
      guard word == "ascending" || word == "descending" else {
        throw Failure(
          400, "invalid_sort_order", "Invalid sort order '\(word)'. Must be one of: ascending, descending")
      }
      let name = sort["field"]?.stringValue ?? "created_at"
      let field = try translator.field(name)
      guard case .expression(let expression) = field.place else {
        throw .invalid("\(name) cannot be sorted by", field: "sort")
      }
      let isNeverNull = name == "created_at" || name == "updated_at" || name == "id"
      let blank = field.kind == .string ? "''" : "0"
      self = Order(
        field: name, expression: isNeverNull ? expression : "ifnull(\(expression), \(blank))",
        isAscending: word == "ascending")
    }
  }

  private static func answer(
    _ call: Call, in target: SearchTarget, condition: SQLPart, order: Order, page: PageRequest, kind: String
  ) throws(Failure) -> Answer {
    let table = target.collection.name
    // `+state`: the index on the condition is to be used, not one on the state, which nearly all rows share.
    let matching = SQLPart("FROM \(table) WHERE +state = 'live' AND \(condition.text)", condition.arguments)
    let total = try call.store.number("SELECT COUNT(*) \(matching.text)", matching.arguments)
    let rows = total == 0 ? [] : try self.rows(call.store, matching, order: order, page: page, total: total)
    var next: Cursor?
    if rows.count > page.perPage, let last = rows.dropLast().last {
      next = Cursor(
        page: (page.cursor?.page ?? 1) + 1, sortField: order.field,
        value: try sortValue(call.store, table, order, last.seq),
        seq: last.seq)
    }
    return Pages.answer(
      type: target.type, items: target.items, documents: rows.prefix(page.perPage).map(\.text), total: total,
      request: page, kind: kind, next: next)
  }

  /// Up to so many results are sorted; of more, the index on the order soon gives enough for a page.
  private static let fewResults = 2000

  /// One row more than the page has, to know whether there is a next page.
  private static func rows(
    _ store: Store, _ matching: SQLPart, order: Order, page: PageRequest, total: Int
  ) throws(Failure) -> [Store.Row] {
    var part = SQLPart("SELECT seq, id, state, document " + matching.text, matching.arguments)
    if let cursor = page.cursor {
      guard cursor.sortField == order.field else { throw .badCursor }
      let sign = order.isAscending ? ">" : "<"
      if order.expression == "seq" {
        part.text += " AND seq \(sign) ?"
        part.arguments.append(cursor.seq)
      } else {
        part.text += " AND (\(order.expression), seq) \(sign) (?, ?)"
        part.arguments += [try bound(cursor.value), cursor.seq]
      }
    }
    let direction = order.isAscending ? "ASC" : "DESC"
    part.text += " ORDER BY \(total <= fewResults ? "+" : "")\(order.expression) \(direction)"
    if order.expression != "seq" { part.text += ", seq \(direction)" }
    part.text += " LIMIT ?"
    part.arguments.append(page.perPage + 1)
    return try store.rows(part.text, part.arguments)
  }

  private static func sortValue(_ store: Store, _ table: String, _ order: Order, _ seq: Int) throws(Failure)
    -> JSONValue
  {
    if order.expression == "seq" { return .int(seq) }
    let text = try store.strings(
      "SELECT json_quote(\(order.expression)) FROM \(table) WHERE seq = ?", [seq]
    ).first
    return try Store.parse(text ?? "0")
  }

  private static func bound(_ value: JSONValue) throws(Failure) -> any DatabaseValueConvertible {
    switch value {
    case .int(let number): return number
    case .double(let number): return number
    case .string(let text): return text
    default: throw .badCursor
    }
  }
}
