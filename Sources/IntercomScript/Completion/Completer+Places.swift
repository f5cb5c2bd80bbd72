// Completion of topics behind `on`, of endpoints in `intercom.request`, and of imports.

import ICSLibrary
import IntercomCatalogue

extension Completer {
  func isStatementStart(_ index: Int) -> Bool {
    index == 0 || typed.pieces[index].startsLine || [";", "{", "}", "export"].contains(typed.pieces[index - 1].text)
  }

  /// What of a topic stands before the word: `contact.user.`; nil when this is no topic.
  func topicPrefix(before index: Int) -> String? {
    var position = index - 1
    while position > 0, typed.pieces[position].text == "." || typed.pieces[position].kind == .name,
      !typed.pieces[position].startsLine
    {
      if typed.pieces[position].text == "on" { break }
      position -= 1
    }
    guard typed.pieces[position].text == "on", position < index - 1, isStatementStart(position) else { return nil }
    return typed.pieces[(position + 1)..<index].map(\.text).joined()
  }

  func topics(after prefix: String) -> [Candidate] {
    catalogue.webhookTopics.filter { $0.name.hasPrefix(prefix) }.map {
      Candidate(
        String($0.name.dropFirst(prefix.count)), $0.item, doc: $0.permissions.joined(separator: ", "))
    }
  }

  func isRequest(_ opening: Int) -> Bool {
    guard opening > 0, case .operation("intercom.request") = finder.thing(endingAt: opening - 1) else { return false }
    return true
  }

  /// The endpoints that a path may become; ids that were typed stay.
  func endpoints(matching typed: String) -> [Candidate] {
    let segments = typed.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard segments.count > 1 || typed.isEmpty else { return [] }
    var found: [String: (methods: [String], doc: String)] = [:]
    for operation in catalogue.operations {
      var parts = operation.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard segments.count <= parts.count else { continue }
      var isMatch = true
      for (index, segment) in segments.dropLast().enumerated() where segment != parts[index] {
        if parts[index].hasPrefix("{"), !segment.isEmpty { parts[index] = segment } else { isMatch = false }
      }
      guard isMatch else { continue }
      let path = parts.joined(separator: "/")
      found[path, default: ([], operation.summary)].methods.append(operation.method)
    }
    return found.sorted { $0.key < $1.key }.map {
      Candidate($0.key, $0.value.methods.sorted().joined(separator: " "), doc: $0.value.doc)
    }
  }

  func importPaths() -> [Candidate] {
    StandardModules.names.map { name in
      let text = StandardModules.source(of: name) ?? ""
      let first = text.split(separator: "\n").first { $0.hasPrefix("//") } ?? ""
      return Candidate(name, "module", doc: String(first.drop { $0 == "/" || $0 == " " }))
    } + FileModules(root: session.configuration.root).scripts.map { Candidate($0, "file") }
  }
}
