// Draws diagnostics:
//
//     error[E_NULL]: cannot read 'email' of null
//       ┌─ welcome.ics:7:24
//     7 │   notify(contact.owner.email)
//       │          ------------- ^^^^^ this is null
//       = help: write contact.owner?.email to get null instead
//       = called from: on contact.created "welcome" (welcome.ics:3:1)

/// Draws diagnostics for a terminal, a log or a golden file.
///
/// Nothing in a diagnostic reaches the terminal raw: control characters and those that change the writing direction
/// are escaped in messages, names and excerpts alike.
public struct DiagnosticRenderer: Sendable {
  /// Whether ANSI colours are used.
  public let color: Bool
  /// The columns that an excerpt of the source may take; longer lines are cut.
  public let width: Int

  /// The longest message or label in bytes: a script can throw any text.
  private static let longestText = 4096
  /// How many calls are named at the top and at the bottom of a long stack.
  private static let shownCalls = (first: 8, last: 2)

  /// - Parameter width: The columns that an excerpt may take, at least 20.
  public init(color: Bool, width: Int = 120) {
    self.color = color
    self.width = max(width, 20)
  }

  /// The drawing of one diagnostic, ending with a line break.
  public func render(_ diagnostic: Diagnostic) -> String {
    let sections = Section.sections(of: diagnostic)
    let gutter = sections.map(\.gutterWidth).max() ?? 1
    var lines = header(of: diagnostic)
    for section in sections { lines += drawing(of: section, gutter: gutter, primary: Self.style(of: diagnostic)) }
    for note in diagnostic.notes { lines += footnote("note", note, gutter: gutter) }
    if let help = diagnostic.help { lines += footnote("help", help, gutter: gutter) }
    for call in calls(diagnostic.frames) { lines += footnote("called from", call, gutter: gutter) }
    return lines.reduce(into: "") { $0 += $1.string(color: color) + "\n" }
  }

  private static func style(of diagnostic: Diagnostic) -> TextStyle {
    diagnostic.severity == .warning ? .warning : .error
  }

  // MARK: Above and below the source

  private func header(of diagnostic: Diagnostic) -> [StyledText] {
    let word = diagnostic.severity == .warning ? "warning" : "error"
    var first = StyledText()
    first.append("\(word)[\(terminalSafe(diagnostic.code))]", Self.style(of: diagnostic))
    let message = lines(of: diagnostic.message)
    first.append(": " + (message.first ?? ""), .title)
    return [first] + continuation(message.dropFirst(), indent: 2, .title)
  }

  private func footnote(_ word: String, _ text: String, gutter: Int) -> [StyledText] {
    let texts = lines(of: text)
    var first = StyledText()
    first.append(String(repeating: " ", count: gutter + 1))
    first.append("=", .frame)
    first.append(" ")
    first.append(word + ":", .hint)
    first.append(" " + (texts.first ?? ""))
    return [first] + continuation(texts.dropFirst(), indent: gutter + 3, .plain)
  }

  /// Later lines of a text are indented, so that no text can pass for another diagnostic.
  private func continuation(_ texts: ArraySlice<String>, indent: Int, _ style: TextStyle) -> [StyledText] {
    texts.map { text in
      var line = StyledText()
      line.append(String(repeating: " ", count: indent))
      line.append(text, style)
      return line
    }
  }

