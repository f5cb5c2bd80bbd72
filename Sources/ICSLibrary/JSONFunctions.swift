// `json`: text to values and back.

import ICSVM

enum JSONFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "json.parse", "json.parse(text)",
      "The value that a JSON text stands for. `E_JSON` with line and column when it is none.",
      example: """
        print(json.parse('{"a": [1, 2.5, null]}').a)  // expect: [1, 2.5, null]
        """,
      .native(1...1, parse)),
    BuiltIn(
      "json.stringify", "json.stringify(value, indent:)",
      """
      A value as JSON text: compact, or with as many spaces for each level as `indent` says. Functions, streams, NaN and \
      values that contain themselves are `E_VALUE`.
      """,
      example: """
        print(json.stringify({a: 1, b: [true, "x"]}))  // expect: {"a":1,"b":[true,"x"]}
        print(json.stringify([1], indent: 2))
        // expect: [
        // expect:   1
        // expect: ]
        """,
      .native(1...2, stringify)),
  ]

  private static func parse(_ call: Call) throws(Raised) -> Value {
    let text = stringBuffer(try call.string(0))
    try call.charge(text.count >> 5)
    return try call.vm.value(parsing: text)
  }

  private static func stringify(_ call: Call) throws(Raised) -> Value {
    let options = try call.options(at: 1, "indent")
    let indent = try call.intOption("indent", of: options, in: 0...10) ?? 0
    var writer = ValueWriter(call, indent: indent)
    switch writer.write(call[0]) {
    case .written(let text): return .object(Tag.string, text)
    case .refused(let code, let message): throw call.fail(code, message)
    case .stopped: throw Raised()
    }
  }
}
