import ICSCompiler
import ICSDiagnostics
import ICSVM
import Testing

/// Modules from a dictionary.
private struct Files: ModuleLoader {
  var files: [String: String]

  func load(_ path: String, from importer: String?) throws(ModuleError) -> (canonicalPath: String, source: SourceFile) {
    if path.hasPrefix("..") { throw .outsideRoot }
    guard let text = files[path] else { throw .notFound }
    return ("/\(path)", SourceFile(name: path, text: text))
  }
}

private func compile(_ files: [String: String]) -> CompileResult {
  Compiler(prelude: PreludeNames(TestLibrary.names), loader: Files(files: files))
    .compile(SourceFile(name: "main", text: files["main"] ?? ""), path: "/main")
}

private func run(_ files: [String: String]) -> String {
  let result = compile(files)
  guard let unit = result.unit else { return errors(result) }
  return TestMachine().run(unit).text
}

@Suite struct ModuleTests {
  @Test("a module runs once, before its importer, and its exports are seen live")
  func modules() {
    #expect(
      run([
        "main": "import \"a\" as a\nimport {n, bump as b} from \"b\"\nb()\nprint(n, a.twice(4), a.m)\na",
        "a":
          "import {bump} from \"b\"\nbump()\nexport fn twice(x) { dbl(x) }\nfn dbl(x) { x * 2 }\nexport let m = 3",
        "b": "print(\"b\")\nexport var n = 0\nexport fn bump() { n += 1 }",
      ]) == "b\n2 8 3\n{twice: <function twice>, m: 3}")
  }

  @Test(
    "what is wrong with imports is said before anything runs",
    arguments: [
      (["main": "import \"x\" as x"], "1: E_IMPORT cannot find the module 'x'"),
      (
        ["main": "import \"../x\" as x"],
        "1: E_IMPORT the module '../x' lies outside the folder that scripts may import from"
      ),
      (["main": "import {halp} from \"a\"", "a": "export let help = 1"], "1: E_IMPORT 'a' does not export 'halp'"),
      (["main": "import \"a\" as a\na.halp()", "a": "export let help = 1"], "2: E_IMPORT 'a' does not export 'halp'"),
      (["main": "import \"main\" as m"], "1: E_IMPORT_CYCLE this file imports itself: main → main"),
      (
        ["main": "import \"a\" as a", "a": "import \"b\" as b", "b": "\nimport \"a\" as a"],
        "2: E_IMPORT_CYCLE these files import each other: a → b → a"
      ),
      (
        ["main": "import \"a\" as a\na.x = 1", "a": "export var x = 1"],
        "2: E_ASSIGN_LET cannot assign to 'x': only its own file can change what it exports"
      ),
      (
        ["main": "import {x} from \"a\"\nx = 1", "a": "export var x = 1"],
        "2: E_ASSIGN_LET cannot assign to 'x': it is imported, and only its own file can change it"
      ),
      (
        ["main": "import {x} from \"a\"\nx + y", "a": "export let x = z"],
        "1: E_UNKNOWN_NAME nothing here is called 'z'\n2: E_UNKNOWN_NAME nothing here is called 'y'"
      ),
      (["main": "import {x} from \"a\"\nx + y", "a": "export let x = ("], "1: E_SYNTAX"),
    ])
  func wrongImports(_ files: [String: String], _ expected: String) {
    #expect(errors(compile(files)).hasPrefix(expected))
  }

  @Test("near names are offered for exports")
  func suggestion() {
    let result = compile(["main": "import {halp} from \"a\"\nhalp", "a": "export let help = 1"])
    #expect(result.diagnostics.first?.help == "did you mean 'help'?")
  }
}

@Suite struct ReplTests {
  /// Runs entries in one session; the results, one after the other.
  private func session(_ entries: [String], files: [String: String] = [:]) -> [String] {
    let machine = TestMachine()
    let compiler = Compiler(prelude: machine.library.names, loader: Files(files: files))
    var scope = ReplScope()
    return entries.map { entry in
      let result = compiler.compile(SourceFile(name: "<prompt>", text: entry), mode: .repl(scope))
      guard let unit = result.unit, let next = result.scope else { return errors(result) }
      scope = next
      return machine.run(unit).text
    }
  }

