// Program text that knows its parts, so that a program on which two implementations differ can be made smaller.

/// What a generated expression gives.
enum Kind: CaseIterable {
  case int, float, bool, string, ints, strings, record, records, counts

  /// The simplest expression of the kind.
  var simplest: String {
    switch self {
    case .int: "1"
    case .float: "0.5"
    case .bool: "true"
    case .string: "\"s\""
    case .ints: "[2, 1]"
    case .strings: "[\"b\", \"a\"]"
    case .record: "({id: 1})"
    case .records: "[{id: 1}]"
    case .counts: "({a: 1})"
    }
  }
}

/// A piece of program text. Written as a string literal with other pieces in it: `"\(a) + \(b)"`.
struct Code: ExpressibleByStringInterpolation {
  enum Part {
    case text(String)
    case code(Code)
    /// Statements, each of which may be left out.
    case statements([Code])
  }

  var parts: [Part]
  /// For expressions.
  var kind: Kind?

  init(_ parts: [Part], kind: Kind? = nil) {
    self.parts = parts
    self.kind = kind
  }

  init(stringLiteral text: String) { self.init([.text(text)]) }

  init(stringInterpolation: StringInterpolation) { self.init(stringInterpolation.parts) }

  /// The program's text.
  var text: String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .code(let code): code.text
      case .statements(let statements): statements.map { $0.text + "\n" }.joined()
      }
    }.joined()
  }

  struct StringInterpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    init(literalCapacity: Int, interpolationCount: Int) {}
    mutating func appendLiteral(_ text: String) { parts.append(.text(text)) }
    mutating func appendInterpolation(_ code: Code) { parts.append(.code(code)) }
    mutating func appendInterpolation(_ text: String) { parts.append(.text(text)) }
    mutating func appendInterpolation(_ int: Int) { parts.append(.text("\(int)")) }
    mutating func appendInterpolation(_ statements: [Code]) { parts.append(.statements(statements)) }
  }
}

extension Code {
  /// The code with one thing less, the largest steps first. Not all of them are programs.
  var reductions: [Code] {
    var result: [Code] = []
    for (index, part) in parts.enumerated() {
      switch part {
      case .text: break
      case .statements(let statements):
        result += Self.shorter(statements).map { replacing(index, with: .statements($0)) }
        for (place, statement) in statements.enumerated() {
          // What is in a statement's blocks may stand in its place.
          for inner in statement.blocks {
            result.append(
              replacing(index, with: .statements(statements[..<place] + inner + statements[(place + 1)...])))
          }
          result += statement.reductions.map {
            replacing(index, with: .statements(statements[..<place] + [$0] + statements[(place + 1)...]))
          }
        }
      case .code(let code):
        if let kind = code.kind {
          if code.text != kind.simplest {
            result.append(replacing(index, with: .code(Code([.text(kind.simplest)], kind: kind))))
          }
          result += code.expressions(of: kind).map { replacing(index, with: .code($0)) }
        }
        result += code.reductions.map { replacing(index, with: .code($0)) }
      }
    }
    return result
  }

  private func replacing(_ index: Int, with part: Part) -> Code {
    var copy = self
    copy.parts[index] = part
    return copy
  }

  /// Half of the statements left out, then each.
  private static func shorter(_ statements: [Code]) -> [[Code]] {
    guard !statements.isEmpty else { return [] }
    let half = statements.count / 2
    let halves = half > 0 ? [Array(statements[..<half]), Array(statements[half...])] : []
    return halves
      + statements.indices.reversed().map { index in
        var rest = statements
        rest.remove(at: index)
        return rest
      }
  }

  /// The blocks directly in a statement.
  private var blocks: [[Code]] {
    parts.compactMap { if case .statements(let statements) = $0 { statements } else { nil } }
  }

  /// The nearest expressions of a kind inside.
  private func expressions(of kind: Kind) -> [Code] {
    parts.flatMap { part -> [Code] in
      guard case .code(let code) = part else { return [] }
      return code.kind == kind ? [code] : code.expressions(of: kind)
    }
  }

  /// A smallest program, by single reductions, for which `isStillWrong` holds.
  func shrunk(while isStillWrong: (Code) async -> Bool) async -> Code {
    var best = self
    var attempts = 0
    search: while true {
      for candidate in best.reductions {
        attempts += 1
        if attempts > 20_000 { return best }
        if await isStillWrong(candidate) {
          best = candidate
          continue search
        }
      }
      return best
    }
  }
}
