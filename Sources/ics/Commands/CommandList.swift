// Every command there is: what the help lists, and what the first argument may name.

import ICSDiagnostics

enum CommandList {
  /// A row of the help.
  struct Row: Sendable {
    let usage: String
    let summary: String
  }

  static let rows = [
    Row(usage: "ics", summary: "the prompt; without a terminal, runs the script on standard input"),
    Row(usage: "ics FILE [ARGS]", summary: "run a script; the same as 'ics run FILE'"),
    Row(usage: "ics run FILE [ARGS]", summary: "run a script; 'ics run --help' lists the options"),
    Row(usage: "ics -e CODE [ARGS]", summary: "run a line of code"),
    Row(usage: "ics check FILE...", summary: "find the errors of scripts without running them"),
    Row(usage: "ics fmt [FILE...]", summary: "format scripts in place, or standard input"),
    Row(usage: "ics test [PATH...]", summary: "run the tests of scripts"),
    Row(usage: "ics serve FILE...", summary: "serve the hooks of scripts"),
    Row(usage: "ics trigger TOPIC", summary: "send a signed notification to the hooks that are served"),
    Row(usage: "ics events, ics runs", summary: "what came in, and what the hooks did: list, show, retry, cancel"),
    Row(usage: "ics sandbox", summary: "serve a local Intercom"),
    Row(usage: "ics api [WORD]", summary: "list the operations of Intercom's API"),
    Row(usage: "ics request METHOD PATH", summary: "send one request and print the answer"),
    Row(usage: "ics connect [NAME]", summary: "connect an account, by logging in or by a token"),
    Row(usage: "ics accounts", summary: "list the connected accounts"),
    Row(usage: "ics disconnect NAME", summary: "forget an account and its token"),
    Row(usage: "ics explain CODE", summary: "explain an error code"),
    Row(usage: "ics doctor", summary: "say what is set up and what is missing"),
    Row(usage: "ics config [NAME [VALUE]]", summary: "show and change the settings"),
    Row(usage: "ics completions SHELL", summary: "print a completion script for bash, zsh or fish"),
    Row(usage: "ics man", summary: "print the manual page"),
    Row(usage: "ics version", summary: "print the version"),
  ]

  /// What the argument parser reads.
  static let names = [
    "check", "serve", "trigger", "events", "runs", "sandbox", "api", "request", "connect", "accounts", "disconnect",
    "explain", "fmt", "test", "doctor", "config", "completions", "man",
  ]

  /// For a file that is not there: the command that may have been meant.
  static func suggestion(for file: String) -> String? {
    guard !file.contains("/"), !file.contains(".") else { return nil }
    return nearestNames(to: file, among: names + ["run", "version", "help"], limit: 1).first.map {
      "did you mean the command '\($0)'?"
    }
  }
}
