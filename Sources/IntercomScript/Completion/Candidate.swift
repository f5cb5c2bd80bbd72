/// Something that may stand where the cursor is.
package struct Candidate: Sendable, Hashable {
  /// What replaces the word before the cursor.
  package let text: String
  /// What it is in a word or a signature: `string`, `list.map(fn)`, `POST`.
  package let detail: String
  /// What it is for, in a sentence; empty when there is nothing to say.
  package let doc: String

  package init(_ text: String, _ detail: String = "", doc: String = "") {
    self.text = text
    self.detail = detail
    self.doc = doc
  }
}

/// Everything that may stand where the cursor is.
package struct CompletionList: Sendable {
  /// The byte at which the word before the cursor begins: what is replaced.
  package let start: Int
  /// In the order in which they are offered, none twice.
  package var candidates: [Candidate]

  package init(start: Int, candidates: [Candidate]) {
    self.start = start
    self.candidates = candidates
  }

  /// What all candidates begin with.
  package var commonPrefix: String {
    guard var prefix = candidates.first?.text else { return "" }
    for candidate in candidates.dropFirst() {
      while !candidate.text.hasPrefix(prefix) { prefix.removeLast() }
    }
    return prefix
  }
}
