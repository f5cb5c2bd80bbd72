// `print` and `log`: what leaves a script.

import ICSVM

extension BuiltIn {
  static let output: [BuiltIn] = [
    BuiltIn(
      "print", "print(values...)",
      "Writes one line to standard output, the values separated by a space.",
      example: """
        print("a", 1, null, [2])  // expect: a 1 null [2]
        """,
      .native(0...Int.max) { (call) throws(Raised) in try print(call) })
  ]

  private static func print(_ call: Call) throws(Raised) -> Value {
    .null
  }
}
