// Types and conversions: `len`, `type`, `str`, `int`, `float`, `bool`, `format`.

import ICSJSON
import ICSVM

enum Conversions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "len", "len(x)", "The length of a string (in Unicode scalars), a list, a map or a range.",
      example: """
        print(len("né"), len([1, 2]), len({a: 1}), len(0..<7))  // expect: 2 2 1 7
        """,
      .native(1...1, length)),
    BuiltIn(
      "type", "type(x)", "The name of a value's type: `\"int\"`, `\"list\"`, `\"function\"`.",
      example: """
        print(type(1), type([]), type(null), type(print))  // expect: int list null function
        """,
      .native(1...1) { call in call.makeString(call[0].isNull ? "null" : call.vm.typeName(call[0])) }),
    BuiltIn(
      "str", "str(x)", "A value as `print` shows it.",
      example: """
        print(str(3.0) + str([1, "a"]))  // expect: 3.0[1, "a"]
        """,
      .native(1...1, string)),
    BuiltIn(
      "int", "int(x)",
      """
      A whole number of a text (white space around it does not matter), or of a float without its fraction. `E_VALUE` when \
      the text is no whole number, `E_OVERFLOW` when 64 bits do not hold it.
      """,
      example: """
        print(int(" 42 "), int(-3.7))  // expect: 42 -3
        """,
      .native(1...1, int)),
    BuiltIn(
      "float", "float(x)", "A float of a text or an int. `E_VALUE` when the text is no number.",
      example: """
        print(float("2.50"), float(3))  // expect: 2.5 3.0
        """,
      .native(1...1, float)),
    BuiltIn(
      "bool", "bool(x)", "Whether a condition takes the value for true: everything but `false` and `null`.",
      example: """
        print(bool(0), bool(""), bool(null))  // expect: true true false
        """,
      .native(1...1) { call in .bool(call[0].isTrue) }),
    BuiltIn(
      "format", "format(number, decimals:, group:, width:)",
      """
      A number as text, rounded to `decimals` (halves away from zero), with a comma between thousands when `group` is \
      true, and with spaces before it up to `width`.
      """,
      example: """
        print(format(1234.5, decimals: 2, group: true))  // expect: 1,234.50
        print(format(7, width: 3))  // expect:   7
        """,
      .native(1...2, format)),
  ]

  private static func length(_ call: Call) throws(Raised) -> Value {
    let value = call[0]
    switch value.tag {
    case Tag.string: return .int(scalarCount(value.address))
    case Tag.list: return .int(listCount(value.address))
    case Tag.map: return .int(call.vm.mapCount(value.address))
    case Tag.range:
      guard let count = call.vm.rangeLength(value.address) else { throw Raised() }
      return .int(count)
    default: throw call.wrongType(0, "a string, a list, a map or a range")
    }
  }

  private static func string(_ call: Call) throws(Raised) -> Value {
    if call[0].isString { return call[0] }
    var buffer = TextBuffer()
    try call.print(call[0], into: &buffer)
    try call.charge(buffer.bytes.count >> 4)
    return try call.string(buffer)
  }

  // MARK: Numbers

  private static func int(_ call: Call) throws(Raised) -> Value {
    let value = call[0]
    if value.isInt { return value }
    if value.isFloat { return .int(try whole(value.asFloat, call)) }
    guard value.isString else { throw call.wrongType(0, "a string or a number") }
    let text = trimmed(stringBuffer(value.address))
    guard isWhole(text) else { throw call.fail("E_VALUE", "\(quoted(value, call)) is no whole number") }
    guard let number = Int(String(decoding: text, as: UTF8.self)) else {
      throw call.fail("E_OVERFLOW", "\(quoted(value, call)) does not fit a 64-bit int")
    }
    return .int(number)
  }

  /// A float without its fraction; E_OVERFLOW and E_VALUE when there is no such int.
  static func whole(_ number: Double, _ call: Call) throws(Raised) -> Int {
    if number.isNaN { throw call.fail("E_VALUE", "nan is no whole number") }
    guard let whole = Int(exactly: number.rounded(.towardZero)) else {
      throw call.fail("E_OVERFLOW", "\(NumberText.text(number)) does not fit a 64-bit int")
    }
    return whole
  }

  private static func isWhole(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let digits = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
    return !digits.isEmpty && digits.allSatisfy { $0 >= 48 && $0 <= 57 }
  }

  private static func float(_ call: Call) throws(Raised) -> Value {
    let value = call[0]
    if value.isFloat { return value }
    if value.isInt { return .float(Double(value.asInt)) }
    guard value.isString else { throw call.wrongType(0, "a string or a number") }
    let text = String(decoding: trimmed(stringBuffer(value.address)), as: UTF8.self)
    switch text {
    // What `str` gives for them.
    case "nan": return .float(.nan)
    case "inf": return .float(.infinity)
    case "-inf": return .float(-.infinity)
    default: break
    }
    // Swift reads hexadecimal floats and words too.
    let isDecimal = text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || "+-.eE".utf8.contains($0) }
    guard isDecimal, let number = Double(text) else {
      throw call.fail("E_VALUE", "\(quoted(value, call)) is no number")
    }
    guard number.isFinite else { throw call.fail("E_VALUE", "\(quoted(value, call)) is larger than the largest float") }
    return .float(number)
  }

  private static func quoted(_ value: Value, _ call: Call) -> String {
    var buffer = TextBuffer()
    call.vm.appendQuoted(
      UnsafeBufferPointer(rebasing: stringBuffer(value.address).prefix(200)), to: &buffer)
    return buffer.bytes.count > 100
      ? String(decoding: buffer.bytes.prefix(100), as: UTF8.self) + "..."
      : String(decoding: buffer.bytes, as: UTF8.self)
  }

  // MARK: format

  private static func format(_ call: Call) throws(Raised) -> Value {
    let options = try call.options(at: 1, "decimals", "group", "width")
    guard call[0].isNumber else { throw call.wrongType(0, "a number") }
    let decimals = try call.intOption("decimals", of: options, in: 0...100)
    let width = try call.intOption("width", of: options, in: 0...1000) ?? 0
    let group = call.option("group", of: options)
    guard group.isNull || group.isBool else {
      throw call.fail("E_TYPE", "'group' takes true or false, and was given \(call.vm.describe(group))")
    }
    var text = call[0].isInt ? String(call[0].asInt) : NumberText.text(call[0].asFloat)
    if !call[0].isFloat || call[0].asFloat.isFinite {
      var number = DecimalText(text)
      if let decimals { number.round(to: decimals) }
      text = number.text(grouped: group.isTrue)
    }
    return call.makeString(String(repeating: " ", count: max(0, width - text.count)) + text)
  }
}
