// Completion behind `where`: the fields that can be searched, the values that they take, and what answers have shown.

import ICSVM
import IntercomCatalogue

extension Completer {
  // MARK: What answers have shown of the workspace

  func attributeCandidates(of collection: String?) -> [Candidate] {
    (session.configuration.facts?.attributes(of: collection) ?? []).map {
      Candidate($0.text, $0.detail, doc: $0.values.isEmpty ? "custom attribute" : $0.values.joined(separator: " | "))
    }
  }

  func attributeValues(_ name: String, of collection: String?) -> [Candidate] {
    let attribute = session.configuration.facts?.attributes(of: collection).first { $0.text == name }
    return (attribute?.values ?? []).map { Candidate($0, "value") }
  }

  /// The collection that the condition before a piece searches.
  func conditionCollection(before index: Int) -> String? {
    guard let condition = condition(before: index), condition > 0,
      case .collection(let name) = finder.thing(endingAt: condition - 1)
    else { return nil }
    return name
  }

  // MARK: Conditions

  /// The `where` whose condition the cursor is in, when an operand may follow.
  func openCondition(before index: Int) -> Int? {
    guard index > 0 else { return nil }
    let previous = typed.pieces[index - 1].text
    guard ["where", "&&", "||", "!", "(", "and", "or", "not"].contains(previous) else { return nil }
    return condition(before: index)
  }

  func condition(before index: Int) -> Int? {
    var position = index - 1
    while position > 0 {
      let piece = typed.pieces[position]
      if piece.kind == .name, piece.text == "where" { return position }
      if piece.text == "{" || piece.text == ";" || piece.text == "}" { return nil }
      position -= 1
    }
    return nil
  }

  func fieldCandidates(of source: KnownThing) -> [Candidate] {
    if case .collection(let name) = source {
      let searched = catalogue.searchFields(of: name)
      if !searched.isEmpty {
        let attributes = attributeCandidates(of: name).filter { Self.isName($0.text) }.map {
          Candidate("custom_attributes." + $0.text, $0.detail, doc: $0.doc)
        }
        return attributes
          + searched.map { field in
            let types = field.types.map { $0.rawValue.lowercased() }.joined(separator: "|")
            return Candidate(
              field.isPattern ? field.patternPrefix : field.name, types,
              doc: field.values.isEmpty ? field.operators.joined(separator: " ") : field.values.joined(separator: " | ")
            )
          }
      }
    }
    switch finder.itemOf(source) {
    case .schema(let schema): return finder.fields(of: schema).map(candidate)
    case .value(let value) where value.isMap: return keys(of: value)
    default: return []
    }
  }

  /// The values that the field on the left of a comparison takes.
  func valuesOfCondition(before index: Int) -> [Candidate] {
    var position = index
    if position > 0, ["==", "!=", "^=", "in", "!in"].contains(typed.pieces[position].text) { position -= 1 }
    guard position >= 0, let condition = condition(before: position + 1), condition > 0 else { return [] }
    let name = typed.pieces[position].text
    let source = finder.thing(endingAt: condition - 1)
    if position > 2, typed.pieces[position - 2].text == "custom_attributes" {
      return attributeValues(name, of: conditionCollection(before: position))
    }
    let known = session.configuration.facts?.ids(for: name) ?? []
    if !known.isEmpty { return known }
    if case .collection(let collection) = source,
      let field = catalogue.searchFields(of: collection).first(where: { $0.name == name }), !field.values.isEmpty
    {
      return field.values.map { Candidate($0, "value") }
    }
    guard case .schema(let schema) = finder.itemOf(source),
      let field = finder.fields(of: schema).first(where: { $0.name == name })
    else { return [] }
    return values(of: field.schema)
  }
}
