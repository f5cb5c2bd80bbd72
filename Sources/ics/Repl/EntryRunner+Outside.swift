// The prompt and the world around it: the clipboard, the browser, other commands of ics, the environment.

import ICSDiagnostics
import ICSJSON
import ICSVM
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension EntryRunner {
  // MARK: The last value

  func copyLast() {
    guard let value = session.value(named: "_"), !value.isNull else { return complain("there is no value to copy yet") }
    let text: String
    if value.value.isString {
      text = value.printed() ?? ""
    } else {
      text = value.json?.serialized(indent: 2) ?? value.printed() ?? ""
    }
    // What leaves for other programs is masked as everything else.
    let masked = Reporter.redactor.redact(text)
    guard Clipboard.copy(masked) else {
      return complain("there is no clipboard here: wl-copy, xclip or pbcopy puts text into it")
    }
    say(["copied \(ShownText.grouped(masked.count)) character\(masked.count == 1 ? "" : "s")"])
  }

  func openLast() async {
    guard let value = session.value(named: "_"), !value.isNull else { return complain("there is no value to open yet") }
    let json = value.json
    var workspace = json?["workspace_id"]?.stringValue ?? json?["app_id"]?.stringValue
    if workspace == nil, json?["type"]?.stringValue == "conversation" {
      guard let me = await identity() else { return }
      workspace = me["app"]?["id_code"]?.stringValue
    }
    guard let address = PageAddress.of(json ?? .null, workspace: workspace) else {
      return complain("there is no page for this value: a contact, a conversation or what has a 'url' has one")
    }
    say([safeText(address)])
    Browser.open(address)
  }

  // MARK: Who and where

  /// What `GET /me` answers, without an entry of its own; nil after an error, which is shown.
  private func identity() async -> JSONValue? {
    activity.begin()
    let source = SourceFile(name: "<prompt>", text: "intercom.request(\"/me\")")
    let outcome = await spinner.during { await session.enter(source, isHidden: true) }
    guard case .finished(let value) = outcome else {
      report(outcome)
      return nil
    }
    return value.json
  }

  func showIdentity() async {
    guard let me = await identity() else { return }
    let app = me["app"]
    func text(_ value: JSONValue?) -> String { value?.stringValue.map(safeText) ?? "–" }
    say([
      "\(text(me["name"])) <\(text(me["email"]))>, admin \(text(me["id"]))",
      "workspace \(text(app?["name"])) (\(text(app?["id_code"]))), region \(text(app?["region"]))",
    ])
  }

  func showVariables() {
    let rows = HelpText.variables + Setting.allCases.map { ($0.variable, $0.help) }
    let width = rows.map(\.0.count).max() ?? 0
    say(
      rows.map { names, help in
        let isSet = names.split(separator: ",").contains { Environment[String($0).trimmed] != nil }
        return (isSet ? "* " : "  ") + Cell.pad(names, to: width) + "  " + help
      } + ["", "* is set. Scripts read those that begin with ICS_VAR_, and what --allow-env names."])
  }

  // MARK: Other commands

  func logIn(_ name: String) async {
    guard runOwnCommand(["connect"] + (name.isEmpty ? [] : [name])) else { return }
    if !name.isEmpty { return await useAccount(name) }
    await reconnect()
  }

  /// Runs a command of ics on this terminal; whether it ended well.
  @discardableResult
  func runOwnCommand(_ arguments: [String]) -> Bool {
    StandardOutput.shared.flush()
    guard let path = Environment.ownPath, let child = ChildProcess.start([path] + arguments) else {
      complain("'ics \(arguments.joined(separator: " "))' cannot be started")
      return false
    }
    return child.wait() == 0
  }
}

/// The page of Intercom's own application, or of the web, that shows a value.
enum PageAddress {
  static func of(_ value: JSONValue, workspace: String?) -> String? {
    if let text = value.stringValue ?? value["url"]?.stringValue, isAddress(text) { return text }
    guard let workspace, let id = value["id"]?.stringValue, isPlain(workspace), isPlain(id) else { return nil }
    let base = "https://app.intercom.com/a"
    switch value["type"]?.stringValue {
    case "contact": return "\(base)/apps/\(workspace)/users/\(id)/all-conversations"
    case "conversation": return "\(base)/inbox/\(workspace)/inbox/conversation/\(id)"
    case "company": return "\(base)/apps/\(workspace)/companies/\(id)/users"
    default: return nil
    }
  }

  /// An address comes from data: only pages of the web are opened, and nothing that a shell or a terminal obeys.
  private static func isAddress(_ text: String) -> Bool {
    (text.hasPrefix("https://") || text.hasPrefix("http://")) && text.utf8.count < 2000
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x41...0x5A).contains(byte & 0xDF) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
      }
  }
}

/// The clipboard: a program of the desktop's, else the terminal.
enum Clipboard {
  /// The most bytes that terminals take.
  private static let maximumSize = 74_000

  static func copy(_ text: String) -> Bool {
    for (program, variable) in [("wl-copy", "WAYLAND_DISPLAY"), ("xclip -selection clipboard", "DISPLAY")]
    where Environment[variable] != nil && run(program, text) { return true }
    #if os(macOS)
      if run("pbcopy", text) { return true }
    #endif
    guard StandardOutput.shared.isTerminal, Environment["TERM"] != nil, Environment["TERM"] != "dumb",
      text.utf8.count <= maximumSize
    else { return false }
    // The terminal's own clipboard (OSC 52): the text is in Base64, so that nothing in it commands the terminal.
    StandardOutput.shared.write("\u{1B}]52;c;\(base64(Array(text.utf8)))\u{7}", masked: false)
    return true
  }

  private static func run(_ program: String, _ text: String) -> Bool {
    guard let child = ChildProcess.start(["/bin/sh", "-c", program + " 2>/dev/null"], hasInput: true) else {
      return false
    }
    var text = text
    let failure = text.withUTF8 { FileDescriptor.write(child.input, UnsafeRawBufferPointer($0)) }
    close(child.input)
    return child.wait() == 0 && failure == nil
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let group = bytes[index..<min(index + 3, bytes.count)]
      let number = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        result.append(place <= group.count ? digits[number >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
      index += 3
    }
    return String(decoding: result, as: UTF8.self)
  }
}
