// Which lines of scripts were run. The scripts that are run count it themselves: before each statement stands a call,
// on the same line, so that errors still name the right one. Files that are not covered pay nothing.

import ICSDiagnostics
import ICSSyntax
import Synchronization

final class LineCoverage: Sendable {
  /// What is known of a file.
  struct File: Sendable {
    let path: String
    /// Lines with statements, and how often each was run.
    var lines: [Int: Int]
  }

  private struct State {
    var files: [String: [Int: Int]] = [:]
    /// The place of each call: a file and a line.
    var places: [(path: String, line: Int)] = []
    var texts: [String: Text] = [:]
  }

  /// A script in both of its forms.
  private struct Text: Sendable {
    let original: [UInt8]
    let instrumented: [UInt8]
    /// Where the calls stand in the instrumented form, in order.
    let calls: [Range<Int>]
  }

  private let state = Mutex(State())

  /// The text of a script with the calls in it; the library's own and texts with errors stay as they are.
  func instrumented(_ path: String, _ text: [UInt8]) -> [UInt8] {
    guard !path.hasPrefix("std/") else { return text }
    if let known = state.withLock({ $0.texts[path] }), known.original == text { return known.instrumented }
    let source = SourceFile(name: path, bytes: text)
    let tree = SyntaxTree.parse(source)
    guard !tree.hasErrors else { return text }
    let starts = Self.statements(of: tree)
    let isTest = path.hasSuffix("_test.ics")
    return state.withLock { state in
      var result: [UInt8] = []
      var calls: [Range<Int>] = []
      var position = 0
      for start in starts {
        let line = source.lineAndColumn(at: start).line
        result += text[position..<start]
        let call = Array("\(TestRecorder.name).hit(\(state.places.count)); ".utf8)
        calls.append(result.count..<result.count + call.count)
        result += call
        state.places.append((path, line))
        // What is tested counts, the tests themselves do not.
        if !isTest { state.files[path, default: [:]][line, default: 0] += 0 }
        position = start
      }
      result += text[position...]
      state.texts[path] = Text(original: text, instrumented: result, calls: calls)
      return result
    }
  }

  /// A statement was reached.
  func hit(_ number: Int) {
    state.withLock { state in
      guard state.places.indices.contains(number) else { return }
      let (path, line) = state.places[number]
      if state.files[path] != nil { state.files[path]?[line, default: 0] += 1 }
    }
  }

  /// A diagnostic about the script as somebody wrote it.
  func restored(_ diagnostic: Diagnostic) -> Diagnostic {
    var diagnostic = diagnostic
    (diagnostic.source, diagnostic.span) = restored(diagnostic.source, diagnostic.span)
    for index in diagnostic.secondary.indices {
      let label = diagnostic.secondary[index]
      (diagnostic.secondary[index].source, diagnostic.secondary[index].span) = restored(label.source, label.span)
    }
    for index in diagnostic.frames.indices {
      let frame = diagnostic.frames[index]
      (diagnostic.frames[index].source, diagnostic.frames[index].span) = restored(frame.source, frame.span)
    }
    return diagnostic
  }

  private func restored(_ source: SourceFile?, _ span: Span) -> (SourceFile?, Span) {
    guard let source,
      let text = state.withLock({ $0.texts.values.first { $0.instrumented.elementsEqual(source.bytes) } })
    else { return (source, span) }
    func offset(_ position: Int) -> Int {
      position - text.calls.prefix { $0.upperBound <= position }.reduce(0) { $0 + $1.count }
    }
    let (start, end) = (offset(Int(span.start)), offset(Int(span.end)))
    return (SourceFile(name: source.name, bytes: text.original), Span(start..<max(start, end)))
  }

  /// The files that were loaded, sorted by their paths.
  var files: [File] {
    state.withLock { $0.files.map { File(path: $0.key, lines: $0.value) } }.sorted { $0.path < $1.path }
  }

  /// Where the statements begin that do something, in order: declarations of functions and imports do nothing.
  private static func statements(of tree: SyntaxTree) -> [Int] {
    var starts: Set<Int> = []
    for index in tree.nodes.indices {
      let node = NodeID(UInt32(index))
      guard tree.kind(of: node) == .program || tree.kind(of: node) == .block else { continue }
      for statement in tree.statements(of: node) {
        switch tree.kind(of: statement) {
        case .function, .importModule, .importNames, .missing, .onHook, .everyHook: continue
        default: break
        }
        var first = Int(tree[statement].first)
        if first > 0, tree.tokens[first - 1].kind == .export { first -= 1 }
        starts.insert(Int(tree.tokens[first].start))
      }
    }
    return starts.sorted()
  }
}

extension LineCoverage.File {
  var coveredCount: Int { lines.values.count { $0 > 0 } }

  /// The lines that were not run: `4, 9-11`.
  var missed: String {
    var ranges: [ClosedRange<Int>] = []
    let known = lines.keys.sorted()
    for (index, line) in known.enumerated() where lines[line] == 0 {
      // Lines without statements between two that were missed do not part them.
      if let last = ranges.last, index > 0, known[index - 1] == last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound...line
      } else {
        ranges.append(line...line)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ", ")
  }
}
