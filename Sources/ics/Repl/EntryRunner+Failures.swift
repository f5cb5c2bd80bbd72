// `:why`: the last error with its stack, and what the names in it stood for.

import ICSDiagnostics
import ICSSyntax
import ICSVM
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension EntryRunner {
  func explainFailure() {
    guard !lastFailure.isEmpty else { return say(["nothing has failed yet"]) }
    Reporter().report(lastFailure)
    for diagnostic in lastFailure {
      if let data = diagnostic.data { StandardError.write("  = data: \(Cell.cut(safeText(data), to: 2000))\n") }
      for line in notes(on: diagnostic) { StandardError.write(line + "\n") }
    }
    let codes = Set(lastFailure.map(\.code)).filter { ErrorCode($0).entry != nil }.sorted()
    for code in codes { StandardError.write("  = help: ':doc \(code)' explains the error\n") }
  }

  /// What the functions held that the error has ended, innermost first; then the names of the session in its lines.
  private func notes(on diagnostic: Diagnostic) -> [String] {
    let width = max(40, Environment.width(STDERR_FILENO))
    var lines: [String] = []
    for note in session.failureNotes where !note.variables.isEmpty {
      let (line, column) = note.source.lineAndColumn(at: Int(note.span.start))
      lines.append("  in \(safeText(note.function)), \(safeText(note.source.name)):\(line):\(column)")
      for (name, value) in note.variables {
        lines.append(Cell.cut("    \(safeText(name)) = \(safeText(value))", to: width))
      }
    }
    let places = [(diagnostic.source, diagnostic.span)] + diagnostic.frames.map { ($0.source, $0.span) }
    let session = values(at: places)
    if !session.isEmpty { lines.append("  in the session, now") }
    return lines + session.map { Cell.cut("    " + $0, to: width) }
  }

  /// The names of the session in the lines of a stack, with the values that they have now.
  private func values(at places: [(SourceFile?, Span)]) -> [String] {
    var lines: [String] = []
    var known: Set<String> = []
    for (source, span) in places {
      guard let source else { continue }
      let start = min(Int(span.start), source.bytes.count)
      let lineStart = source.bytes[..<start].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      let lineEnd = source.bytes[start...].firstIndex(of: 0x0A) ?? source.bytes.count
      let text = String(decoding: source.bytes[lineStart..<lineEnd], as: UTF8.self)
      // A name behind a point is a member, and no name of the session.
      for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "." }) {
        let name = String(word.prefix { $0 != "." })
        guard known.insert(name).inserted, let value = session.value(named: name) else { continue }
        var copier = ValueCopier(value)
        copier.maximumItems = 20
        lines.append("\(name) = \(Self.summary(copier.copy(value.value)))")
      }
    }
    return lines
  }
}
