import Foundation
import ICSDiagnostics
import Testing

@testable import ICSSyntax

/// The formatted text; a note when formatting changes the program, or when formatting twice changes the text.
func format(_ text: String) -> String {
  let tree = parse(text)
  if let error = errors(text).first { return "<\(error)>" }
  guard let once = SyntaxFormatter.faithfulText(of: tree) else { return "<not faithful>" }
  guard SyntaxFormatter.faithfulText(of: parse(once)) == once else { return "<not idempotent>\n" + once }
  return once
}

@Suite struct FormatterTests {
  @Test(
    "one line",
    arguments: [
      ("let  x={a:1,\"b\":[1,2,],...m,[k] : 2,email,}", "let x = {a: 1, \"b\": [1, 2], ...m, [k]: 2, email}"),
      ("fn f(a,b=1,{c,d:e=2},...r){a+b}", "fn f(a, b = 1, {c, d: e = 2}, ...r) { a + b }"),
      ("print( -x , !y, - -1, 0 ..< 10, a?.b ?[ 0 ](  ) )", "print(-x, !y, - -1, 0..<10, a?.b?[0]())"),
      ("let a = 1; let b = 2;", "let a = 1\nlet b = 2"),
      ("if a{1}else if b{2}else{3}", "if a { 1 } else if b { 2 } else { 3 }"),
      ("let q=match 5{1|2=>\"one\",n if n>2=>\"two\"}", "let q = match 5 { 1 | 2 => \"one\", n if n > 2 => \"two\" }"),
      ("for [k,v] in m where a==1&&!(b $= \"x\"){k}", "for [k, v] in m where a == 1 && !(b $= \"x\") { k }"),
      ("import {a,b as c} from \"x\"\nimport \"y\" as z", "import { a, b as c } from \"x\"\nimport \"y\" as z"),
      ("on a . b \"n\" where c==1 as {id},e{}", "on a.b \"n\" where c == 1 as {id}, e {}"),
      ("every 15m,zone:\"x\"{}\nevery 1h \"n\" { f() }", "every 15m, zone: \"x\" {}\nevery 1h \"n\" { f() }"),
      ("x = step \"a {{ b }}\",retries:3{wait 2d}", "x = step \"a {{ b }}\", retries: 3 { wait 2d }"),
      ("try{throw x}catch e{1}finally{2}", "try { throw x } catch e { 1 } finally { 2 }"),
      ("f=x=>({a:x}) ; g=(a,b)=>{a}", "f = x => ({a: x})\ng = (a, b) => { a }"),
      ("export var x=-1;x??=2", "export var x = -1\nx ??= 2"),
      ("if let {a}=f(){return}", "if let {a} = f() { return }"),
      ("while true{break}", "while true { break }"),
      ("#!/usr/bin/env ics\nx", "#!/usr/bin/env ics\nx"),
    ])
  func oneLine(text: String, expected: String) {
    #expect(format(text) == expected + "\n")
  }

  @Test(
    "several lines",
    arguments: [
      ("f({\na:1,b:2})", "f({\n  a: 1,\n  b: 2,\n})\n"),
      ("xs.map(x=>{a\nb})", "xs.map(x => {\n  a\n  b\n})\n"),
      ("p(xs, n => {\na\n}, limit: 2)", "p(xs, n => {\n  a\n}, limit: 2)\n"),
      ("a\n.b()\n.c.d()", "a\n  .b()\n  .c.d()\n"),
      ("let x = a+\nb*c", "let x = a +\n  b * c\n"),
      ("match v{\n1=>2,\n_=>{3\n4},}", "match v {\n  1 => 2\n  _ => {\n    3\n    4\n  }\n}\n"),
      ("\n\n\na\n\n\n\nb\n\n", "a\n\nb\n"),
      ("fn f() {\n\n a\n\n\n b\n\n}", "fn f() {\n  a\n\n  b\n}\n"),
      ("if a {\n1 } else { 2 }", "if a {\n  1\n} else {\n  2\n}\n"),
      ("x = \"\"\"\n    a {{ b }}\n  c\n  \"\"\"", "x = \"\"\"\n    a {{ b }}\n  c\n  \"\"\"\n"),
      ("xs\nwhere a==1", "xs\n  where a == 1\n"),
    ])
  func severalLines(text: String, expected: String) {
    #expect(format(text) == expected)
  }

