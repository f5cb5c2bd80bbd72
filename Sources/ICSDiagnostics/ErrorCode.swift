// The codes of errors and warnings. Each code is one property here and one row in `ErrorCode.table`; a test holds
// the two together. `ics explain`, the reference and the exit status read the table.

/// A stable code such as `E_NULL`, which a script sees as `.kind`.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The code as a script sees it.
  public let rawValue: String

  /// A code, of the table or of a script's own making.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// A code, of the table or of a script's own making.
  public init(_ rawValue: String) { self.rawValue = rawValue }

  /// The code itself.
  public var description: String { rawValue }

  /// When an error with the code is found.
  public enum Phase: Sendable, Hashable, CaseIterable {
    /// By `ics` itself, in its arguments; no script has been read.
    case command
    /// By the parser, the resolver or `ics check`; nothing has run.
    case beforeRunning
    /// By a statement of the program.
    case running
    /// By the host, which set a limit.
    case limit
    /// By a request that failed.
    case request
    /// Before running; the program runs all the same.
    case warning
  }

  /// A row of the table: what `ics explain CODE` prints.
  public struct Entry: Sendable {
    /// The code that the row is about.
    public let code: ErrorCode
    /// When it is found.
    public let phase: Phase
    /// One line.
    public let meaning: String
    /// A paragraph: what happened, why it is an error, how to mend it.
    public let explanation: String
    /// A short script that ends with this error.
    public let example: String
  }

  /// Whether the code is one of a warning.
  public var isWarning: Bool { rawValue.hasPrefix("W_") }

  /// The code's row; `nil` for a kind that a script made up.
  public var entry: Entry? { Self.table.first { $0.code == self } }

  /// The status of a process that ends with an uncaught error of this code: 2 when it was found before running, 64 when
  /// the command was used wrongly, else 1.
  public var exitStatus: Int32 {
    switch entry?.phase {
    case .command: 64
    case .beforeRunning: 2
    default: 1
    }
  }
}

// Computed, not stored: a stored static needs a check on every use, and a script without errors uses none. What each
// code means stands in its row of the table.
extension ErrorCode {
  // Found by the command.
  package static var usage: ErrorCode { ErrorCode("E_USAGE") }

  // Found before running.
  package static var syntax: ErrorCode { ErrorCode("E_SYNTAX") }
  package static var unknownName: ErrorCode { ErrorCode("E_UNKNOWN_NAME") }
  package static var duplicateName: ErrorCode { ErrorCode("E_DUPLICATE_NAME") }
  package static var assignLet: ErrorCode { ErrorCode("E_ASSIGN_LET") }
  package static var `import`: ErrorCode { ErrorCode("E_IMPORT") }
  package static var importCycle: ErrorCode { ErrorCode("E_IMPORT_CYCLE") }
  package static var query: ErrorCode { ErrorCode("E_QUERY") }

  // Found while running.
  package static var type: ErrorCode { ErrorCode("E_TYPE") }
  package static var null: ErrorCode { ErrorCode("E_NULL") }
  package static var member: ErrorCode { ErrorCode("E_MEMBER") }
  package static var index: ErrorCode { ErrorCode("E_INDEX") }
  package static var arguments: ErrorCode { ErrorCode("E_ARGUMENTS") }
  package static var value: ErrorCode { ErrorCode("E_VALUE") }
  package static var match: ErrorCode { ErrorCode("E_MATCH") }
  package static var mutated: ErrorCode { ErrorCode("E_MUTATED") }
  package static var assert: ErrorCode { ErrorCode("E_ASSERT") }
  package static var uninitialized: ErrorCode { ErrorCode("E_UNINITIALIZED") }
  package static var overflow: ErrorCode { ErrorCode("E_OVERFLOW") }
  package static var zeroDivision: ErrorCode { ErrorCode("E_ZERO_DIVISION") }
  package static var error: ErrorCode { ErrorCode("E_ERROR") }
  package static var thrown: ErrorCode { ErrorCode("E_THROWN") }
  package static var permission: ErrorCode { ErrorCode("E_PERMISSION") }
  package static var json: ErrorCode { ErrorCode("E_JSON") }
  package static var csv: ErrorCode { ErrorCode("E_CSV") }
  package static var io: ErrorCode { ErrorCode("E_IO") }
  package static var step: ErrorCode { ErrorCode("E_STEP") }

  // Limits.
  package static var depth: ErrorCode { ErrorCode("E_DEPTH") }
  package static var fuel: ErrorCode { ErrorCode("E_FUEL") }
  package static var memory: ErrorCode { ErrorCode("E_MEMORY") }
  package static var timeLimit: ErrorCode { ErrorCode("E_TIME_LIMIT") }
  package static var cancelled: ErrorCode { ErrorCode("E_CANCELLED") }

  // Requests.
  package static var auth: ErrorCode { ErrorCode("E_AUTH") }
  package static var rateLimit: ErrorCode { ErrorCode("E_RATE_LIMIT") }
  package static var notFound: ErrorCode { ErrorCode("E_NOT_FOUND") }
  package static var conflict: ErrorCode { ErrorCode("E_CONFLICT") }
  package static var invalidRequest: ErrorCode { ErrorCode("E_INVALID_REQUEST") }
  package static var timeout: ErrorCode { ErrorCode("E_TIMEOUT") }
  package static var network: ErrorCode { ErrorCode("E_NETWORK") }
  package static var http: ErrorCode { ErrorCode("E_HTTP") }

  // Warnings.
  package static var bidi: ErrorCode { ErrorCode("W_BIDI") }
  package static var confusable: ErrorCode { ErrorCode("W_CONFUSABLE") }
  package static var duplicateKey: ErrorCode { ErrorCode("W_DUPLICATE_KEY") }
  package static var unused: ErrorCode { ErrorCode("W_UNUSED") }
  package static var unreachable: ErrorCode { ErrorCode("W_UNREACHABLE") }
}
