// Patterns: what `regex(...)` takes, as a tree.

/// A pattern that is not one, or that asks for what a linear-time automaton cannot do.
struct RegexError: Error, Equatable {
  /// What is wrong, in the pattern's own words.
  var message: String
  /// Where, in scalars from the pattern's start; nil when it concerns the whole.
  var position: Int?

  static let tooLarge = RegexError(message: "the pattern is too large", position: nil)
}

/// A part of a pattern.
///
/// INVARIANT: at most `RegexParser.maximumDepth` levels deep, so that recursion over it is safe.
indirect enum RegexNode {
  case empty
  /// One scalar of a set.
  case one(ScalarSet)
  case sequence([RegexNode])
  /// The first that fits wins.
  case alternatives([RegexNode])
  case repeated(RegexNode, minimum: Int, maximum: Int?, isLazy: Bool)
  case group(RegexNode, number: Int)
  case assertion(RegexAssertion)
}

/// A condition on a place between two scalars.
enum RegexAssertion: UInt8 {
  case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
}

/// A parsed pattern.
struct RegexPattern {
  var root: RegexNode
  /// How many groups capture.
  var groupCount: Int
  /// The names of groups, with their numbers, in order.
  var groupNames: [(name: String, number: Int)]
}

/// Reads a pattern. The syntax is JavaScript's, as far as it can be matched in linear time, with `(?ims)` and
/// `(?P<name>...)` besides.
struct RegexParser {
  static let maximumDepth = 100
  static let maximumGroups = 100
  static let maximumLength = 10_000
  /// The largest count in `{}`.
  static let maximumCount = 10_000

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private var groupCount = 0
  private var groupNames: [(name: String, number: Int)] = []
  private var flags = Flags()

  private struct Flags {
    var ignoresCase = false
    var isMultiline = false
    var dotTakesNewline = false
  }

