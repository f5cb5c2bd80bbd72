// The colours of what is shown: few, and none where they are not wanted.

/// What a piece of text is, for its colour.
enum TextRole {
  case plain, name, string, number, word, note, title, prompt, hint, error

  /// The ANSI code that begins the colour; empty for plain text.
  var code: String {
    switch self {
    case .plain: ""
    case .name: "\u{1B}[34m"
    case .string: "\u{1B}[32m"
    case .number: "\u{1B}[36m"
    case .word: "\u{1B}[35m"
    case .note, .hint: "\u{1B}[2m"
    case .title: "\u{1B}[1m"
    case .prompt: "\u{1B}[1;36m"
    case .error: "\u{1B}[31m"
    }
  }
}

/// Paints text, or leaves it as it is.
struct Palette: Sendable {
  let isOn: Bool

  /// For a descriptor: `FORCE_COLOR`, `NO_COLOR`, `TERM` and the terminal decide.
  init(_ descriptor: Int32) { isOn = Environment.usesColor(descriptor) }

  /// The text in the colour of its role. It has to be safe already.
  func paint(_ text: String, _ role: TextRole) -> String {
    guard isOn, role != .plain, !text.isEmpty else { return text }
    return role.code + text + "\u{1B}[0m"
  }
}