  @Test(
    "comments stay where they are",
    arguments: [
      ("// a\n\n/// b\nfn f(){} // c\n// d", "// a\n\n/// b\nfn f() {} // c\n// d\n"),
      ("if a {\n// b\n}", "if a {\n  // b\n}\n"),
      ("if a {\nb // c\n\n\n// d\n}", "if a {\n  b // c\n\n  // d\n}\n"),
      ("f(/* a */ 1, // b\n2)", "f(\n  /* a */ 1, // b\n  2,\n)\n"),
      ("x = [ // a\n1, // b\n// c\n2 // d\n// e\n]", "x = [ // a\n  1, // b\n  // c\n  2, // d\n  // e\n]\n"),
      ("a; // b\nc", "a // b\nc\n"),
      ("let x = // a\n1", "let x = // a\n1\n"),
      ("/* a\n b */ x", "/* a\n b */ x\n"),
      ("match v {\n1 => 2 // a\n// b\n2 => 3\n// c\n}", "match v {\n  1 => 2 // a\n  // b\n  2 => 3\n  // c\n}\n"),
      ("// only", "// only\n"),
      ("", ""),
      ("x = {\n // a\n}", "x = {\n  // a\n}\n"),
      ("a\n// b\n.c()", "a\n  // b\n  .c()\n"),
    ])
  func comments(text: String, expected: String) {
    #expect(format(text) == expected)
  }

  @Test("lines are at most 100 columns long where breaking helps")
  func width() {
    let call = "call(" + (1...12).map { "argument\($0): \($0)" }.joined(separator: ", ") + ")"
    let chain = "value" + String(repeating: ".method_with_a_name(1)", count: 6)
    let sum = (1...15).map { "operand\($0)" }.joined(separator: " + ")
    let text = format("let a = \(call)\nlet b = \(chain)\nlet c = \(sum)\nfn long(a) { \(call) }")
    #expect(!text.hasPrefix("<"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(text.contains("  .method_with_a_name(1)\n"))
    #expect(text.contains("let c = operand1 +\n  operand2 +\n"))
  }

  @Test("a tree with errors is not formatted")
  func withErrors() {
    #expect(SyntaxFormatter.format(parse("let = 1")) == nil)
  }

  @Test(
    "no program and no comment changes, and formatting twice changes nothing", arguments: 0..<8 as Range<UInt64>)
  func random(seed: UInt64) {
    var generator = ProgramGenerator(seed: seed)
    for _ in 0..<generatedCount / 8 {
      let text = generator.program()
      if let complaint = complaint(about: text) { Issue.record("\(complaint)\n--- from\n\(text)") }
    }
  }

  @Test("so it is with every script of the repository")
  func everyScript() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var count = 0
    for folder in ["stdlib", "scripts", "Tests", "Sources"] {
      let files = try #require(
        FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil))
      for case let file as URL in files where file.pathExtension == "ics" {
        let text = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        // Scripts with errors are not formatted at all.
        guard errors(text).isEmpty else { continue }
        count += 1
        if let complaint = complaint(about: text) { Issue.record("\(file.path): \(complaint)") }
      }
    }
    #expect(count > 100)
  }

  /// How many programs are generated: 10,000 by ICS_FORMAT_PROGRAMS=10000.
  private var generatedCount: Int {
    ProcessInfo.processInfo.environment["ICS_FORMAT_PROGRAMS"].flatMap { Int($0) } ?? 480
  }

  /// What is wrong with how a text is formatted; nil when all is well. Trees and comments are compared by means of their
  /// own, not by the formatter's.
  private func complaint(about text: String) -> String? {
    let formatted = format(text)
    if formatted.hasPrefix("<") { return formatted }
    if TreeDump.of(formatted) != TreeDump.of(text) { return "another tree:\n\(formatted)" }
    let (before, after) = (comments(of: text), comments(of: formatted))
    return before == after ? nil : "comments \(before) became \(after):\n\(formatted)"
  }

  /// The comments of a text in order, without the blanks at the ends of their lines.
  private func comments(of text: String) -> [String] {
    let tree = parse(text)
    let bytes = tree.source.bytes
    var found: [String] = []
    var start = 0
    for token in tree.tokens {
      var gap = String(decoding: bytes[start..<max(start, Int(token.start))], as: UTF8.self)[...]
      start = Int(token.end)
      // Between tokens there is nothing but blanks, line breaks and comments.
      while let slash = gap.firstIndex(of: "/") {
        gap = gap[slash...]
        let end = gap.hasPrefix("//") ? gap.firstIndex(where: \.isNewline) ?? gap.endIndex : endOfBlock(gap)
        found.append(String(gap[..<end]).split(separator: "\n").map { trimmedEnd($0) }.joined(separator: "\n"))
        gap = gap[end...]
      }
    }
    return found
  }

  private func endOfBlock(_ text: Substring) -> String.Index {
    var depth = 0
    var rest = text
    repeat {
      if rest.hasPrefix("/*") {
        depth += 1
      } else if rest.hasPrefix("*/") {
        depth -= 1
      } else {
        rest = rest.dropFirst()
        continue
      }
      rest = rest.dropFirst(2)
    } while depth > 0 && !rest.isEmpty
    return rest.startIndex
  }

  private func trimmedEnd(_ line: Substring) -> String {
    var line = line
    while line.last?.isWhitespace == true { line.removeLast() }
    return String(line)
  }
}