  @Test("entries see the names of earlier ones, and may declare them anew")
  func names() {
    #expect(
      session([
        "var x = 1", "fn f() { x }", "x += 4", "f()", "let x = \"new\"", "[x, f()]", "x = 1", "unknown",
        "let [p, {q}] = [1, {q: 2}]", "p + q",
      ]) == [
        "null", "null", "null", "5", "null", "[\"new\", 5]",
        "1: E_ASSIGN_LET cannot assign to 'x': it was bound with let",
        "1: E_UNKNOWN_NAME nothing here is called 'unknown'", "null", "3",
      ])
  }

  @Test("modules are loaded once in a session")
  func modules() {
    let files = ["a": "print(\"loaded\")\nexport var n = 1\nexport fn up() { n += 1 }"]
    #expect(
      session(
        ["import \"a\" as a", "a.up()", "a.n", "import {n, up} from \"a\"", "up()\nn", "a.nn", "n = 1"], files: files)
        == [
          "loaded\nnull", "null", "2", "null", "3", "1: E_IMPORT 'a' does not export 'nn'",
          "1: E_ASSIGN_LET cannot assign to 'n': it is imported, and only its own file can change it",
        ])
  }

  @Test("a name whose declaration failed is there without a value")
  func failedEntry() {
    #expect(session(["let x = error(\"no\")", "x"]).map { $0.prefix(9) } == ["E_ERROR: ", "E_UNINITI"])
  }

  @Test("an entry that ends too early says so")
  func incomplete() {
    let compiler = Compiler(prelude: PreludeNames([]))
    #expect(compiler.compile(SourceFile(name: "p", text: "fn f() {"), mode: .repl(ReplScope())).isIncomplete)
  }
}

@Suite struct HookTests {
  @Test("hooks are registered with topic, name and predicate")
  func hooks() {
    let machine = TestMachine()
    let script = """
      let v = 5
      on contact.created "welcome" where role == "lead" && age > v as {name}, event { print(name) }
      on request "/signups" as req { req }
      on "conversation.*" { 1 }
      every 15m, zone: "utc" "report" { 2 }
      """
    let result = Compiler(prelude: machine.library.names).compile(SourceFile(name: "test.ics", text: script))
    guard let unit = result.unit else {
      Issue.record("\(errors(result))")
      return
    }
    #expect(machine.run(unit).text == "null")
    #expect(
      machine.library.hooks == [
        "contact.created welcome <function where>", "request /signups null null", "conversation.* null null",
        "900 report {zone: \"utc\"}",
      ])
  }

  @Test("a condition is described for searches")
  func description() {
    let prelude = PreludeNames(["__where"])
    let result = Compiler(prelude: prelude).compile(
      SourceFile(
        name: "test.ics",
        text: "fn f(c) { c where a == 1 && b.c $= \"x\" && !(it.d in [2] || e != 3) }"))
    let text = result.unit?.programs.last?.disassembly(ofPrototype: 1) ?? errors(result)
    for part in ["\"and\"", "\"or\"", "\"not\"", "\"b.c\"", "\"$=\"", "\"d\"", "\"in\"", "call r1 3"] {
      #expect(text.contains(part))
    }
  }
}

@Suite struct SiteTests {
  private func site(_ text: String) -> String {
    let machine = TestMachine()
    let source = SourceFile(name: "test.ics", text: text)
    guard let unit = Compiler(prelude: machine.library.names).compile(source).unit,
      let diagnostic = machine.run(unit).diagnostic
    else { return "no error" }
    return "\(diagnostic.code) \(source.text(in: diagnostic.span))"
  }

  @Test(
    "errors point at what raised them",
    arguments: [
      ("let o = {a: null}\nprint(o.a.email)", "E_NULL email"), ("1 + 2 + \"x\"", "E_TYPE 1 + 2 + \"x\""),
      ("let f = 5\nf(1)", "E_TYPE f(1)"), ("fn f(a) { a }\nf()", "E_ARGUMENTS f()"), ("[1][3]", "E_INDEX [1][3]"),
      ("for x in 5 { 1 }", "E_TYPE 5"), ("let xs = [1]\nfor x in xs { xs.push(x) }", "E_MUTATED for"),
      ("let m = {a: 1}\nm.a += \"x\"", "E_TYPE m.a += \"x\""), ("let [a] = []", "E_MATCH [a]"),
      ("match 5 { 1 => 2 }", "E_MATCH 5"), ("throw 3", "E_THROWN throw 3"),
    ])
  func places(_ script: String, _ expected: String) { #expect(site(script) == expected) }
}
