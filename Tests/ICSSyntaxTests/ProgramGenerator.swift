/// Makes random programs without errors, ugly ones with comments and line breaks wherever the grammar allows them.
struct ProgramGenerator {
  private var state: UInt64
  private var depth = 0

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func program() -> String {
    (0..<pick(6) + 1).map { _ in statement() }.joined()
  }

  private mutating func pick(_ count: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(count))
  }

  /// White space where a line break is allowed.
  private mutating func gap() -> String { ["", " ", "", "\n", " // c\n", " /* d */ ", "\n\n", ""][pick(8)] }

  /// White space where none is.
  private mutating func space() -> String { [" ", "  ", " /* e */ "][pick(3)] }

  private mutating func end() -> String { ["\n", ";\n", " // end\n", "\n\n\n", "\n// own\n", "; "][pick(6)] }

  private mutating func block() -> String {
    depth += 1
    defer { depth -= 1 }
    let count = depth > 4 ? 0 : pick(3)
    let body = (0..<count).map { _ in statement() }.joined()
    return "{" + [" ", "\n", "\n// in\n"][pick(3)] + body + "}"
  }

  private mutating func statement() -> String {
    switch pick(depth > 4 ? 3 : 10) {
    case 0: return "let\(space())a = \(expression())" + end()
    case 1: return "x.y \(["=", "+=", "??="][pick(3)])\(gap()) \(expression())" + end()
    case 2: return "print(\(expression()))" + end()
    case 3: return "if \(head()) \(block())\(["", " else \(block())"][pick(2)])" + end()
    case 4: return "for [k, {v}] in \(head()) \(block())" + end()
    case 5: return "fn f(a\(gap()),\(gap())b = \(expression())\(gap()),...r) \(block())" + end()
    case 6: return "match v {\n\(pattern()) => \(expression2())\n\(pattern()) | 2 if a => \(block())\n}" + end()
    case 7: return "try \(block()) catch e \(block())" + end()
    case 8: return "on a.b \"n\" as {c}, d \(block())" + end()
    default: return "return" + ["\n(", " ("][pick(2)] + expression() + ")" + end()
    }
  }

  private mutating func pattern() -> String { ["1", "[_, 2]", "{a: 1}", "-3", "_", "\"s\""][pick(6)] }

  private mutating func head() -> String { "(\(gap())\(expression())\(gap()))" }

  private mutating func expression() -> String {
    depth += 1
    defer { depth -= 1 }
    switch pick(depth > 4 ? 3 : 14) {
    case 0: return ["a", "long_name_of_a_variable", "x1"][pick(3)]
    case 1: return ["1", "2.5", "30s", "-1", "null"][pick(5)]
    case 2: return ["\"s {{ a }}\"", "'raw'", "\"\"\"\n  t {{b}}\n  \"\"\""][pick(3)]
    case 3: return "\(expression2())\(space())\(["+", "*", "&&", "??", "-"][pick(5)])\(gap()) \(expression2())"
    case 4: return "[\(gap())\(expression())\(gap()),\(gap())...\(expression())\(gap()),\(gap())]"
    case 5: return "{\(gap())a:\(gap())\(expression())\(gap()),\(gap())b,\(gap())[k]: \(expression())\(gap())}"
    case 6: return "f(\(gap())\(expression())\(gap()),\(gap())n: \(expression())\(gap()))"
    case 7: return "a\(["", "\n"][pick(2)]).b(\(expression()))\(["", "\n", " // m\n"][pick(3)])?.c().d[\(expression())]"
    case 8: return "x => \(block())"
    case 9: return "(a,\(gap())b) => \(expression2())"
    case 10: return "xs\(["", "\n"][pick(2)]) where a.b == \(expression2()) &&\(gap()) !(c ~ \"x\")"
    case 11: return "!\(expression2())"
    case 12: return "if a \(block()) else \(block())"
    default: return "step \"s\", retries: 2 \(block())"
    }
  }

  /// An operand: in parentheses, so that it may be anything.
  private mutating func expression2() -> String { pick(2) == 0 ? "a" : "(\(gap())\(expression())\(gap()))" }
}
