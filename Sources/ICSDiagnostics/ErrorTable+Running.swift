// Codes of errors that statements of a program raise while it runs.

extension ErrorCode {
  static var runningRows: [Entry] { valueRows + dataRows + ownRows + outsideRows }

  /// Operators, calls and built-ins that were given something they do not take.
  private static var valueRows: [Entry] {
    [
      Entry(
        code: .type, phase: .running, meaning: "a value of a type that does not fit",
        explanation: """
          An operator, a call or a built-in was given a type that it does not take: a string added to a number, \
          something called that is no function, a number where a list is expected. Values are never converted behind \
          your back. Convert with str, int or float, or put the value into a string with {{ }}.
          """,
        example: """
          let count = 3
          print("contacts: " + count)
          """),
      Entry(
        code: .null, phase: .running, meaning: "a member of null",
        explanation: """
          Something that was expected to hold a value is null, and null has no members. The message names the \
          expression that was null: often a key that the map does not have, or a field that the API left empty. Write \
          ?. instead of . to get null instead of the error, and ?? to give a value in its place.
          """,
        example: """
          let contact = {name: "Ada", owner: null}
          print(contact.owner.email)
          """),
      Entry(
        code: .member, phase: .running, meaning: "a member that the value does not have",
        explanation: """
          Strings, lists, numbers, functions and the objects of the API have a fixed set of members, and this is none \
          of them. The help names what is near. Only a map can be asked for any key: it gives null for one that is \
          missing. A method must be called: write text.upper(), not text.upper.
          """,
        example: """
          print("ada".uper())
          """),
      Entry(
        code: .index, phase: .running, meaning: "an index outside a list or a string",
        explanation: """
          A list of three items has the indexes 0, 1 and 2, or -1, -2 and -3 from the end. Reading and assigning need \
          an index that exists; .push adds an item. Slices such as xs[0..<10] never fail: they end where the list ends.
          """,
        example: """
          let names = ["Ada", "Grace"]
          print(names[2])
          """),
      Entry(
        code: .arguments, phase: .running, meaning: "too few or too many arguments",
        explanation: """
          The function was called with a number of arguments that it does not take, or with a named argument that it \
          does not know. The message names the function and what it takes. Give a parameter a default, as in \
          fn greet(name, greeting = "Hello"), to make its argument optional.
          """,
        example: """
          fn greet(name) { "Hello {{name}}" }
          print(greet("Ada", "Grace"))
          """),
      Entry(
        code: .value, phase: .running, meaning: "a value of the right type that cannot be used",
        explanation: """
          The type is right, but not the value: a text that is no number given to int, a count below zero, a pattern \
          that is no regular expression, bytes that are no text. The message says which values would do. Check the \
          value first, or catch the error.
          """,
        example: """
          print(int("forty-two"))
          """),
      Entry(
        code: .match, phase: .running, meaning: "a value that no pattern fits",
        explanation: """
          No arm of a match fits the value, or a list has another length than the pattern that takes it apart. End a \
          match with the arm _ => ... to take whatever is left, and a list pattern with ...rest to take further items.
          """,
        example: """
          let plan = "trial"
          match plan {
            "free" => print("free")
            "pro" => print("paid")
          }
          """),
      Entry(
        code: .mutated, phase: .running, meaning: "a list or a map that changed while a loop ran over it",
        explanation: """
          Adding or removing items, or keys, during a loop over the same list or map would skip some and repeat \
          others, so the loop stops. Run over a copy, as in for x in xs.copy(), or collect the changes and make them \
          after the loop. Changing the items themselves is fine.
          """,
        example: """
          let numbers = [1, 2, 3]
          for n in numbers { numbers.push(n) }
          """),
      Entry(
        code: .uninitialized, phase: .running, meaning: "a name that was read before its declaration ran",
        explanation: """
          A function may use a name that its file declares further down, but when it is called before that line has \
          run, the name has no value. Move the declaration up, or the call down.
          """,
        example: """
          fn greet() { print(greeting) }
          greet()
          let greeting = "Hello"
          """),
    ]
  }

