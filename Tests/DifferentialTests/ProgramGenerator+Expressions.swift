// Expressions of a wanted kind.

extension ProgramGenerator {
  private static let strings = [
    "\"\"", "\"a\"", "\"b\"", "\"ab\"", "\"Hello World\"", "\"né\"", "'raw {{x}}'", "\" x \"", "\"a,b,c\"",
    "\"tab\\tq\\\"\"", "\"😀z\"", "\"12\"",
  ]

  private static let selections = ["filter", "reject", "take_while", "drop_while"]
  private static let copies = ["omit([\"name\"])", "pick([\"name\", \"id\"])", "copy()", "merge({id: 9})"]

  /// An expression that gives a value of a kind; once in a while something else, on purpose.
  mutating func expression(_ kind: Kind, _ depth: Int) -> Code {
    if chance(0.01) { return marked(mistake(kind), kind) }
    if depth <= 0 || chance(0.15) { return marked(leaf(kind), kind) }
    if chance(0.12) { return marked(anyForm(kind, depth - 1), kind) }
    let code: Code
    switch kind {
    case .int: code = int(depth - 1)
    case .float: code = float(depth - 1)
    case .bool: code = bool(depth - 1)
    case .string: code = string(depth - 1)
    case .ints: code = ints(depth - 1)
    case .strings: code = strings(depth - 1)
    case .record: code = record(depth - 1)
    case .records: code = records(depth - 1)
    case .counts: code = counts(depth - 1)
    }
    return marked(code, kind)
  }

  private func marked(_ code: Code, _ kind: Kind) -> Code { Code(code.parts, kind: kind) }

