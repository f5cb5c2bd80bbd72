// Text that was copied from a session, prompts and answers included.

enum PastedText {
  private static let prompts = ["ics> ", "...> "]

  /// The entries of what was typed or pasted; at least one.
  ///
  /// A session that was copied from a terminal begins with a prompt: then what stands behind prompts was entered, and
  /// the lines between are answers. Anything else is one entry, as it is.
  static func entries(_ text: String) -> [String] {
    let text = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first(where: { !$0.allSatisfy(\.isWhitespace) }),
      prompts.contains(where: { first.hasPrefix($0) })
    else { return [text] }
    var entries: [String] = []
    for line in lines {
      if line.hasPrefix(prompts[0]) {
        entries.append(String(line.dropFirst(5)))
      } else if line.hasPrefix(prompts[1]) {
        let rest = String(line.dropFirst(5))
        if entries.isEmpty { entries.append(rest) } else { entries[entries.count - 1] += "\n" + rest }
      }
    }
    return entries
  }
}
