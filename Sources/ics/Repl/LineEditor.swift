// The line that is typed: readline, with keys of our own. Nothing here decides; it shows what others have decided.

import CReadline
import ICSDiagnostics
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Readline, which has one line and calls back on the thread that reads the keys: the main thread.
@MainActor
final class LineEditor {
  /// What a line begins with that is to be changed in an editor: a character that no key types.
  static let editorMark = "\u{10FFFF}"

  /// What the keys of our own need, because readline's functions have no context.
  private static var current: LineEditor?

  private let took: (String?) -> Void
  /// What may stand behind a line up to the cursor.
  private let candidates: (String) -> CompletionList
  let palette: Palette
  private let decoration: LineDecoration
  private var prompt = ""
  /// The lines of the entry before the one that is typed.
  private var behind = ""
  /// Whether the line is to be changed in an editor rather than run.
  private var wantsEditor = false

  /// - Parameters:
  ///   - took: Takes a line that was entered; `nil` for Ctrl-D on an empty one.
  ///   - candidates: What may stand behind a text.
  init(took: @escaping (String?) -> Void, candidates: @escaping (String) -> CompletionList) {
    self.took = took
    self.candidates = candidates
    palette = Palette(STDOUT_FILENO)
    decoration = LineDecoration(palette: palette)
    Self.current = self
    setUp()
  }

  private func setUp() {
    if Environment["LC_ALL"] == nil, Environment["LC_CTYPE"] == nil, Environment["LANG"] == nil {
      // Without a locale readline would take every byte of a letter for a letter.
      setlocale(LC_CTYPE, "C.UTF-8")
    } else {
      setlocale(LC_CTYPE, "")
    }
    crl_line_buffer_stdout()
    // Readline keeps the pointer for good, so it is a copy that nobody frees.
    if let name = strdup("ics") { crl_set_name(name) }
    crl_set_catch_signals(0)
    // The defaults, and the person's own settings, come before our keys.
    rl_initialize()
    crl_bind("\t") { _, _ in LineEditor.onMain { $0.complete() } }
    crl_bind("\u{1B}\r") { _, _ in LineEditor.onMain { _ in rl_insert_text("\n") } }
    crl_bind("\u{18}\u{5}") { _, _ in LineEditor.onMain { $0.askForEditor() } }
    crl_bind_named("\u{1B}[1;3A", "history-search-backward")
    crl_bind_named("\u{1B}[1;3B", "history-search-forward")
    using_history()
    stifle_history(Int32(HistoryFile.maximumEntries))
    guard decoration.isOn else { return }
    crl_set_redisplay { _ = LineEditor.onMain { $0.draw() } }
    crl_bind("\r") { count, key in
      _ = LineEditor.onMain { $0.drawPlainly() }
      return rl_newline(count, key)
    }
    for keys in ["\u{1B}[C", "\u{1B}OC"] {
      crl_bind(keys) { count, key in LineEditor.forward(count, key, rl_forward_char) }
    }
    for keys in ["\u{5}", "\u{1B}[F", "\u{1B}OF"] {
      crl_bind(keys) { count, key in LineEditor.forward(count, key, rl_end_of_line) }
    }
  }

  /// Readline calls on the thread that reads the keys, which is the main thread.
  nonisolated private static func onMain(_ body: @MainActor (LineEditor) -> Void) -> Int32 {
    MainActor.assumeIsolated {
      if let editor = current { body(editor) }
    }
    return 0
  }

  // MARK: Lines

  /// Shows a prompt and takes keys.
  ///
  /// - Parameter behind: The lines of the entry that were entered before.
  func install(_ text: String, behind: String) {
    prompt = text
    self.behind = behind
    // Readline counts the columns of a prompt; the marks say which of its bytes take none.
    let shown = palette.isOn ? "\u{1}\(TextRole.prompt.code)\u{2}\(text)\u{1}\u{1B}[0m\u{2}" : text
    rl_callback_handler_install(shown) { line in
      let text = line.map { String(cString: $0) }
      free(line)
      _ = LineEditor.onMain { $0.take(text) }
    }
  }

  /// Gives the terminal back as any program finds it.
  func remove() { rl_callback_handler_remove() }

  /// Takes one key.
  func readKey() { rl_callback_read_char() }

  /// Gives the line up that is being typed.
  func abandon() {
    rl_callback_sigcleanup()
    rl_free_line_state()
    remove()
  }

  /// Adds an entry to what the arrow keys show.
  func remember(_ entry: String) { add_history(entry) }

  private func take(_ line: String?) {
    remove()
    if wantsEditor {
      wantsEditor = false
      took(Self.editorMark + (line ?? ""))
    } else {
      took(line)
    }
  }

  private func askForEditor() {
    wantsEditor = true
    crl_set_point(crl_end())
    crl_finish_line()
    crl_flush()
  }

  // MARK: Completion

  private var lineToCursor: String {
    String(decoding: String(cString: crl_line()).utf8.prefix(Int(crl_point())), as: UTF8.self)
  }

  private func complete() {
    let text = lineToCursor
    let list = candidates(text)
    guard let first = list.candidates.first else {
      rl_ding()
      return
    }
    let common = list.candidates.count == 1 ? first.text : list.commonPrefix
    let start = Int32(list.start)
    if common.utf8.count > Int(crl_point() - start) || list.candidates.count == 1 {
      rl_begin_undo_group()
      rl_delete_text(start, crl_point())
      crl_set_point(start)
      rl_insert_text(common)
      rl_end_undo_group()
    }
    guard list.candidates.count > 1 else { return }
    show(CandidateList(list.candidates, width: Environment.width(STDOUT_FILENO), palette: palette).lines)
  }

  /// Shows lines below the one that is typed, and that one again below them.
  private func show(_ lines: [String]) {
    drawPlainly()
    rl_crlf()
    crl_flush()
    StandardOutput.shared.write(lines.joined(separator: "\n") + "\n")
    rl_on_new_line()
    rl_forced_update_display()
  }

  // MARK: Colours

  /// Draws the line as readline does, and over it the same with colours.
  private func draw() {
    rl_redisplay()
    crl_flush()
    guard crl_is_searching() == 0 else { return }
    let line = String(cString: crl_line())
    guard
      let text = decoration.drawing(
        of: line, behind: behind, prompt: prompt, cursor: Int(crl_point()), columns: Environment.width(STDOUT_FILENO))
    else { return }
    StandardOutput.shared.write(text)
  }

  /// Draws the line without a suggestion, before something is shown below it.
  private func drawPlainly() {
    guard decoration.isOn else { return }
    let line = String(cString: crl_line())
    if let text = decoration.drawing(
      of: line, behind: behind, prompt: prompt, cursor: line.utf8.count,
      columns: Environment.width(STDOUT_FILENO), isBeingTyped: false)
    {
      StandardOutput.shared.write(text)
    }
  }

  /// At the end of the line a move to the right takes the suggestion.
  nonisolated private static func forward(_ count: Int32, _ key: Int32, _ otherwise: (Int32, Int32) -> Int32) -> Int32 {
    let hint: String? = MainActor.assumeIsolated {
      guard let editor = current, crl_point() == crl_end() else { return nil }
      return editor.decoration.hint(for: String(cString: crl_line()))
    }
    guard let hint else { return otherwise(count, key) }
    return rl_insert_text(hint) < 0 ? 1 : 0
  }
}
