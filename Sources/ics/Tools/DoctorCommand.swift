// `ics doctor`: what is set up, and what is missing.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomAPI
import IntercomCatalogue

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct DoctorCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what is set up and what is missing.",
    discussion: """
      Nothing is changed, and without --online nothing is sent. Ends with 1 when something does not work.

      Examples: ics doctor
                ics doctor --online
      """)

  @Flag(help: "Ask the workspace who we are.") var online = false
  @Flag(help: "One JSON object per finding.") var json = false

  /// Something that was looked at.
  struct Finding {
    enum State: String { case good = "ok", hint, bad }
    let name: String
    let state: State
    let text: String
    /// What to do about it.
    var help: String?

    init(_ name: String, _ state: State, _ text: String, help: String? = nil) {
      (self.name, self.state, self.text, self.help) = (name, state, text, help)
    }
  }

  func perform(_ stop: Stop) async -> Int32 {
    var findings = [
      Finding("version", .good, "ics \(Version.number), Intercom API \(Catalogue.shared.apiVersion)"),
      home, history, settings,
    ]
    findings += workspace
    findings.append(terminal)
    if online { findings.append(await answer) }
    let palette = Palette(STDOUT_FILENO)
    for finding in findings { show(finding, palette) }
    return findings.contains { $0.state == .bad } ? ExitStatus.failure : ExitStatus.success
  }

  private func show(_ finding: Finding, _ palette: Palette) {
    if json {
      StandardOutput.shared.write(
        Reporter.line([
          "name": .string(finding.name), "state": .string(finding.state.rawValue),
          "text": .string(Reporter.redactor.redact(finding.text)),
          "help": finding.help.map(JSONValue.string) ?? .null,
        ]))
      return
    }
    let role: TextRole = finding.state == .bad ? .error : finding.state == .good ? .string : .number
    var line = palette.paint(Cell.pad(finding.state.rawValue, to: 4), role) + "  "
    line += Cell.pad(finding.name, to: 9) + "  " + safeText(finding.text)
    if let help = finding.help { line += "\n      " + String(repeating: " ", count: 9) + "  " + safeText(help) }
    StandardOutput.shared.write(line + "\n")
  }

  // MARK: Findings

  private var home: Finding {
    let path = Environment.home
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      return Finding("home", .hint, "\(path) is not there yet; it is made when something is kept")
    }
    guard facts.st_mode & S_IFMT == S_IFDIR else {
      return Finding("home", .bad, "\(path) is not a folder", help: "set ICS_HOME to a folder")
    }
    guard access(path, W_OK) == 0 else {
      return Finding("home", .bad, "\(path) cannot be written", help: "set ICS_HOME to a folder of yours")
    }
    guard facts.st_mode & 0o022 == 0 else {
      return Finding("home", .bad, "\(path) can be written by others", help: "chmod 700 \(path)")
    }
    return Finding("home", .good, path)
  }

  private var history: Finding {
    let path = Environment.home + "/history"
    guard access(path, F_OK) == 0 else { return Finding("history", .hint, "no history yet") }
    guard access(path, R_OK | W_OK) == 0 else {
      return Finding("history", .bad, "\(path) cannot be used", help: "the prompt works, and forgets")
    }
    return Finding("history", .good, path)
  }

  private var settings: Finding {
    let path = Settings.path
    guard access(path, F_OK) == 0 else { return Finding("settings", .hint, "\(path) is not there; nothing is changed") }
    do {
      let count = try Settings.read(path).count
      return Finding("settings", .good, "\(path), \(count) set")
    } catch let error as SettingsError {
      return Finding("settings", .bad, error.description, help: "mend the line, or remove it")
    } catch {
      return Finding("settings", .bad, (error as? InputError)?.message ?? "\(error)")
    }
  }

  private var workspace: [Finding] {
    var findings: [Finding] = []
    if Environment["INTERCOM_ACCESS_TOKEN"] != nil {
      findings.append(Finding("token", .good, "INTERCOM_ACCESS_TOKEN is set"))
    }
    if let address = Environment["INTERCOM_BASE_URL"] {
      do throws(APIError) {
        _ = try BaseURL(address)
        findings.append(Finding("address", .good, address))
      } catch {
        findings.append(Finding("address", .bad, "INTERCOM_BASE_URL: \(error.message)"))
      }
    }
    do throws(APIError) {
      let store = AccountStore.ofThisUser
      let records = try store.records()
      let name = try store.defaultName()
      let text = records.isEmpty ? "no account is connected" : "\(records.count) connected, default: \(name ?? "none")"
      let needsOne = records.isEmpty && Environment["INTERCOM_ACCESS_TOKEN"] == nil
      findings.append(
        Finding(
          "accounts", records.isEmpty ? .hint : .good, text,
          help: needsOne ? "scripts use the local sandbox; 'ics connect' connects a workspace" : nil))
    } catch {
      findings.append(Finding("accounts", .bad, error.message))
    }
    return findings
  }

  private var terminal: Finding {
    let name = Environment["TERM"] ?? "not set"
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let locale = Environment["LC_ALL"] ?? Environment["LC_CTYPE"] ?? Environment["LANG"] ?? "C.UTF-8"
    let isUnicode = locale.lowercased().contains("utf")
    let colours = Environment.usesColor(STDOUT_FILENO) ? "colours" : "no colours"
    let place = isTerminal ? "a terminal" : "no terminal"
    return Finding(
      "terminal", isUnicode ? .good : .hint, "\(place), TERM \(name), \(colours), \(locale)",
      help: isUnicode ? nil : "letters beyond ASCII need a locale such as C.UTF-8")
  }

  private var answer: Finding {
    get async {
      var options = RunOptions()
      options.isQuiet = true
      let workspace = Workspace(options)
      let finding: Finding
      do throws(APIError) {
        let client = try await workspace.connect()
        let result: Result<APIResponse, APIError>
        do throws(APIError) {
          result = .success(try await client.send(APIRequest("GET", "/me")))
        } catch {
          result = .failure(error)
        }
        await client.shutdown()
        let body = try result.get().json()
        let name = body["app"]?["name"]?.stringValue ?? body["name"]?.stringValue ?? "the workspace"
        finding = Finding("online", .good, "\(name) answers")
      } catch {
        finding = Finding("online", .bad, "\(error.code.rawValue): \(error.message)")
      }
      await workspace.close()
      return finding
    }
  }
}
