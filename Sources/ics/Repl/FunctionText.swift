// The text of a function that was declared in this session or in a file that it has loaded.

import ICSDiagnostics
import ICSSyntax
import ICSVM
import IntercomScript

extension Span {
  fileprivate var length: UInt32 { end - start }
}

struct FunctionText {
  /// Where it is: `report.ics:12`.
  let place: String
  /// The function with the comments before it, without its indentation.
  let lines: [String]

  private static let maximumLines = 60

  /// Nil for what is no function of a script.
  init?(_ value: SessionValue) {
    guard let (source, span) = value.machine.functionPlace(of: value.value) else { return nil }
    let tree = SyntaxTree.parse(source)
    // Of the functions around the place the innermost is meant.
    let functions = tree.nodes.indices.lazy.map { NodeID(UInt32($0)) }.filter {
      (tree.kind(of: $0) == .function || tree.kind(of: $0) == .lambda)
        && tree.span(of: $0).start <= span.start && span.start <= tree.span(of: $0).end
    }
    guard let node = functions.min(by: { tree.span(of: $0).length < tree.span(of: $1).length }) else { return nil }
    let whole = tree.span(of: node)
    let all = String(decoding: source.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    let (first, _) = source.lineAndColumn(at: Int(whole.start))
    let (last, _) = source.lineAndColumn(at: max(Int(whole.start), Int(whole.end) - 1))
    var start = first - 1
    while start > 0, all[start - 1].trimmed.hasPrefix("//") { start -= 1 }
    let text = all[start...min(last - 1, all.count - 1)]
    let indentation = text.filter { !$0.trimmed.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    place = "\(source.name):\(first)"
    var lines = text.map { String($0.dropFirst(indentation)) }
    if lines.count > Self.maximumLines {
      let missing = lines.count - Self.maximumLines
      lines = lines.prefix(Self.maximumLines) + ["… \(missing) more lines"]
    }
    self.lines = lines
  }
}
