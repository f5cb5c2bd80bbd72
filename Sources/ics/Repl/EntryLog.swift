// What was entered in this session, and the script that it makes.

import ICSDiagnostics
import ICSJSON
import ICSSyntax
import ICSVM
import Synchronization

/// The entries of a session in order.
struct EntryLog: Sendable {
  struct Entry: Sendable {
    /// What `out[n]` counts by.
    let number: Int
    let text: String
    var succeeded = false
    /// It holds a secret: it is kept for this session, and never written.
    let isSecret: Bool
  }

  private(set) var entries: [Entry] = []

  mutating func add(_ text: String, number: Int) {
    entries.append(Entry(number: number, text: text, isSecret: Reporter.redactor.redact(text) != text))
  }

  mutating func succeed() {
    guard !entries.isEmpty else { return }
    entries[entries.count - 1].succeeded = true
  }

  /// The entry of a number; the last one without.
  func entry(_ number: Int?) -> Entry? {
    guard let number else { return entries.last }
    return entries.last { $0.number == number }
  }

  /// Numbers such as `1-12`, `3`, `4-`; `nil` for anything else.
  static func range(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first.flatMap({ Int($0) }), first >= 0 else { return nil }
    guard parts.count == 2 else { return first...first }
    if parts[1].isEmpty { return first...Int.max }
    guard let last = Int(parts[1]), last >= first else { return nil }
    return first...last
  }

  /// What the script begins with: it says whose file this is.
  static let header = "// Saved from a session of ics "

  /// A script of the entries that worked, without those that hold a secret.
  ///
  /// At the prompt a name may be declared anew; in a script, it is declared once with `var` and then assigned.
  func script(_ range: ClosedRange<Int>?, date: String) -> (text: String, count: Int) {
    let kept = entries.filter { $0.succeeded && !$0.isSecret && range?.contains($0.number) ?? true }
    var declared: [String: Int] = [:]
    for entry in kept { if let name = Self.declaration(entry.text)?.name { declared[name, default: 0] += 1 } }
    var seen: Set<String> = []
    let texts = kept.map { entry -> String in
      var text = entry.text.trimmed
      while text.hasSuffix(";") { text = String(text.dropLast()).trimmed }
      guard let (name, rest) = Self.declaration(text), declared[name, default: 0] > 1 else { return text }
      return seen.insert(name).inserted ? "var " + name + rest : name + rest
    }
    let body = texts.map { $0 + "\n" }.joined(separator: "")
    return ("\(Self.header)\(Version.number), \(date)\n\n" + body, kept.count)
  }

  /// The name that an entry declares as a whole, `let x = ...`, and what follows the name.
  private static func declaration(_ text: String) -> (name: String, rest: String)? {
    let tree = SyntaxTree.parse(SourceFile(name: "", text: text))
    let statements = tree.statements(of: tree.root)
    guard !tree.hasErrors, statements.count == 1, let statement = statements.first,
      tree.kind(of: statement) == .variable
    else { return nil }
    let pattern = tree.variable(statement).pattern
    guard tree.kind(of: pattern) == .namePattern else { return nil }
    let end = Int(tree.span(of: pattern).end)
    return (tree.text(of: pattern), String(decoding: tree.source.bytes[end...], as: UTF8.self))
  }
}

/// The entries for `history()`, which a script asks for while the log's owner waits for that script.
final class EntryBook: Sendable {
  /// The name at the prompt.
  static let name = "history"
  static let doc = """
    What was entered in this session: a list of maps with 'number', 'text' and 'worked'. It is there at the prompt alone.
    """

  private let rows = Mutex<[JSONValue]>([])

  func update(_ log: EntryLog) {
    // The last one is being run: whoever asks is not a part of its own answer.
    let all = log.entries.dropLast().filter { !$0.isSecret }.map { entry -> JSONValue in
      ["number": .int(entry.number), "text": .string(entry.text), "worked": .bool(entry.succeeded)]
    }
    rows.withLock { $0 = all }
  }

  /// The function `history`.
  var function: NativeFunction {
    NativeFunction(Self.name, arity: 0...0) { call throws(Raised) in
      call.vm.value(from: .array(self.rows.withLock { $0 }))
    }
  }
}

/// What is known of an entry before it runs.
struct EntryShape {
  /// A `;` at its end: nothing is shown.
  let isQuiet: Bool
  /// It ends with an expression that makes its value, rather than naming one: a stream from it is nobody else's.
  let makesValue: Bool

  /// What is run: a map that stands alone gets the parentheses that tell it from a block.
  let text: String

  init(_ entry: String) {
    var tree = SyntaxTree.parse(SourceFile(name: "", text: entry))
    var text = entry
    if tree.hasErrors, let map = Self.asMap(entry) {
      let other = SyntaxTree.parse(SourceFile(name: "", text: map))
      if !other.hasErrors { (tree, text) = (other, map) }
    }
    self.text = text
    // The last token is the end of the file.
    isQuiet = tree.tokens.count >= 2 && tree.tokens[tree.tokens.count - 2].kind == .semicolon
    if let last = tree.statements(of: tree.root).last {
      makesValue = [.call, .whereExpression, .optionalChain].contains(tree.kind(of: last))
    } else {
      makesValue = false
    }
  }

  /// Whether an entry ends too early, so that more lines may complete it.
  static func isIncomplete(_ entry: String) -> Bool {
    if SyntaxTree.parse(SourceFile(name: "", text: entry)).isIncomplete { return true }
    return asMap(entry).map { SyntaxTree.parse(SourceFile(name: "", text: $0)).isIncomplete } ?? false
  }

  /// The entry in parentheses when it begins as a map does; without its last `;`.
  private static func asMap(_ entry: String) -> String? {
    guard entry.trimmed.hasPrefix("{") else { return nil }
    var text = entry.trimmed
    var end = ""
    while text.hasSuffix(";") { (text, end) = (String(text.dropLast()).trimmed, ";") }
    // A missing parenthesis alone would look like an entry that goes on.
    return text.hasSuffix("}") ? "(\(text))\(end)" : "(\(text)"
  }
}