  static func parse(_ pattern: String) throws(RegexError) -> RegexPattern {
    guard pattern.utf8.count <= maximumLength else { throw .tooLarge }
    var parser = RegexParser(scalars: Array(pattern.unicodeScalars))
    let root = try parser.alternatives()
    if parser.position < parser.scalars.count { throw parser.error("')' closes nothing", at: parser.position) }
    return RegexPattern(root: root, groupCount: parser.groupCount, groupNames: parser.groupNames)
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private func peek(_ offset: Int) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset] : nil
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars.count - position >= wanted.count, scalars[position..<position + wanted.count].elementsEqual(wanted)
    else { return false }
    position += wanted.count
    return true
  }

  private func error(_ message: String, at position: Int) -> RegexError {
    RegexError(message: message, position: position)
  }

  private func unsupported(_ construct: String, at position: Int) -> RegexError {
    error("\(construct) is not supported, because it cannot be matched in linear time", at: position)
  }

  // MARK: Structure

  private mutating func alternatives() throws(RegexError) -> RegexNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw .tooLarge }
    // Flags that a group sets end with it.
    let outer = flags
    defer { flags = outer }
    var all = [try sequence()]
    while take("|") { all.append(try sequence()) }
    return all.count == 1 ? all[0] : .alternatives(all)
  }

  private mutating func sequence() throws(RegexError) -> RegexNode {
    var items: [RegexNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let start = position
      guard let atom = try atom() else { continue }
      items.append(try quantified(atom, from: start))
    }
    return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
  }

  /// A part with the quantifiers behind it.
  private mutating func quantified(_ atom: RegexNode, from start: Int) throws(RegexError) -> RegexNode {
    var node = atom
    var levels = 0
    while let (minimum, maximum) = try quantifier() {
      let sign = position
      let isLazy = take("?")
      if next == "+" { throw unsupported("the possessive quantifier '+'", at: position) }
      if next == "*" || next == "?" { throw error("'\(scalars[position])' repeats nothing", at: position) }
      if let maximum, maximum < minimum { throw error("the repetition's bounds are reversed", at: sign - 1) }
      levels += 1
      guard depth + levels <= Self.maximumDepth else { throw .tooLarge }
      node = .repeated(node, minimum: minimum, maximum: maximum, isLazy: isLazy)
    }
    if levels > 0, case .assertion = atom { throw error("a repetition needs something to repeat", at: start) }
    return node
  }

  private mutating func quantifier() throws(RegexError) -> (Int, Int?)? {
    switch next {
    case "*":
      position += 1
      return (0, nil)
    case "+":
      position += 1
      return (1, nil)
    case "?":
      position += 1
      return (0, 1)
    case "{": return try countedQuantifier()
    default: return nil
    }
  }

  /// `{2}`, `{2,}` or `{2,5}`; any other `{` stands for itself, as in JavaScript.
  private mutating func countedQuantifier() throws(RegexError) -> (Int, Int?)? {
    let start = position
    position += 1
    guard let minimum = try count() else {
      position = start
      return nil
    }
    if take("}") { return (minimum, minimum) }
    if take(",") {
      if take("}") { return (minimum, nil) }
      if let maximum = try count(), take("}") { return (minimum, maximum) }
    }
    position = start
    return nil
  }

  private mutating func count() throws(RegexError) -> Int? {
    let start = position
    var value = 0
    while let digit = next, ("0"..."9").contains(digit) {
      value = value * 10 + Int(digit.value - 48)
      guard value <= Self.maximumCount else { throw .tooLarge }
      position += 1
    }
    return position > start ? value : nil
  }

  // MARK: Atoms

  /// One atom; nil for what only sets flags.
  private mutating func atom() throws(RegexError) -> RegexNode? {
    let start = position
    guard let scalar = next else { return nil }
    position += 1
    switch scalar {
    case ".":
      return .one(flags.dotTakesNewline ? .all : ScalarSet(["\n"]).inverted)
    case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case "(": return try group(from: start)
    case "[": return .one(try bracket(from: start))
    case "\\": return try escape(from: start)
    case "*", "+", "?": throw error("'\(scalar)' repeats nothing", at: start)
    case "{":
      position = start
      if try countedQuantifier() != nil { throw error("'{' repeats nothing", at: start) }
      position = start + 1
      return literal(scalar)
    default: return literal(scalar)
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> RegexNode {
    let set = ScalarSet([scalar])
    return .one(flags.ignoresCase ? set.ignoringCase : set)
  }

  private mutating func group(from start: Int) throws(RegexError) -> RegexNode? {
    guard take("?") else { return try capture(from: start) }
    if take(":") { return try closed(from: start) }
    if take("=") || take("!") { throw unsupported("look-ahead", at: start) }
    if take("<=") || take("<!") { throw unsupported("look-behind", at: start) }
    if take(">") { throw unsupported("an atomic group", at: start) }
    if take("(") { throw unsupported("a conditional group", at: start) }
    if take("P=") { throw unsupported("the back-reference '(?P=...)'", at: start) }
    if take("P<") || take("<") {
      let name = try groupName(from: start)
      return try capture(from: start, name: name)
    }
    return try flagGroup(from: start)
  }

  private mutating func capture(from start: Int, name: String? = nil) throws(RegexError) -> RegexNode {
    groupCount += 1
    guard groupCount <= Self.maximumGroups else { throw .tooLarge }
    let number = groupCount
    if let name {
      if groupNames.contains(where: { $0.name == name }) {
        throw error("there are two groups named '\(name)'", at: start)
      }
      groupNames.append((name, number))
    }
    return .group(try closed(from: start), number: number)
  }

  private mutating func closed(from start: Int) throws(RegexError) -> RegexNode {
    let node = try alternatives()
    guard take(")") else { throw error("'(' is not closed", at: start) }
    return node
  }

  private mutating func groupName(from start: Int) throws(RegexError) -> String {
    var name = String.UnicodeScalarView()
    while let scalar = next, scalar != ">" {
      guard scalar == "_" || scalar.properties.isAlphabetic || (!name.isEmpty && ("0"..."9").contains(scalar)) else {
        throw error("a group's name is made of letters, digits and '_'", at: position)
      }
      name.append(scalar)
      position += 1
    }
    guard !name.isEmpty, take(">") else { throw error("a group's name ends with '>'", at: start) }
    return String(name)
  }

  /// `(?i)` for the rest of the group around it, `(?i:...)` for a group of its own.
  private mutating func flagGroup(from start: Int) throws(RegexError) -> RegexNode? {
    let outer = flags
    var isOn = true
    while let scalar = next, scalar != ")", scalar != ":" {
      switch scalar {
      case "i": flags.ignoresCase = isOn
      case "m": flags.isMultiline = isOn
      case "s": flags.dotTakesNewline = isOn
      case "-" where isOn: isOn = false
      default: throw error("'(?\(scalar)' is not supported; the flags are i, m and s", at: start)
      }
      position += 1
    }
    if take(")") { return nil }
    guard take(":") else { throw error("'(' is not closed", at: start) }
    let node = try closed(from: start)
    flags = outer
    return node
  }

  // MARK: Escapes

  private mutating func escape(from start: Int) throws(RegexError) -> RegexNode {
    guard let scalar = next else { throw error("'\\' escapes nothing", at: start) }
    switch scalar {
    case "b", "B":
      position += 1
      return .assertion(scalar == "b" ? .wordBoundary : .noWordBoundary)
    case "A", "z":
      position += 1
      return .assertion(scalar == "A" ? .textStart : .textEnd)
    case "1"..."9": throw unsupported("the back-reference '\\\(scalar)'", at: start)
    case "k": throw unsupported("the back-reference '\\k'", at: start)
    default:
      if let set = classEscape() { return .one(set) }
      return literal(try scalarEscape(from: start))
    }
  }

  /// `\d` and its like. They are ASCII, so that a digit is something that `int` can read.
  private mutating func classEscape() -> ScalarSet? {
    let set: ScalarSet
    switch next {
    case "d": set = .digits
    case "D": set = ScalarSet.digits.inverted
    case "w": set = .word
    case "W": set = ScalarSet.word.inverted
    case "s": set = .space
    case "S": set = ScalarSet.space.inverted
    default: return nil
    }
    position += 1
    return set
  }

  private mutating func scalarEscape(from start: Int) throws(RegexError) -> Unicode.Scalar {
    guard let scalar = next else { throw error("'\\' escapes nothing", at: start) }
    position += 1
    switch scalar {
    case "t": return "\t"
    case "n": return "\n"
    case "r": return "\r"
    case "f": return "\u{C}"
    case "v": return "\u{B}"
    case "0": return "\0"
    case "x": return try hexEscape(digits: 2, from: start)
    case "u": return next == "{" ? try bracedEscape(from: start) : try hexEscape(digits: 4, from: start)
    case "p", "P": throw error("the Unicode property '\\\(scalar)' is not supported", at: start)
    default:
      let isName = scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      if isName { throw error("'\\\(scalar)' is not an escape", at: start) }
      return scalar
    }
  }

  private mutating func hexEscape(digits: Int, from start: Int) throws(RegexError) -> Unicode.Scalar {
    var value: UInt32 = 0
    for _ in 0..<digits { value = value << 4 | (try hexDigit(from: start)) }
    guard let scalar = Unicode.Scalar(value) else { throw error("this escape is no Unicode scalar", at: start) }
    return scalar
  }

  private mutating func bracedEscape(from start: Int) throws(RegexError) -> Unicode.Scalar {
    position += 1
    var value: UInt32 = 0
    repeat {
      value = value << 4 | (try hexDigit(from: start))
      guard value <= 0x10FFFF else { throw error("this escape is no Unicode scalar", at: start) }
    } while next != "}"
    position += 1
    guard let scalar = Unicode.Scalar(value) else { throw error("this escape is no Unicode scalar", at: start) }
    return scalar
  }

  private mutating func hexDigit(from start: Int) throws(RegexError) -> UInt32 {
    guard let scalar = next, scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
      throw error("this escape takes hexadecimal digits", at: start)
    }
    position += 1
    return UInt32(digit)
  }

  // MARK: Bracketed classes

  private mutating func bracket(from start: Int) throws(RegexError) -> ScalarSet {
    let isInverted = take("^")
    var set = ScalarSet()
    var isFirst = true
    while true {
      guard let scalar = next else { throw error("'[' is not closed", at: start) }
      // `[]a]` holds a bracket, as in POSIX: JavaScript's empty class is of no use.
      if scalar == "]", !isFirst { break }
      isFirst = false
      if take("[:") {
        set.formUnion(try namedClass())
        continue
      }
      let itemStart = position
      guard let low = try classItem(into: &set) else { continue }
      guard next == "-", let after = peek(1), after != "]" else {
        set.insert(low...low)
        continue
      }
      position += 1
      guard let high = try classItem(into: &set) else { throw error("a range ends with one character", at: itemStart) }
      guard low <= high else { throw error("the range is reversed", at: itemStart) }
      set.insert(low...high)
    }
    position += 1
    set.normalize()
    if flags.ignoresCase { set = set.ignoringCase }
    return isInverted ? set.inverted : set
  }

  /// One scalar of a class; nil when a whole class (`\d`) was added instead.
  private mutating func classItem(into set: inout ScalarSet) throws(RegexError) -> UInt32? {
    let start = position
    guard let scalar = next else { throw error("'[' is not closed", at: start) }
    position += 1
    guard scalar == "\\" else { return scalar.value }
    if let escaped = classEscape() {
      set.formUnion(escaped)
      return nil
    }
    if take("b") { return 8 }
    return try scalarEscape(from: start).value
  }

  /// `[:alpha:]` and its like, inside brackets.
  private mutating func namedClass() throws(RegexError) -> ScalarSet {
    let start = position
    for (name, set) in ScalarSet.named where take(name + ":]") { return set }
    throw error("this class is not known; there are [:alpha:], [:digit:], [:alnum:], [:upper:], ...", at: start - 2)
  }
}
