// The arguments of `ics run`, of `ics FILE` and of `ics -e CODE`, read by hand: a script must not wait for the
// argument parser.

import ICSVM

/// Wrong usage; a sentence for people.
struct UsageError: Error {
  let message: String
  /// One way out.
  var help: String?
}

/// What to run, and how.
struct RunOptions: Sendable {
  /// Where the script's text comes from.
  enum Origin: Sendable, Equatable {
    /// No script was named: the terminal or standard input decide.
    case unnamed
    /// A file; `-` is standard input.
    case file(String)
    /// The text itself.
    case code(String)
  }

  var origin = Origin.unnamed
  /// What the script finds in `args`.
  var arguments: [String] = []
  var limits = Limits()
  /// The folder that imports stay below; `nil` for the script's own.
  var root: String?
  var readableFolders: [String] = []
  var writableFolders: [String] = []
  var variables: [String] = []
  var hosts: [String] = []
  /// The name of a connected account.
  var account: String?
  var usesSandbox = false
  var isDryRun = false
  /// The name under which the steps are recorded; nil when they are not.
  var job: String?
  var restartsJob = false
  /// The file of the steps; nil for the one in `ICS_HOME`.
  var store: String?
  /// The file that the run is recorded to.
  var record: String?
  /// The file that answers the requests.
  var replay: String?
  /// The opened one of the two.
  var tape = Tape.none
  var isQuiet = false
  var isVerbose = false
  var isJSON = false

  init() {}

  /// Reads arguments. Options stand before the file, because what follows it belongs to the script; beside `-e CODE`
  /// they may stand on both sides.
  init(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    let isNamed = rest.first == "run"
    if isNamed { rest = rest.dropFirst() }
    while let argument = rest.first {
      if argument == "--" {
        rest = rest.dropFirst()
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else { break }
      rest = rest.dropFirst()
      try take(argument, &rest)
    }
    if origin == .unnamed, let file = rest.popFirst() { origin = .file(file) }
    if isNamed, origin == .unnamed { throw UsageError(message: "'run' needs a file, or -e and code") }
    self.arguments = Array(rest)
    if record != nil, replay != nil {
      throw UsageError(message: "'--record' and '--replay' exclude each other")
    }
    if job == nil, restartsJob || store != nil {
      throw UsageError(message: "'--restart' and '--store' belong to '--job'")
    }
    if let job, job.isEmpty || job.utf8.count > 200 { throw UsageError(message: "a job's name has 1 to 200 bytes") }
    if account != nil, usesSandbox { throw UsageError(message: "'--account' and '--sandbox' exclude each other") }
  }

  /// Opens the file of `--record` or `--replay`.
  mutating func openTape() throws(InputError) {
    if let record { tape = try .recording(to: record) }
    if let replay { tape = try .replaying(replay) }
  }

  private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
    let equals = argument.hasPrefix("--") ? argument.firstIndex(of: "=") : nil
    let name = equals.map { String(argument[..<$0]) } ?? argument
    guard let option = RunOption.all.first(where: { $0.name == name }) else {
      throw UsageError(message: "there is no option '\(name)'")
    }
    var value = equals.map { String(argument[argument.index(after: $0)...]) }
    if let placeholder = option.value {
      value = value ?? rest.popFirst()
      guard value != nil else { throw UsageError(message: "'\(name)' needs a value: \(name) \(placeholder)") }
    }
    try option.apply(&self, value)
  }
}

/// A row of the table of options, which reading and help share.
struct RunOption: Sendable {
  let name: String
  /// What stands for the value in the help; `nil` for an option that is on or off.
  let value: String?
  let help: String
  let apply: @Sendable (inout RunOptions, String?) throws(UsageError) -> Void

  static let all: [RunOption] = [
    RunOption("-e", "CODE", "run this text instead of a file") { $0.origin = .code($1) },
    RunOption("--account", "NAME", "use an account of 'ics connect'") { $0.account = $1 },
    RunOption("--sandbox", "use the local sandbox, whatever the environment says") { $0.usesSandbox = $1 },
    RunOption("--dry-run", "send what reads, and show what the rest would change") { $0.isDryRun = $1 },
    RunOption("--record", "FILE", "write every request and its answer to a file") { $0.record = $1 },
    RunOption("--replay", "FILE", "answer every request from a recording; nothing is sent") { $0.replay = $1 },
    RunOption("--fuel", "N", "stop after so many steps") { options, text throws(UsageError) in
      options.limits.fuel = try Quantity.count(text)
    },
    RunOption("--memory", "64MB", "stop when the script's values take more") { options, text throws(UsageError) in
      options.limits.memory = try Quantity.bytes(text)
    },
    RunOption("--timeout", "30s", "stop after this time") { options, text throws(UsageError) in
      options.limits.time = try Quantity.duration(text)
    },
    RunOption("--root", "DIR", "imports stay below this folder, not the script's own") { $0.root = $1 },
    RunOption("--allow-read", "DIR", "let the script read files below a folder") { $0.readableFolders.append($1) },
    RunOption("--allow-write", "DIR", "let the script write files below a folder") { $0.writableFolders.append($1) },
    RunOption("--allow-env", "NAME", "let the script read a variable of the environment") { $0.variables.append($1) },
    RunOption("--allow-net", "HOST[:PORT]", "let the script send requests to a host") { $0.hosts.append($1) },
    RunOption("--job", "NAME", "record the steps: killed and started again, it goes on where it was") { $0.job = $1 },
    RunOption("--restart", "with --job: begin anew") { $0.restartsJob = $1 },
    RunOption("--store", "FILE", "with --job: where the steps are recorded") { $0.store = $1 },
    RunOption("--color", "WHEN", "colours: auto, always or never") { _, text throws(UsageError) in
      try take(.color, text)
    },
    RunOption("--view", "VIEW", "how the prompt shows values: table, json, yaml, lines, csv or markdown") {
      _, text throws(UsageError) in
      try take(.view, text)
    },
    RunOption("--pager", "COMMAND", "the prompt's pager") { _, text throws(UsageError) in try take(.pager, text) },
    RunOption("--editor", "COMMAND", "the prompt's editor") { _, text throws(UsageError) in try take(.editor, text) },
    RunOption("--quiet", "say nothing but errors") { $0.isQuiet = $1 },
    RunOption("--verbose", "say what each request does") { $0.isVerbose = $1 },
    RunOption("--json", "write errors as JSON, one line each") { $0.isJSON = $1 },
  ]

  private static func take(_ setting: Setting, _ value: String) throws(UsageError) {
    if let complaint = setting.complaint(about: value) { throw UsageError(message: complaint) }
    Settings.take(setting, value)
  }

  private init(
    _ name: String, _ value: String, _ help: String,
    apply: @escaping @Sendable (inout RunOptions, String) throws(UsageError) -> Void
  ) {
    self.name = name
    self.value = value
    self.help = help
    self.apply = { options, text throws(UsageError) in try apply(&options, text ?? "") }
  }

  private init(_ name: String, _ help: String, apply: @escaping @Sendable (inout RunOptions, Bool) -> Void) {
    self.name = name
    value = nil
    self.help = help
    self.apply = { options, text throws(UsageError) in
      switch text {
      case nil, "true"?: apply(&options, true)
      case "false"?: apply(&options, false)
      case let text?: throw UsageError(message: "'\(name)' is on or off, not '\(text)'")
      }
    }
  }
}
