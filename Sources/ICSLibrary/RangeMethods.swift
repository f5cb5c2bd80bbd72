// What ranges have besides the methods of lists that read.

import ICSVM

enum RangeMethods {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "range.to_list", "range.to_list()", "The ints of the range as a list.",
      example: """
        print((1...3).to_list(), (0..<0).to_list())  // expect: [1, 2, 3] []
        """,
      .native(0...0) { (call) throws(Raised) in try call.list(of: try call.items, 0..<(try call.items.count)) })
  ]
}
