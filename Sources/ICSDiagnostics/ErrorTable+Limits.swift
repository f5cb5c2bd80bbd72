// Codes of the host's limits. All but the depth of calls end the program: a script that could catch them would not be
// limited.

extension ErrorCode {
  static var limitRows: [Entry] {
    [
      Entry(
        code: .depth, phase: .limit, meaning: "calls nested too deep",
        explanation: """
          Functions called one another deeper than the limit, at least 10000 calls. Mostly a function calls itself \
          without an end: check the condition that should stop it. Otherwise turn the recursion into a loop. This \
          limit, unlike the others, can be caught.
          """,
        example: """
          fn countdown(n) { 1 + countdown(n - 1) }
          countdown(10)
          """),
      Entry(
        code: .fuel, phase: .limit, meaning: "more work than the host allows",
        explanation: """
          Every turn of a loop and every call uses fuel, and the host gave a certain amount (--fuel). Either a loop \
          does not end, or the program needs more fuel than it was given. It cannot be caught.
          """,
        example: """
          // ics run --fuel 1000000
          while true { }
          """),
      Entry(
        code: .memory, phase: .limit, meaning: "more memory than the host allows",
        explanation: """
          The values that the program holds need more memory than the host allows (--memory), or a single text or list \
          would. Work on streams, which hold a page at a time, instead of lists of everything, and let go of what is \
          not needed any more. It cannot be caught.
          """,
        example: """
          // ics run --memory 64MB
          let rows = []
          while true { rows.push("a row of the report") }
          """),
      Entry(
        code: .timeLimit, phase: .limit, meaning: "the program ran longer than the host allows",
        explanation: """
          The host set a time (--timeout) in which the program must end, waiting included. Give it more time, do more \
          at once with parallel, or divide the work. It cannot be caught, and blocks after finally do not run.
          """,
        example: """
          // ics run --timeout 1s
          sleep(60)
          """),
      Entry(
        code: .cancelled, phase: .limit, meaning: "the program was stopped from outside",
        explanation: """
          Somebody interrupted the program, the host shut down, or a call of the same parallel failed and the others \
          were not needed any more. It cannot be caught. In a call that was not needed any more the blocks after finally \
          still run; a program that is stopped as a whole runs nothing.
          """,
        example: """
          // Stopped with Control-C.
          while true { sleep(1) }
          """),
    ]
  }
}