  /// Arithmetic.
  private static var dataRows: [Entry] {
    [
      Entry(
        code: .overflow, phase: .running, meaning: "an int that 64 bits do not hold",
        explanation: """
          Ints lie between -9223372036854775808 and 9223372036854775807, and a result outside is an error instead of a \
          wrong number. Calculate with floats, by writing 1.0 for 1, when the size matters more than the last digit.
          """,
        example: """
          print(9223372036854775807 + 1)
          """),
      Entry(
        code: .zeroDivision, phase: .running, meaning: "an int divided by zero",
        explanation: """
          With ints on both sides, a / b, a ~/ b and a % b have no result when b is 0. Test b first. With a float on \
          either side the result is inf, -inf or nan, as IEEE 754 has it.
          """,
        example: """
          let opened = 3
          let sent = 0
          print(opened / sent)
          """),
    ]
  }

  /// Errors that the script makes itself.
  private static var ownRows: [Entry] {
    [
      Entry(
        code: .assert, phase: .running, meaning: "an assertion that does not hold",
        explanation: """
          assert(condition, message) was given a condition that is false or null. What the script takes for granted is \
          not so; the message is the script's own.
          """,
        example: """
          let contacts_left = -1
          assert(contacts_left >= 0, "the count went below zero")
          """),
      Entry(
        code: .error, phase: .running, meaning: "an error that the script made, without a kind",
        explanation: """
          The script threw error("...") and nothing caught it. Give it a kind, as in error("...", kind: "E_NO_PLAN"), \
          so that whoever catches it can tell it from others by .kind.
          """,
        example: """
          throw error("the contact has no plan")
          """),
      Entry(
        code: .thrown, phase: .running, meaning: "a plain value that was thrown",
        explanation: """
          The script threw something that is no error, and nothing caught it. It was wrapped: .data is the value, \
          .message its printed form. Throw error("...", data: value) to say in words what went wrong.
          """,
        example: """
          throw {code: 42}
          """),
    ]
  }

  /// What lies outside the program.
  private static var outsideRows: [Entry] {
    [
      Entry(
        code: .permission, phase: .running, meaning: "something that the host does not allow",
        explanation: """
          Files, other hosts than the API's and environment variables are closed to a script unless whoever runs it \
          opens them: with --allow-read, --allow-write, --allow-net and --allow-env on the command line, or with the \
          engine's Permissions in a program that embeds ICS. The help says what opens what was asked.
          """,
        example: """
          print(fs.read("/etc/passwd"))
          """),
      Entry(
        code: .json, phase: .running, meaning: "a text that is not JSON",
        explanation: """
          json.parse read a text that breaks JSON's grammar; the message says what was expected and at which byte. \
          Common causes are a comma before a closing bracket, single quotes, comments, an integer beyond 64 bits, and \
          a page of HTML where JSON was expected. Nesting deeper than 1000 is refused too.
          """,
        example: """
          print(json.parse("[1, 2,]"))
          """),
      Entry(
        code: .csv, phase: .running, meaning: "a text that is not CSV",
        explanation: """
          csv.parse or csv.read met a row with more or fewer fields than the first, or a quote that does not close; \
          the message has the line. A field that holds a comma, a quote or a line break must stand in double quotes, \
          with quotes in it doubled.
          """,
        example: """
          print(csv.parse("name,email\\nAda"))
          """),
      Entry(
        code: .io, phase: .running, meaning: "a file that cannot be read or written",
        explanation: """
          The system refused: the file is not there, is a folder, is not UTF-8, or the disk is full. The message has \
          the path and the reason. fs.exists(path) tells beforehand whether a file is there.
          """,
        example: """
          print(fs.read("no-such-file.txt"))
          """),
      Entry(
        code: .step, phase: .running, meaning: "a step or a hook that could not be repeated as it was recorded",
        explanation: """
          A hook's run may start again, after a crash or a failure, and then takes the values of its steps from the \
          journal. So the way to a step must be the same each time: the clock, random numbers and UUIDs belong into a \
          step, a step's name is used once in a run (in a loop, put the item into it), and a step stands in no other \
          step. When a script was changed, runs go on with the version that they began with; after 'ics runs migrate' \
          the message names the step that was recorded and the one that the new version has in its place.
          """,
        example: """
          on contact.created as contact {
            if now() - contact.created_at < 1d { log("a new one") }
          }
          """),
    ]
  }
}
