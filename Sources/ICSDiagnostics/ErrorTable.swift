// The table of codes, put together from its parts. A row is written once and read by `ics explain`, by the reference
// and by the tests; adding a code means adding its property in `ErrorCode` and its row here.

extension ErrorCode {
  /// Every code, in the order of the reference. Made when it is first asked for: a program without an error never is.
  public static let table: [Entry] =
    [usageRow] + beforeRunningRows + runningRows + limitRows + requestRows + warningRows
}

extension ErrorCode.Entry {
  /// What `ics explain` prints: the code with its meaning, the explanation, and the example indented. Safe to print.
  public var text: String {
    let lines = terminalSafe(example, keepingLineBreaks: true).split(separator: "\n").map { "  " + $0 }
    return "\(code): \(meaning)\n\n\(explanation)\n\nExample:\n\n\(lines.joined(separator: "\n"))\n"
  }
}
