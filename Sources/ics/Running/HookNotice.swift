// Says once that a script has hooks: what they are for would never happen, and nobody would know why.

/// The line on standard error about hooks that `ics run` does not serve.
final class HookNotice {
  private var isQuiet: Bool

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Called for each hook that a script declares.
  func show() {
    guard !isQuiet else { return }
    isQuiet = true
    StandardError.write("this script declares hooks ('on', 'every'): 'ics run' does not serve them, 'ics serve' does\n")
  }
}
