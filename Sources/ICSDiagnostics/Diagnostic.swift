// What is wrong, where, and what to do about it: found by the lexer, the parser, the resolver or the running
// program, and drawn by `DiagnosticRenderer`.

/// An error or a warning, with the places in the source that explain it.
public struct Diagnostic: Error, Sendable {
  /// Whether the program can still run.
  public enum Severity: Sendable, Hashable {
    /// It cannot, or it has ended.
    case error
    /// It can.
    case warning
  }

  /// A second place that belongs to the story, underlined with dashes.
  public struct Label: Sendable {
    /// The file; `nil` means that of the diagnostic.
    public var source: SourceFile?
    /// The bytes to underline.
    public var span: Span
    /// What there is to say about the place; may be empty.
    public var text: String

    /// A label; without a text it only underlines.
    public init(source: SourceFile? = nil, span: Span, text: String = "") {
      self.source = source
      self.span = span
      self.text = text
    }
  }

  /// A call that was under way, innermost first: one `called from` line.
  public struct Frame: Sendable {
    /// What was running: a function's name, or a hook's head.
    public var name: String
    /// The file that `span` lies in; `nil` for a function of the host.
    public var source: SourceFile?
    /// The call, or the head of what was running; its start is shown.
    public var span: Span

    /// A frame; without a source only the name is shown.
    public init(name: String, source: SourceFile? = nil, span: Span = .zero) {
      self.name = name
      self.source = source
      self.span = span
    }
  }

  /// Whether the program can still run.
  public var severity: Severity
  /// A code of `ErrorCode.table`, or the kind that a script gave its own error.
  public var code: String
  /// One sentence in plain words, without a full stop.
  public var message: String
  /// Where `span` lies; `nil` when the error has no place, such as a file that is not there.
  public var source: SourceFile?
  /// The bytes that are wrong, underlined with carets.
  public var span: Span
  /// What stands beside the carets; may be empty.
  public var label: String
  /// Other places that explain the error, such as where a name was declared.
  public var secondary: [Label]
  /// Facts that do not belong to a place, one `= note:` each.
  public var notes: [String]
  /// One way out, which works when it is followed to the letter.
  public var help: String?
  /// What a script's error carries as `.data`, as JSON: for programs that read errors. It is not drawn.
  public var data: String?
  /// The calls under way, innermost first. Long stacks are cut where they are drawn, not here.
  public var frames: [Frame]

  /// A diagnostic with a code that need not be in the table.
  public init(
    severity: Severity = .error, code: String, message: String, source: SourceFile? = nil, span: Span = .zero,
    label: String = "", secondary: [Label] = [], notes: [String] = [], help: String? = nil, frames: [Frame] = []
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.source = source
    self.span = span
    self.label = label
    self.secondary = secondary
    self.notes = notes
    self.help = help
    self.frames = frames
  }

  /// A diagnostic with a code of the table; codes of warnings give warnings.
  public init(
    _ code: ErrorCode, _ message: String, source: SourceFile? = nil, span: Span = .zero, label: String = "",
    secondary: [Label] = [], notes: [String] = [], help: String? = nil, frames: [Frame] = []
  ) {
    self.init(
      severity: code.isWarning ? .warning : .error, code: code.rawValue, message: message, source: source, span: span,
      label: label, secondary: secondary, notes: notes, help: help, frames: frames)
  }

  /// What the process ends with when this is why it ends: 0 for a warning, 2 for what is found before running, else 1.
  public var exitStatus: Int32 {
    severity == .warning ? 0 : ErrorCode(code).exitStatus
  }
}
