// Secrets in arguments: every user of the machine can read those, and the shell remembers them.

enum SecretArguments {
  /// What to say when a token stands among the arguments of `ics connect`; `nil` when none does. The parser would show
  /// the argument in its error.
  static func misuse(in arguments: [String]) -> String? {
    guard arguments.first == "connect" else { return nil }
    let rest = arguments.dropFirst()
    let hasTokenFlag = rest.contains("--token")
    let isGiven = rest.contains { $0.hasPrefix("--token=") } || rest.contains { !SecretShape.found(in: $0).isEmpty }
    // With --token one name may stand there, and nothing else.
    let values: Set<String> = ["--region", "--port", "--redirect", "--timeout"]
    let names = zip(rest.dropLast(0), [""] + rest).filter { !$0.0.hasPrefix("-") && !values.contains($0.1) }
    guard isGiven || (hasTokenFlag && names.count > 1) else { return nil }
    return "a token does not belong into the arguments, which everybody on this machine can read: '--token' reads it "
      + "from the terminal or from standard input. If it was a real one, revoke it"
  }
}