  /// A variable or a literal.
  private mutating func leaf(_ kind: Kind) -> Code {
    let known = variables.filter { $0.kind == kind }
    if !known.isEmpty && chance(0.7) { return "\(pick(known.suffix(6)).name)" }
    switch kind {
    case .int: return "\(pick(["0", "1", "2", "3", "7", "-1", "10", "100", "-5", "0xFF", "1_000"]))"
    case .float: return "\(pick(["0.5", "1.0", "2.5", "-0.25", "1e3", "1e21", "1e-7", "100.0", "0.1", "-0.0"]))"
    case .bool: return "\(pick(["true", "false"]))"
    case .string:
      return "\(pick(Self.strings))"
    case .ints: return "\(pick(["[]", "[1]", "[3, 1, 2]", "[5, 5, -1, 0]", "[1, 2, 3, 4, 5]"]))"
    case .strings: return "\(pick(["[]", "[\"x\"]", "[\"b\", \"a\", \"c\"]", "[\"ant\", \"bee\", \"ape\"]"]))"
    case .record: return "({id: \(number(0...3)), name: \"\(pick(["x", "y", "Ada"]))\"})"
    case .records: return "[{id: 2, name: \"x\"}, {id: 1, name: \"y\", tags: [\"t\"]}]"
    case .counts: return "\(pick(["({})", "({a: 1})", "({b: 2, a: 1})", "({c: 3, \"d e\": 4})"]))"
    }
  }

  /// Something that raises an error, or a value of another kind.
  private mutating func mistake(_ kind: Kind) -> Code {
    switch number(0...11) {
    case 0: return "(1 ~/ 0)"
    case 1: return "(9223372036854775807 + \(expression(.int, 0)))"
    case 2: return "[1, 2][9]"
    case 3: return "null.name"
    case 4: return "(\"a\" + \(expression(.int, 0)))"
    case 5: return "(\(expression(.int, 0)))(1)"
    case 6: return "\(expression(.ints, 0)).nothing"
    case 7: return "\(expression(.counts, 0)).missing.deeper"
    case 8: return "({}[1.5])"
    case 9: return "(x => x)()"
    case 10: return "(\(expression(.string, 0)) < 1)"
    default: return expression(self.kind(), 0)
    }
  }

  /// Forms that give any kind.
  private mutating func anyForm(_ kind: Kind, _ depth: Int) -> Code {
    let calls = functions.filter { $0.result == kind }
    if !calls.isEmpty && chance(0.6) { return call(pick(calls), depth) }
    switch number(0...8) {
    case 0: return "(if \(expression(.bool, depth)) { \(expression(kind, depth)) } else { \(expression(kind, depth)) })"
    case 1: return "(null ?? \(expression(kind, depth)))"
    case 2: return "((() => \(expression(kind, depth)))())"
    case 3: return "(try { \(expression(kind, depth)) } catch { \(expression(kind, 0)) })"
    case 4: return "[\(expression(kind, depth)), \(expression(kind, depth))][\(pick(["0", "1", "-1"]))]"
    case 5: return "({k: \(expression(kind, depth))}).k"
    case 6:
      return "(match \(expression(.int, depth)) { 1 => \(expression(kind, depth)), _ => \(expression(kind, depth)) })"
    case 7:
      let name = newName("q")
      return "((\(name) => \(name))(\(expression(kind, depth))))"
    default: return "(\(expression(.bool, depth)) && \(expression(kind, depth)) || \(expression(kind, depth)))"
    }
  }

  private mutating func call(_ function: Signature, _ depth: Int) -> Code {
    var arguments = function.required.map { expression($0, depth) }
    if chance(0.03), !arguments.isEmpty { arguments.removeLast() }
    for kind in function.optional where chance(0.5) { arguments.append(expression(kind, depth)) }
    if function.hasRest {
      for _ in 0..<number(0...2) { arguments.append(expression(.int, depth)) }
      if chance(0.4) { arguments.append("...\(expression(.ints, depth))") }
    }
    if function.hasOptions {
      if chance(0.5) { arguments.append("scale: \(expression(.int, depth))") }
      if chance(0.5) { arguments.append("label: \(expression(.string, depth))") }
    }
    return "\(function.name)(\(joined(arguments)))"
  }

  /// A function of one parameter, whose body is an expression.
  mutating func lambda(_ parameter: Kind, _ result: Kind, _ depth: Int) -> Code {
    let calls = functions.filter { $0.required == [parameter] && $0.result == result }
    if !calls.isEmpty && chance(0.3) { return "\(pick(calls).name)" }
    return scope { it in
      let name = it.declare(parameter, "x")
      if it.chance(0.2) {
        let index = it.declare(.int, "j")
        return "(\(name), \(index)) => \(it.expression(result, depth))"
      }
      if it.chance(0.1) { return "\(name) => { return \(it.expression(result, depth)) }" }
      return "\(name) => \(it.expression(result, depth))"
    }
  }

  private mutating func int(_ depth: Int) -> Code {
    if chance(0.06) {
      return pick([
        "(\(stream(depth)).first() ?? 0)", "\(stream(depth)).count()",
        "\(stream(depth)).reduce(\(expression(.int, 0)), (a, b) => a + b)",
        "(\(stream(depth)).find(\(lambda(.int, .bool, depth))) ?? -1)",
      ])
    }
    switch number(0...15) {
    case 0...3: return "(\(expression(.int, depth)) \(pick(["+", "-", "*", "+", "-"])) \(expression(.int, depth)))"
    case 4: return "\(expression(.int, depth)) \(pick(["+", "-"])) \(expression(.int, depth)) * \(expression(.int, 0))"
    case 5: return "(\(expression(.int, depth)) \(pick(["~/", "%"])) \(pick(["2", "3", "-4", "7"])))"
    case 6: return "(-\(expression(.int, depth)))"
    case 7: return "\(expression(pick([.string, .ints, .strings, .records]), depth)).length"
    case 8: return "len(\(expression(pick([.counts, .string, .ints, .record]), depth)))"
    case 9: return "(\(expression(.ints, depth)).first ?? \(expression(.int, 0)))"
    case 10: return "(\(expression(.counts, depth)).\(pick(["a", "b", "zz"])) ?? 0)"
    case 11:
      let list = expression(.ints, depth)
      return scope { it in
        let (sum, x) = (it.declare(.int, "s"), it.declare(.int, "x"))
        return "\(list).reduce(\(it.number(0...3)), (\(sum), \(x)) => \(it.expression(.int, depth)))"
      }
    case 12: return "\(expression(.ints, depth)).\(pick(["sum", "count", "sum"]))()"
    case 13: return "(\(expression(.ints, depth)).\(pick(["max()", "min()", "last", "find_index(y => y > 1)"])) ?? 0)"
    case 14: return "int(\(expression(.float, depth)))"
    default: return "(\(expression(.record, depth))?.id ?? \(expression(.int, depth)))"
    }
  }

  private mutating func float(_ depth: Int) -> Code {
    switch number(0...5) {
    case 0...2:
      return
        "(\(expression(.float, depth)) \(pick(["+", "-", "*", "/", "%"])) \(expression(pick([.float, .int]), depth)))"
    case 3: return "(\(expression(.int, depth)) / \(expression(.int, depth)))"
    case 4: return "float(\(expression(.int, depth)))"
    default: return "(-\(expression(.float, depth)))"
    }
  }

  private mutating func bool(_ depth: Int) -> Code {
    switch number(0...14) {
    case 0, 1:
      return "(\(expression(.int, depth)) \(pick(["<", "<=", ">", ">=", "==", "!="])) \(expression(.int, depth)))"
    case 2:
      return "(\(expression(.string, depth)) \(pick(["<", "<=", ">", ">=", "==", "!="])) \(expression(.string, depth)))"
    case 3:
      return "(\(expression(pick([.float, .int]), depth)) \(pick(["<", ">=", "=="])) \(expression(.float, depth)))"
    case 4:
      let kind = kind()
      return "(\(expression(kind, depth)) \(pick(["==", "!="])) \(expression(chance(0.8) ? kind : self.kind(), depth)))"
    case 5: return "(!\(expression(chance(0.8) ? .bool : kind(), depth)))"
    case 6: return "(\(expression(.bool, depth)) \(pick(["&&", "||"])) \(expression(.bool, depth)))"
    case 7: return "(\(expression(.int, depth)) \(pick(["in", "!in"])) \(expression(.ints, depth)))"
    case 8: return "(\(expression(.string, depth)) in \(expression(pick([.string, .counts, .strings]), depth)))"
    case 9: return "(\(expression(.int, depth)) in \(number(-2...2))\(pick(["..<", "..."]))\(number(0...9)))"
    case 10: return "\(expression(.ints, depth)).\(pick(["any", "all"]))(\(lambda(.int, .bool, depth)))"
    case 11:
      return
        "\(expression(.string, depth)).\(pick(["starts_with", "ends_with", "contains"]))(\(expression(.string, 0)))"
    case 12: return "\(expression(.counts, depth)).has(\(expression(.string, depth)))"
    case 13: return "(\(expression(.bool, depth)) == \(expression(.bool, depth)))"
    default: return "\(expression(.strings, depth)).contains(\(expression(.string, depth)))"
    }
  }

  private mutating func string(_ depth: Int) -> Code {
    switch number(0...13) {
    case 0, 1: return "\"<{{\(expression(kind(), depth))}}\(pick(["", " ", "-"])){{\(expression(kind(), depth))}}>\""
    case 2: return "(\(expression(.string, depth)) + \(expression(.string, depth)))"
    case 3: return "\(expression(.string, depth)).\(pick(["upper", "lower", "trim", "trim_start", "trim_end"]))()"
    case 4: return "\(expression(.string, depth)).slice(\(number(-3...3)), \(number(-3...5)))"
    case 5: return "\(expression(.string, depth))[\(number(-3...2))\(pick(["..<", "..."]))\(number(-2...6))]"
    case 6: return "\(expression(.strings, depth)).join(\(expression(.string, 0)))"
    case 7: return "\(expression(.ints, depth)).join(\"-\")"
    case 8: return "str(\(expression(kind(), depth)))"
    case 9: return "\(expression(.string, depth)).replace(\(expression(.string, 0)), \(expression(.string, 0)))"
    case 10:
      return
        "\(expression(.string, depth)).pad_\(pick(["start", "end"]))(\(number(0...8)), \"\(pick([" ", "*", "ab"]))\")"
    case 11: return "\(expression(.string, 0)).repeat(\(number(0...3)))"
    case 12: return "type(\(expression(kind(), depth)))"
    default: return "(\(expression(.strings, depth)).find(\(lambda(.string, .bool, depth))) ?? \"none\")"
    }
  }

  private mutating func ints(_ depth: Int) -> Code {
    switch number(0...19) {
    case 0: return "[\(expression(.int, depth)), \(expression(.int, depth)), ...\(expression(.ints, depth))]"
    case 1, 2: return "\(expression(.ints, depth)).map(\(lambda(.int, .int, depth)))"
    case 3:
      return
        "\(expression(.ints, depth)).\(pick(Self.selections))(\(lambda(.int, .bool, depth)))"
    case 4: return "\(expression(.ints, depth))[\(number(-3...3))\(pick(["..<", "..."]))\(number(-2...6))]"
    case 5: return "(\(expression(.ints, depth)) + \(expression(.ints, depth)))"
    case 6:
      return
        "\(expression(.ints, depth)).\(pick(["sort()", "reverse()", "unique()", "copy()", "sort((a, b) => b - a)"]))"
    case 7: return "\(expression(.ints, depth)).\(pick(["take", "drop"]))(\(number(0...4)))"
    case 8: return "(\(number(-2...3))\(pick(["..<", "..."]))\(number(0...6))).to_list()"
    case 9: return "\(expression(.ints, depth)).flat_map(z => [z, \(expression(.int, depth))])"
    case 10: return "\(expression(.counts, depth)).values()"
    case 11: return "\(expression(.records, depth)).map(({id = 0}) => id)"
    case 12:
      return "\(expression(.ints, depth)).sort_by(\(lambda(.int, .int, depth))\(pick(["", ", descending: true"])))"
    case 13: return "\(expression(.strings, depth)).map(s => s.length)"
    case 14: return "\(expression(.ints, depth)).chunk(\(number(1...3))).map(c => c.sum())"
    case 15: return "[\(expression(.ints, depth)), \(expression(.ints, depth))].flatten()"
    case 16: return "\(expression(.string, depth)).bytes()"
    case 17, 18: return "\(stream(depth)).to_list()"
    default: return "\(expression(.ints, depth)).\(pick(["concat", "zip"]))(\(expression(.ints, depth))).flatten()"
    }
  }

  private mutating func strings(_ depth: Int) -> Code {
    switch number(0...9) {
    case 0: return "[\(expression(.string, depth)), \(expression(.string, depth))]"
    case 1: return "\(expression(.string, depth)).split(\(expression(.string, 0)))"
    case 2: return "\(expression(.string, depth)).\(pick(["chars", "words", "lines"]))()"
    case 3: return "\(expression(.strings, depth)).map(\(lambda(.string, .string, depth)))"
    case 4: return "\(expression(.strings, depth)).\(pick(["sort()", "reverse()", "unique()"]))"
    case 5: return "\(expression(.strings, depth)).filter(\(lambda(.string, .bool, depth)))"
    case 6: return "\(expression(.counts, depth)).keys()"
    case 7: return "\(expression(.ints, depth)).map(\(lambda(.int, .string, depth)))"
    case 8: return "\(expression(.strings, depth)).sort_by(t => [t.length, t])"
    default: return "\(expression(.strings, depth)).unique_by(\(lambda(.string, .string, depth)))"
    }
  }

  private mutating func record(_ depth: Int) -> Code {
    switch number(0...5) {
    case 0:
      return
        "({id: \(expression(.int, depth)), name: \(expression(.string, depth)), tags: \(expression(.strings, depth))})"
    case 1: return "({...\(expression(.record, depth)), id: \(expression(.int, depth))})"
    case 2: return "({id: \(expression(.int, depth)), ...\(expression(.record, depth))})"
    case 3: return "(\(expression(.records, depth)).first ?? \(expression(.record, 0)))"
    case 4:
      return
        "\(expression(.record, depth)).\(pick(Self.copies))"
    default: return "(\(expression(.records, depth)).find(r => r.id == \(expression(.int, depth))) ?? ({id: 0}))"
    }
  }

  private mutating func records(_ depth: Int) -> Code {
    switch number(0...6) {
    case 0: return "[\(expression(.record, depth)), \(expression(.record, depth))]"
    case 1: return "\(expression(.ints, depth)).map(\(lambda(.int, .record, depth)))"
    case 2: return "\(expression(.records, depth)).filter(\(lambda(.record, .bool, depth)))"
    case 3: return "(\(expression(.records, depth)) where \(condition(depth)))"
    case 4: return "\(expression(.records, depth)).sort_by(r => r.id ?? 0\(pick(["", ", descending: true"])))"
    case 5: return "\(expression(.records, depth)).reverse()"
    default: return "\(expression(.records, depth)).map(r => ({...r, extra: \(expression(.int, depth))}))"
    }
  }

  /// A condition of `where` on records.
  private mutating func condition(_ depth: Int) -> Code {
    switch number(0...7) {
    case 0: return "id == \(expression(.int, depth))"
    case 1: return "id \(pick(["<", ">", "<=", ">=", "!="])) \(expression(.int, depth))"
    case 2: return "name \(pick(["~", "!~", "^=", "$="])) \(expression(.string, depth))"
    case 3: return "id \(pick(["in", "!in"])) \(expression(.ints, depth))"
    case 4: return "\(condition(depth)) && \(condition(depth))"
    case 5: return "(\(condition(depth)) || \(condition(depth)))"
    case 6: return "extra == null"
    default: return "!(\(condition(depth)))"
    }
  }

  private mutating func counts(_ depth: Int) -> Code {
    switch number(0...8) {
    case 0: return "({a: \(expression(.int, depth)), \(pick(["b", "\"b c\"", "[\"k\"]"])): \(expression(.int, depth))})"
    case 1: return "({...\(expression(.counts, depth)), b: \(expression(.int, depth))})"
    case 2: return "\(expression(.strings, depth)).count_by(\(lambda(.string, .string, depth)))"
    case 3: return "\(expression(.counts, depth)).map_values(\(lambda(.int, .int, depth)))"
    case 4: return "\(expression(.counts, depth)).filter(\(lambda(.int, .bool, depth)))"
    case 5: return "\(expression(.counts, depth)).merge(\(expression(.counts, depth)))"
    case 6: return "\(expression(.strings, depth)).map(s => [s, s.length]).to_map()"
    case 7: return "\(expression(.counts, depth)).\(pick(["copy()", "omit([\"a\"])", "pick([\"b\", \"a\"])"]))"
    default:
      return "\(expression(.strings, depth)).group_by(\(lambda(.string, .string, depth))).map_values(g => g.length)"
    }
  }
}
