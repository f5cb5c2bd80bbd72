// Codes of warnings. The program runs all the same.

extension ErrorCode {
  static var warningRows: [Entry] {
    [
      Entry(
        code: .bidi, phase: .warning, meaning: "invisible characters that change how the text reads",
        explanation: """
          The source holds characters that reverse the writing direction or take no space, outside of a string. An \
          editor then shows another program than the one that runs. Remove them; the drawing shows them escaped. \
          Inside a string write them as an escape, such as \\u{202E}.
          """,
        example: """
          let admin = false //\u{202E} eurt = nimda
          """),
      Entry(
        code: .confusable, phase: .warning, meaning: "a name with letters of several scripts that look alike",
        explanation: """
          The name mixes Latin letters with Cyrillic or Greek ones that look the same, so it is not the name that it \
          seems to be. Type the name anew in one script.
          """,
        example: """
          let d\u{430}ta = 1
          print(d\u{430}ta)
          """),
      Entry(
        code: .duplicateKey, phase: .warning, meaning: "a key that stands twice in a map",
        explanation: """
          Two entries of a map literal have the same key, and the later one counts. Remove one of them. A spread does \
          not count: {...contact, name: "New"} is how to replace an entry.
          """,
        example: """
          print({name: "Ada", name: "Grace"})
          """),
      Entry(
        code: .unused, phase: .warning, meaning: "a name that nothing reads",
        explanation: """
          A variable, a function or an import is declared and never used: often its name is misspelt where it was meant. \
          Remove the declaration, export it, or begin its name with _ when it is there on purpose.
          """,
        example: """
          let total = 3
          print("done")
          """),
      Entry(
        code: .unreachable, phase: .warning, meaning: "a statement that never runs",
        explanation: """
          The statement before it always leaves the block: a return, break, continue or throw. Remove one of the two, or \
          put a condition around the first.
          """,
        example: """
          fn greet() {
            return "hello"
            print("never printed")
          }
          print(greet())
          """),
    ]
  }
}
