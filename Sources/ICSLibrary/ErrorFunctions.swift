// `error` and `assert`.

import ICSVM

enum ErrorFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "error", "error(message, kind:, data:)",
      "Makes an error to throw. Its kind is `E_ERROR` when none is given; `data` may be any value.",
      example: """
        try { throw error("no luck", kind: "E_LUCK", data: {n: 1}) } catch e { print(e.kind, e.message, e.data) }
        // expect: E_LUCK no luck {n: 1}
        """,
      .native(1...2, makeError)),
    BuiltIn(
      "assert", "assert(condition, message)", "Throws `E_ASSERT` with the message when the condition is false or null.",
      example: """
        assert(1 + 1 == 2, "sums work")
        assert(1 > 2, "one is small")  // expect error E_ASSERT: one is small
        """,
      .native(1...2, assert)),
  ]

  private static func makeError(_ call: Call) throws(Raised) -> Value {
    let options = try call.options(at: 1, "kind", "data")
    _ = try call.string(0)
    var kind = call.option("kind", of: options)
    if kind.isNull { kind = .object(Tag.string, call.vm.name("E_ERROR")) }
    guard kind.isString else {
      throw call.fail("E_TYPE", "'kind' takes a string, and was given \(call.vm.describe(kind))")
    }
    return .object(
      Tag.error, call.vm.newError(kind: kind, message: call[0], data: call.option("data", of: options)))
  }

  private static func assert(_ call: Call) throws(Raised) -> Value {
    if call[0].isTrue { return .null }
    guard call.has(1) else { throw call.fail("E_ASSERT", "the assertion does not hold") }
    var message = TextBuffer()
    message.maximumLength = 4096
    try call.print(call[1], into: &message)
    throw call.fail("E_ASSERT", String(decoding: message.bytes, as: UTF8.self))
  }
}
