// What `:doc` says: from the tables of built-ins, operations, topics and error codes.

import ICSDiagnostics
import ICSJSON
import ICSLibrary
import IntercomCatalogue
import IntercomScript

struct Documentation {
  let palette: Palette
  /// Whether nothing is left out: `name??`.
  var isWhole = false

  enum Answer {
    case found([String])
    /// Nothing has this name; the nearest one that there is.
    case unknown(near: String?)
  }

  /// How many fields of a body are listed.
  private static let maximumFields = 40

  /// What there is to say about a name.
  func find(_ name: String, session: Session) -> Answer {
    let lines =
      ownName(name) ?? builtIn(name) ?? operation(name) ?? collection(name) ?? module(name) ?? methods(name)
      ?? errorCode(name)
      ?? topic(name) ?? declared(name, session)
    if let lines { return .found(lines) }
    let apropos = mentions(name)
    guard apropos.isEmpty else {
      return .found(["Nothing is called '\(safeText(name))'. It is mentioned by:"] + apropos)
    }
    let names = BuiltIn.all.map(\.name) + Catalogue.shared.operationNames + session.declaredNames
    return .unknown(near: nearestNames(to: name, among: names, limit: 1).first)
  }

  private func title(_ text: String) -> String { palette.paint(safeText(text), .title) }

  // MARK: The prompt

  /// Names that there are at the prompt alone.
  private func ownName(_ name: String) -> [String]? {
    switch name {
    case "_": [title("_"), "", "The value of the entry before; `__` is the one before that."]
    case "__": [title("__"), "", "The value of the last entry but one."]
    case "out":
      [title("out[n]"), "", "The value of entry number n: the last 100 are kept. ':history' has the numbers."]
    case EntryBook.name:
      [title("history()"), ""] + Self.wrapped(EntryBook.doc) + ["", "Example:", "  history().count_by(e => e.worked)"]
    default: nil
    }
  }

  // MARK: The language

  private func builtIn(_ name: String) -> [String]? {
    guard let row = BuiltIn.all.first(where: { $0.name == name }), !name.contains("__") else { return nil }
    var lines = [title(row.signature), ""] + Self.wrapped(row.doc)
    if !row.example.isEmpty {
      lines +=
        ["", "Example:"] + row.example.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
    }
    if row.capability != .none { lines += ["", "Needs the permission for: \(row.capability.rawValue)"] }
    return lines
  }

  /// A name without its type: `take` is a method of lists and of streams.
  private func methods(_ name: String) -> [String]? {
    let rows = BuiltIn.all.filter { $0.member == name && $0.name != name && !$0.name.contains("__") }
    if rows.count == 1 { return builtIn(rows[0].name) }
    let operations = Catalogue.shared.operationNames.filter { $0.hasSuffix("." + name) }
    guard !rows.isEmpty || !operations.isEmpty else { return nil }
    return listing(rows.map { ($0.signature, $0.doc) } + operations.map { ($0, summary($0)) })
  }

  private func module(_ name: String) -> [String]? {
    let rows = BuiltIn.all.filter { $0.name.hasPrefix(name + ".") && !$0.name.contains("__") }
    guard !rows.isEmpty else { return nil }
    return [title(name), ""] + listing(rows.map { ($0.signature, $0.doc) })
  }

  private func errorCode(_ name: String) -> [String]? {
    let code = name.uppercased()
    guard let entry = ErrorCode(code).entry else { return nil }
    return [title("\(code): \(entry.meaning)"), ""] + Self.wrapped(entry.explanation) + [""]
      + entry.example.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
  }

  private func declared(_ name: String, _ session: Session) -> [String]? {
    guard session.declaredNames.contains(name) else { return nil }
    var lines = [title("\(name): \(Completer(name, session: session).typeOfExpression)")]
    if let value = session.value(named: name), let function = FunctionText(value) {
      lines = [title("\(name): function"), safeText(function.place), ""] + function.lines.map { safeText($0) }
    } else if let value = session.value(named: name) {
      var copier = ValueCopier(value)
      copier.maximumItems = 50
      lines += PrettyPrinter(width: 80, palette: palette).lines(copier.copy(value.value)).prefix(20)
    }
    return lines
  }

  // MARK: Intercom

