// `regex` and what its values can do.

import ICSVM

enum RegexFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "regex", "regex(pattern)",
      """
      A compiled pattern. Write patterns in single quotes, where a backslash is a backslash. There are classes, groups \
      (also named ones, `(?<name>...)`), alternatives, greedy and lazy repetition, `^ $ \\b`, and the flags `(?i)`, \
      `(?m)`, `(?s)`. Matching takes time in proportion to the text; what would break that promise (back-references, \
      look-around) is E_VALUE. `\\d`, `\\w` and `\\s` are ASCII, but for the white space of other alphabets.
      """,
      example: #"""
        let word = regex('(?i)\bhello (\w+)')
        print(word.match("Say Hello Ada").groups)  // expect: ["Ada"]
        """#,
      .native(1...1, make)),
    BuiltIn(
      "regex.test", "regex.test(s)", "Whether the pattern matches anywhere in a text.",
      example: #"""
        print(regex('^\d+$').test("123"), regex('^\d+$').test("12a"))  // expect: true false
        """#,
      .native(1...1, test)),
    BuiltIn(
      "regex.match", "regex.match(s)",
      """
      The first match as `{text, start, groups}`, or null. `start` counts scalars; a group that took no part is null. \
      A pattern with named groups gives `names` as well, a map of their texts.
      """,
      example: #"""
        print(regex('(\d+)-(\d+)').match("from 3-14"))  // expect: {text: "3-14", start: 5, groups: ["3", "14"]}
        print(regex('(?<year>\d{4})').match("in 2024").names.year)  // expect: 2024
        """#,
      .native(1...1, match)),
    BuiltIn(
      "regex.find_all", "regex.find_all(s)", "All matches that do not overlap, each as `match` gives it.",
      example: #"""
        print(regex('\d+').find_all("1, 22 and 333").map(m => m.text))  // expect: ["1", "22", "333"]
        """#,
      .native(1...1, findAll)),
    BuiltIn(
      "regex.replace", "regex.replace(s, with)",
      "The text with every match replaced. In `with`, `$1` is the first group, `$0` the match, `${name}` a named group and "
        + "`$$` a dollar sign.",
      example: #"""
        print(regex('(\w+)@(\w+)').replace("ada@acme", '$2: $1'))  // expect: acme: ada
        """#,
      .native(2...2, replace)),
  ]

  private static func make(_ call: Call) throws(Raised) -> Value {
    let pattern = try call.text(0)
    let kit = RegexKit.of(call)
    _ = try kit.regex(for: pattern, call)
    return call.machine.value(of: RegexValue(pattern: pattern, kit: kit))
  }

  private static func test(_ call: Call) throws(Raised) -> Value {
    try search(call) { (regex, text, work) throws(RegexWork.Exceeded) in
      .bool(try regex.matches(text, work: &work))
    }
  }

  private static func match(_ call: Call) throws(Raised) -> Value {
    try search(call) { (regex, text, work) throws(RegexWork.Exceeded) in
      guard let range = try regex.firstMatch(in: text, from: 0, work: &work) else { return .null }
      let start = text.baseAddress.map { countScalars($0, range.lowerBound) } ?? 0
      return try describe(range, start: start, regex, text, call.vm, &work)
    }
  }

  private static func findAll(_ call: Call) throws(Raised) -> Value {
    let list = call.vm.newList(capacity: 4)
    var isTooLarge = false
    return try search(call) { (regex, text, work) throws(RegexWork.Exceeded) in
      var scalars = 0
      var counted = 0
      try forEachMatch(of: regex, in: text, &work) { (range, work) throws(RegexWork.Exceeded) in
        if let base = text.baseAddress { scalars += countScalars(base + counted, range.lowerBound - counted) }
        counted = range.lowerBound
        call.vm.listPush(list, try describe(range, start: scalars, regex, text, call.vm, &work))
        // A match is a map, a list and strings: dearer than a step.
        try work.add(20)
        if listCount(list) & 0x3F == 0, !call.vm.fits(0) {
          isTooLarge = true
          throw RegexWork.Exceeded(isStopped: true)
        }
      }
      return .object(Tag.list, list)
    } ifStopped: { () throws(Raised) in
      if isTooLarge { try call.reserve(bytes: Int.max / 2) }
    }
  }

  private static func replace(_ call: Call) throws(Raised) -> Value {
    let template = RegexTemplate(try call.text(1))
    var output: [UInt8] = []
    var isTooLong = false
    let result = try search(call) { (regex, text, work) throws(RegexWork.Exceeded) in
      let parts = template.resolved(for: regex)
      var copied = 0
      try forEachMatch(of: regex, in: text, &work) { (range, work) throws(RegexWork.Exceeded) in
        output += text[copied..<range.lowerBound]
        copied = range.upperBound
        let places =
          parts.needsGroups ? try regex.groups(of: range, in: text, work: &work) : [range.lowerBound, range.upperBound]
        let length = output.count
        for part in parts.parts {
          switch part {
          case .text(let bytes): output += bytes
          case .group(let number):
            let start = places[number * 2]
            if start >= 0 { output += text[start..<places[number * 2 + 1]] }
          }
        }
        try work.add((output.count - length) / 64 + 1)
        if output.count > 1 << 31 || !call.vm.fits(output.count) {
          isTooLong = true
          throw RegexWork.Exceeded(isStopped: true)
        }
      }
      output += text[copied...]
      return .null
    } ifStopped: { () throws(Raised) in
      if isTooLong { try call.reserve(bytes: Int.max / 2) }
    }
    guard result.isNull else { return result }
    try call.reserve(bytes: output.count)
    return .object(Tag.string, try call.string(output))
  }

  // MARK: Searching

  /// Runs a search of the receiver in the first argument, and turns what stops it into errors.
  private static func search(
    _ call: Call,
    _ body: (Regex, UnsafeBufferPointer<UInt8>, inout RegexWork) throws(RegexWork.Exceeded) -> Value,
    ifStopped: () throws(Raised) -> Void = {}
  ) throws(Raised) -> Value {
    guard let value = call.machine.hostObject(call.receiver) as? RegexValue else {
      throw call.fail("E_TYPE", "the functions of a regex are called on it: regex('...').test(s)")
    }
    let text = stringBuffer(try call.string(0))
    let regex = try value.regex(call)
    var stop: Raised?
    var work = RegexWork(textLength: text.count) { steps in
      do throws(Raised) {
        // A step of the automaton is about half of one of the machine's.
        try call.charge(steps / 2)
        return true
      } catch {
        stop = error
        return false
      }
    }
    do throws(RegexWork.Exceeded) {
      let result = try body(regex, text, &work)
      try work.settle()
      return result
    } catch {
      if let stop { throw stop }
      if error.isStopped { try ifStopped() }
      throw call.fail(
        "E_VALUE",
        "the pattern '\(value.pattern.prefix(60))' takes more than \(RegexWork.perKilobyte) steps for a kilobyte of text",
        help: "use smaller repetition counts")
    }
  }

  private static func forEachMatch(
    of regex: Regex, in text: UnsafeBufferPointer<UInt8>, _ work: inout RegexWork,
    _ body: (Range<Int>, inout RegexWork) throws(RegexWork.Exceeded) -> Void
  ) throws(RegexWork.Exceeded) {
    var offset = 0
    while offset <= text.count, let range = try regex.firstMatch(in: text, from: offset, work: &work) {
      try body(range, &work)
      // An empty match moves on by a scalar, so that the loop ends.
      offset = range.upperBound
      if range.isEmpty { offset += offset < text.count ? scalarWidth(text[offset]) : 1 }
    }
  }

  /// `{text, start, groups}` and, where groups have names, `names`.
  private static func describe(
    _ range: Range<Int>, start: Int, _ regex: Regex, _ text: UnsafeBufferPointer<UInt8>, _ vm: VM,
    _ work: inout RegexWork
  ) throws(RegexWork.Exceeded) -> Value {
    let places = try regex.groups(of: range, in: text, work: &work)
    func part(_ number: Int) -> Value {
      let (start, end) = (places[number * 2], places[number * 2 + 1])
      guard start >= 0, end >= start else { return .null }
      return .object(Tag.string, vm.newString(UnsafeBufferPointer(rebasing: text[start..<end])))
    }
    let groups = vm.newList(capacity: regex.groupCount)
    if regex.groupCount > 0 { for number in 1...regex.groupCount { vm.listPush(groups, part(number)) } }
    let result = vm.newMap(capacity: 4)
    vm.set(result, "text", part(0))
    vm.set(result, "start", .int(start))
    vm.set(result, "groups", .object(Tag.list, groups))
    if !regex.groupNames.isEmpty {
      let names = vm.newMap(capacity: regex.groupNames.count)
      for (name, number) in regex.groupNames { vm.set(names, name, listItems(groups)[number - 1]) }
      vm.set(result, "names", .object(Tag.map, names))
    }
    return .object(Tag.map, result)
  }
}

/// A pattern as scripts hold it.
final class RegexValue: HostObject {
  let pattern: String
  private let kit: RegexKit
  // The compiled form belongs to the kit, which keeps only so many: a list of a million patterns stays small.
  private weak var compiled: Regex?

  init(pattern: String, kit: RegexKit) {
    self.pattern = pattern
    self.kit = kit
  }

  var typeName: String { "regex" }
  var memberNames: [String] { kit.methodNames }

  func member(_ name: String, machine: Machine) throws(Raised) -> Value? {
    name == "pattern" ? .object(Tag.string, machine.state.newString(pattern)) : kit.method(name)
  }

  fileprivate func regex(_ call: Call) throws(Raised) -> Regex {
    if let compiled { return compiled }
    let made = try kit.regex(for: pattern, call)
    compiled = made
    return made
  }
}

/// What the regexes of one machine share: their methods, and the patterns compiled lately.
final class RegexKit {
  private static let maximumCompiled = 64
  private let methods: [String: Value]
  private var compiled: [String: Regex] = [:]

  private init(_ library: Library, _ machine: Machine) {
    var methods: [String: Value] = [:]
    for row in RegexFunctions.rows where row.name.hasPrefix("regex.") {
      methods[row.member] = library.value(of: row, machine: machine)
    }
    self.methods = methods
  }

  static func of(_ call: Call) -> RegexKit {
    let library = call.library
    if let known = library.state[ObjectIdentifier(RegexKit.self)] as? RegexKit { return known }
    let kit = RegexKit(library, call.machine)
    library.state[ObjectIdentifier(RegexKit.self)] = kit
    return kit
  }

  var methodNames: [String] { methods.keys.sorted() + ["pattern"] }

  func method(_ name: String) -> Value? { methods[name] }

  func regex(for pattern: String, _ call: Call) throws(Raised) -> Regex {
    if let known = compiled[pattern] { return known }
    try call.charge(2_000 + 50 * pattern.utf8.count)
    do throws(RegexError) {
      let regex = try Regex(pattern)
      // Few scripts have that many patterns: starting over is simpler than remembering which was used last.
      if compiled.count >= Self.maximumCompiled { compiled.removeAll() }
      compiled[pattern] = regex
      return regex
    } catch {
      let place = error.position.map { " (at \($0) in the pattern)" } ?? ""
      throw call.fail("E_VALUE", "\(error.message)\(place)")
    }
  }
}
