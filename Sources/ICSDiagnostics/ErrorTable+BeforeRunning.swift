// Codes of errors that are found before a program runs. Nothing has been sent when one of them is shown.

extension ErrorCode {
  static var usageRow: Entry {
    Entry(
      code: .usage, phase: .command, meaning: "a command that was used in a way that it does not know",
      explanation: """
        An option that the command does not have, a value that the option does not take, or an argument too few or too \
        many. The message names it; 'ics COMMAND --help' lists what the command takes. No script has been read, and the \
        process ends with 64.
        """,
      example: """
        ics run --fuel plenty report.ics
        """)
  }

  static var beforeRunningRows: [Entry] {
    [
      Entry(
        code: .syntax, phase: .beforeRunning, meaning: "the text is not a program",
        explanation: """
          The parser met something that cannot stand where it stands: a bracket that is not closed, a string that does \
          not end on its line, a number such as 007, an escape that does not exist, a 'break' outside a loop. The \
          arrow points at the first place that cannot be right; for a bracket or a quote it is where it was opened. \
          Reading goes on at the next statement, so that all such errors of a file are reported at once.
          """,
        example: """
          let greeting = "Hello
          print(greeting)
          """),
      Entry(
        code: .unknownName, phase: .beforeRunning, meaning: "a name that is not declared and not built in",
        explanation: """
          Every name must be declared with let, var, fn or import, or be built in, before it is used in its block. \
          Mostly it is a slip of the keyboard, and the help names what is near. A name declared inside a block is not \
          visible outside; declare it before the block when it is needed after it.
          """,
        example: """
          let contact = {email: "ada@example.com"}
          print(contcat.email)
          """),
      Entry(
        code: .duplicateName, phase: .beforeRunning, meaning: "a name that is declared twice in one block",
        explanation: """
          One name means one thing in a block, in a parameter list and in a pattern. Choose another name for the \
          second, or, when the first was meant to change, declare it with var and assign to it. An inner block may \
          declare a name of an outer one anew.
          """,
        example: """
          let count = 1
          let count = 2
          """),
      Entry(
        code: .assignLet, phase: .beforeRunning, meaning: "an assignment to a name that does not change",
        explanation: """
          Names bound with let, parameters, loop variables, functions, imports and built-in names keep their value. \
          Declare the name with var when it should change. What a name holds is another matter: the items of a list \
          and the entries of a map can change although the name was bound with let.
          """,
        example: """
          let total = 0
          total = total + 1
          """),
      Entry(
        code: .import, phase: .beforeRunning, meaning: "a module, or a name in it, that cannot be imported",
        explanation: """
          The file is not there, lies outside the folder that modules may come from, or does not export the name. \
          Paths are relative to the file that imports, and end with .ics; the modules that come with ICS begin with \
          std/. A name is visible to others only when its declaration begins with export.
          """,
        example: """
          import { first_nam } from "std/text"
          """),
      Entry(
        code: .importCycle, phase: .beforeRunning, meaning: "modules that import one another in a circle",
        explanation: """
          A module runs before those that import it, so no module can import itself, directly or through others. The \
          message shows the circle. Move what both sides need into a module of its own.
          """,
        example: """
          // In the file a.ics; b.ics says: import "a.ics" as a
          import "b.ics" as b
          """),
      Entry(
        code: .query, phase: .beforeRunning, meaning: "a 'where' that the API cannot search for",
        explanation: """
          A 'where' on a collection of the API becomes a search there, and the API searches some fields with some \
          operators only, a limited number of conditions, and two levels of && and ||. The message names the field or \
          the operator. Search for what the API can search for, and filter the rest in a loop or with .filter. When a \
          condition is not known before the program runs, the same error comes at the line that begins the search.
          """,
        example: """
          for c in contacts where favourite_colour == "red" {
            print(c.email)
          }
          """),
    ]
  }
}