  private func operation(_ name: String) -> [String]? {
    let short = name.hasPrefix("intercom.") ? String(name.dropFirst(9)) : name
    if name == "intercom.request" || name == "request" {
      return [title("intercom.request(path, {method, query, headers, body, raw, timeout, retries, check})"), ""]
        + Self.wrapped("Sends any request to the API and gives the body of the answer.")
        + ["", "Example:", "  intercom.request(\"/contacts?per_page=5\")"]
        + ["  intercom.request(\"/tags\", {method: \"POST\", body: {name: \"vip\"}})"]
    }
    guard let operation = Catalogue.shared.operation(named: short) else { return nil }
    var lines = [title(SchemaText.signature(operation)), ""]
    lines += ["\(operation.summary): \(operation.method) \(operation.path)"]
    let parameters = operation.parameters.filter { $0.location != .header }
    if !parameters.isEmpty {
      lines += ["", "Parameters:"]
      lines += listing(
        parameters.map {
          (
            $0.name,
            SchemaText.type($0.schema) + ($0.isRequired ? ", needed" : "")
              + ($0.location == .path ? ", in the path" : "")
          )
        })
    }
    if let body = operation.body {
      let fields = SchemaText.fieldRows(body)
      lines += ["", operation.isBodyRequired ? "Fields of the body (needed):" : "Fields of the body:"]
      lines += listing(
        fields.prefix(isWhole ? .max : Self.maximumFields).map {
          ($0.name, $0.type + ($0.isRequired ? ", needed" : ""))
        })
      if !isWhole, fields.count > Self.maximumFields {
        lines.append("  … \(fields.count - Self.maximumFields) more — \(name)??")
      }
    }
    if let paging = operation.paging, paging.style != .none {
      lines += ["", "Gives a stream over all pages; `.take(n)` and `.to_list()` read from it."]
    } else if let answer = operation.answers.first(where: { $0.schema != nil })?.schema {
      lines += ["", "Gives \(SchemaText.type(answer))."]
    }
    if !operation.scopes.isEmpty { lines += ["Needs the permission for: \(operation.scopes.joined(separator: ", "))"] }
    return lines
  }

  private func summary(_ name: String) -> String {
    guard let operation = Catalogue.shared.operation(named: name) else { return "" }
    return "\(operation.summary) (\(operation.method) \(operation.path))"
  }

  private func collection(_ name: String) -> [String]? {
    let names = Catalogue.shared.operationNames.filter { $0.hasPrefix(name + ".") }
    guard !names.isEmpty else { return nil }
    var lines = [title(name), ""] + listing(names.map { ($0, summary($0)) })
    let fields = Catalogue.shared.searchFields(of: name)
    if !fields.isEmpty {
      lines +=
        ["", "Searched with: \(name) where FIELD == VALUE", ""]
        + Self.wrapped(fields.map(\.name).joined(separator: ", "))
    }
    return lines
  }

  private func topic(_ name: String) -> [String]? {
    guard let topic = Catalogue.shared.webhookTopics.first(where: { $0.name == name }) else { return nil }
    return [
      title("on \(topic.name)"), "", "A webhook; 'item' is: \(safeText(topic.item))",
      "", "Example:", "  on \(topic.name) \"greet\" { print(event.data.item) }",
    ]
  }

  // MARK: Text

  /// Names whose description has a word.
  private func mentions(_ word: String) -> [String] {
    guard word.count >= 3 else { return [] }
    let wanted = word.lowercased()
    let rows = BuiltIn.all.filter { !$0.name.contains("__") && $0.doc.lowercased().contains(wanted) }
      .map { ($0.signature, $0.doc) }
    let operations = Catalogue.shared.operationNames.filter {
      $0.contains(wanted) || summary($0).lowercased().contains(wanted)
    }
    .map { ($0, summary($0)) }
    return listing(Array((rows + operations).prefix(20)))
  }

  private func listing(_ rows: [(String, String)]) -> [String] {
    let width = min(rows.map { displayWidth($0.0) }.max() ?? 0, 44)
    return rows.map { name, text in
      let sentence = text.prefix { $0 != "\n" }
      let shown = isWhole ? String(sentence) : Cell.cut(safeText(String(sentence)), to: 76)
      return "  " + Cell.pad(safeText(name), to: width) + "  " + safeText(shown)
    }
  }

  private static func wrapped(_ text: String, width: Int = 88) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ") {
        if !line.isEmpty, displayWidth(line) + 1 + displayWidth(String(word)) > width {
          lines.append(line)
          line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
      }
      lines.append(line)
    }
    return lines.map { safeText($0) }
  }
}
