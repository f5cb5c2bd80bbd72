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
    case "delete", "del", "unset": "write m.delete(\"key\")"
    case "day", "days", "hour", "hours", "minute", "minutes", "second", "seconds", "week", "weeks":
      "durations are written 30s, 15m, 2h, 7d, 1w"
    case "sum", "sorted", "reversed", "sort", "enumerate", "zip", "map", "filter", "reduce", "any", "all", "join",
      "split", "replace", "upper", "lower", "keys", "values":
      "it is a method: write x.\(["sorted": "sort", "reversed": "reverse"][word] ?? word)(...)"
    case "process", "sys": "arguments are in 'args', variables in env(\"NAME\")"
    default: nil
    }
  }

  /// What to write instead of a name that other languages have ready. No name of ours is meant by one of these, however
  /// near it looks.
  package static func help(forBuiltIn name: String) -> String? {
    switch name {
    case "Object": "a map has .keys(), .values(), .entries() and .merge(m)"
    case "Array": "write [...]; a list has .length, .map(fn), .push(x)"
    case "Map", "Set", "dict": "write {a: 1} for a map; a list has .unique()"
    case "Date", "DateTime", "datetime": "times are Unix seconds: now(), time.parse(text), time.format(ts, pattern)"
    case "parseInt", "Integer": "write int(text)"
    case "parseFloat", "Number", "Float": "write float(text)"
    case "String", "toString": "write str(x), or put it into a string: \"{{x}}\""
    case "isNaN": "write math.is_nan(x)"
    case "RegExp", "re": "write regex('pattern')"
    case "fetch", "axios", "requests": "write intercom.request(path), or http.get(url) for other services"
    case "setTimeout": "write sleep(seconds), within spawn(() => ...) when nothing shall wait for it"
    case "Promise": "write parallel(items, fn): a call that has to wait does so by itself"
    case "printf", "sprintf": "put values into strings: \"{{x}}\"; format(x, decimals: 2) writes numbers"
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

  private static var pairHelp: String { "write 'for [key, value] in m { ... }', or 'for [i, x] in xs.enumerate()'" }
  private static var mayPrecedeParameter: [TokenKind] { [.leftParenthesis, .comma] }

  /// The help where a body should begin.
  var bodyHelp: String? {
    let isStatement = [.colon, .return, .break, .continue, .throw].contains(kind)
    let hasHead = position > 0 && kind(at: position - 1) == .rightParenthesis
    // After 'if (a)' these go on with the condition; everything else begins the body.
    let goesOn = ["and", "or", "is", "then"].contains(source.text(in: span(position)))
    if isStatement || hasHead && !goesOn && borrowedSign == nil { return "a body stands in braces: { ... }" }
    return nil
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
      let isPair = kind(at: position + 1) == .identifier && kind(at: position + 2) == .comma
      return isPair ? Self.pairHelp : BorrowedWords.help(for: "foreach")
    case (_, .comma, _) where position > 1 && kind(at: position - 2) == .for: return Self.pairHelp
    case (_, .leftParenthesis, _) where position > 0 && kind(at: position - 1) == .catch:
      return "write 'catch e { ... }'"
    case (_, .if, _): return "write 'if condition { a } else { b }'"
    case (_, .slash, _): return "a pattern is a string: regex('...')"
    case (_, .colon, _) where position > 1 && Self.mayPrecedeParameter.contains(kind(at: position - 2)):
      return "the types of values are not written; a default is: name = value"
    case (_, .minus, .greater): return "the types of values are not written"
    default: return nil
    }
  }
}