  private func lines(of text: String) -> [String] {
    let short = Self.shortened(text)
    return terminalSafe(short, keepingLineBreaks: true).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  private static func shortened(_ text: String) -> String {
    guard text.utf8.count > longestText else { return text }
    return String(decoding: text.utf8.prefix(longestText), as: UTF8.self) + "…"
  }

  private func calls(_ frames: [Diagnostic.Frame]) -> [String] {
    let (first, last) = Self.shownCalls
    guard frames.count > first + last else { return frames.map(call) }
    let omitted = frames.count - first - last
    return frames.prefix(first).map(call) + ["… \(omitted) more call\(omitted == 1 ? "" : "s") …"]
      + frames.suffix(last).map(call)
  }

  private func call(_ frame: Diagnostic.Frame) -> String {
    let name = terminalSafe(Self.shortened(frame.name))
    guard let source = frame.source else { return name }
    return "\(name) (\(place(source, Int(frame.span.start))))"
  }

  private func place(_ source: SourceFile, _ offset: Int) -> String {
    let (line, column) = source.lineAndColumn(at: offset)
    return "\(terminalSafe(source.name)):\(line):\(column)"
  }

  // MARK: The source

  private func drawing(of section: Section, gutter: Int, primary: TextStyle) -> [StyledText] {
    var head = StyledText()
    head.append(String(repeating: " ", count: gutter) + " ┌─ ", .frame)
    head.append(place(section.source, section.offset))
    var drawn = [head]
    var previous: Int?
    for line in section.shownLines {
      if let previous, line > previous + 1 {
        var gap = StyledText()
        gap.append(String(repeating: " ", count: gutter) + " ·", .frame)
        drawn.append(gap)
      }
      drawn += excerpt(of: section, line: line, gutter: gutter, primary: primary)
      previous = line
    }
    return drawn
  }

  private func excerpt(of section: Section, line: Int, gutter: Int, primary: TextStyle) -> [StyledText] {
    let marks = section.marks.filter { $0.line == line }
    let lineStart = section.source.lineRange(line).lowerBound
    let focus = (marks.first { $0.isPrimary } ?? marks.first)?.range ?? lineStart..<lineStart
    let excerpt = Excerpt(section.source, line: line, focus: focus, width: max(width - gutter - 3, 16))
    let number = String(line + 1)
    var source = StyledText()
    source.append(String(repeating: " ", count: gutter - number.count) + number + " │", .frame)
    if !excerpt.text.isEmpty { source.append(" " + excerpt.text) }
    let underlines = marks.compactMap { mark in
      excerpt.columns(of: mark.range).map {
        Underline(columns: $0, isPrimary: mark.isPrimary, label: terminalSafe(Self.shortened(mark.label)))
      }
    }
    return [source]
      + Underline.rows(underlines, primary: primary).map { row in
        var line = StyledText()
        line.append(String(repeating: " ", count: gutter) + " │", .frame)
        line.append(" ")
        line.append(row)
        return line
      }
  }
}

/// What a diagnostic marks in one file.
private struct Section {
  /// Bytes of one line, to be underlined.
  struct Mark {
    var line: Int
    var range: Range<Int>
    var isPrimary: Bool
    var label: String
  }

  let source: SourceFile
  /// The place that the head names: the primary one where it lies in this file.
  let offset: Int
  var marks: [Mark] = []

  var gutterWidth: Int { String((marks.map(\.line).max() ?? 0) + 1).count }

  /// The lines to show, in order: those with marks, and a line on its own between two of them.
  var shownLines: [Int] {
    let marked = Set(marks.map(\.line))
    let between = marked.filter { !marked.contains($0 + 1) && marked.contains($0 + 2) }.map { $0 + 1 }
    return marked.union(between).sorted()
  }

  /// The file of the primary place first, then the others in the order of their labels.
  static func sections(of diagnostic: Diagnostic) -> [Section] {
    var sections: [Section] = []
    func add(_ source: SourceFile?, _ span: Span, isPrimary: Bool, label: String) {
      guard let source else { return }
      let index: Int
      if let known = sections.firstIndex(where: { $0.source === source }) {
        index = known
      } else {
        index = sections.count
        sections.append(Section(source: source, offset: Int(span.start)))
      }
      sections[index].add(span, isPrimary: isPrimary, label: label)
    }
    add(diagnostic.source, diagnostic.span, isPrimary: true, label: diagnostic.label)
    for label in diagnostic.secondary {
      add(label.source ?? diagnostic.source, label.span, isPrimary: false, label: label.text)
    }
    return sections
  }

  /// Marks a span. Of one over several lines the first and the last are shown, and the label stands at its end.
  private mutating func add(_ span: Span, isPrimary: Bool, label: String) {
    let lower = min(Int(span.start), source.bytes.count)
    let upper = min(max(Int(span.end), lower), source.bytes.count)
    let first = source.lineIndex(at: lower)
    // A span that takes in a line break does not reach into the next line.
    let last = source.lineIndex(at: max(lower, upper - 1))
    guard last > first else {
      let end = max(min(upper, source.lineRange(first).upperBound), lower)
      marks.append(Mark(line: first, range: lower..<end, isPrimary: isPrimary, label: label))
      return
    }
    let start = indentationEnd(last)
    let end = max(min(upper, source.lineRange(last).upperBound), start)
    marks.append(
      Mark(line: first, range: lower..<max(lower, source.lineRange(first).upperBound), isPrimary: isPrimary, label: ""))
    marks.append(Mark(line: last, range: start..<end, isPrimary: isPrimary, label: label))
  }

  /// The offset of the first byte of a line that is no blank.
  private func indentationEnd(_ line: Int) -> Int {
    let range = source.lineRange(line)
    return range.first { source.bytes[$0] != 0x20 && source.bytes[$0] != 0x09 } ?? range.upperBound
  }
}
