// What people write from the habit of another language, and what ICS says instead.

/// The help for words and signs of other languages that ICS does not have.
///
/// Only errors ask: a script may use any of these words as a name of its own.
package enum BorrowedWords {
  /// What to write instead of a word; nil when it is no such word.
  package static func help(for word: String) -> String? {
    switch word {
    case "const": "write 'let'"
    case "function", "func", "def", "fun", "sub": "write 'fn name(x) { ... }', or (x) => { ... } for one without a name"
    case "elif", "elsif", "elseif": "write 'else if'"
    case "switch", "case", "when": "write 'match value { pattern => ... }'"
    case "foreach": "write 'for x in xs { ... }'"
    case "unless": "write 'if !condition { ... }'"
    case "until", "do", "loop": "write 'while condition { ... }'"
    case "then", "begin", "end": "a body stands in braces: { ... }"
    case "class", "struct", "interface", "enum": "a map holds the fields, and functions take it"
    case "new": "leave out 'new': call the function"
    case "await", "async": "leave it out: a call that has to wait does so by itself"
    case "print", "puts", "echo": "call it: print(...)"
    case "raise": "write 'throw error(\"...\")'"
    case "except", "rescue": "write 'catch'"
    case "and": "write '&&'"
    case "or": "write '||'"
    case "not": "write '!'"
    case "mod": "write '%'"
    case "div": "write '~/', which divides ints and truncates"
    case "is", "typeof", "instanceof": "write type(x) == \"string\""
    case "lambda": "write (x) => ..."
    case "from": "write 'import { name } from \"path\"'"
    case "require", "include", "use", "using": "write 'import \"path\" as name'"
    case "None", "nil", "NULL", "Null", "undefined", "nothing": "write 'null'"
    case "True", "TRUE", "YES": "write 'true'"
    case "False", "FALSE", "NO": "write 'false'"
    case "console": "write print(...), or log.info(...)"
    case "this", "self": "pass the value as a parameter"
    case "process", "sys": "arguments are in 'args', variables in env(\"NAME\")"
    default: nil
    }
  }
}

extension Parser {
  /// The help for what stands at the current token, or for the word before it, which may have led here.
  var borrowedHelp: String? {
    if let sign = borrowedSign { return sign }
    if let help = wordHelp(at: position) { return help }
    guard position > 0 else { return nil }
    // In 'function (x) {' the word stands before the parenthesis.
    let partner = kind(at: position - 1) == .rightParenthesis ? partner(of: position - 1) : nil
    return wordHelp(at: (partner ?? position) - 1)
  }

  private func wordHelp(at index: Int) -> String? {
    guard index >= 0, tokens[index].kind == .identifier else { return nil }
    return BorrowedWords.help(for: source.text(in: span(index)))
  }

  /// The help for two signs that are one in other languages.
  private var borrowedSign: String? {
    let before = position > 0 && tokens[position - 1].end == current.start ? kind(at: position - 1) : .endOfFile
    let after = nextKind != .endOfFile && tokens[position + 1].start == current.end ? nextKind : .endOfFile
    switch (before, kind, after) {
    case (.plus, .plus, _): return "write 'x += 1'"
    case (.minus, .endOfFile, _), (.minus, .semicolon, _), (.minus, .minus, _): return "write 'x -= 1'"
    case (.star, .star, _): return "write math.pow(x, y)"
    case (.less, .greater, _): return "write '!='"
    case (_, .colon, .assign): return "write 'let x = ...' to declare, 'x = ...' to assign"
    case (_, .leftParenthesis, _) where position > 0 && kind(at: position - 1) == .for:
      return BorrowedWords.help(for: "foreach")
    case (_, .minus, .greater): return "the types of values are not written"
    default: return nil
    }
  }
}
