// The settings of a person, in one file. Each is a flag and a variable too, and those come first.

import ICSDiagnostics
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A setting: one row for the file, the flag, the variable and the help.
enum Setting: String, CaseIterable, Sendable {
  case account, color, editor, pager, view

  var flag: String { "--" + rawValue }

  /// The variable that stands for the flag. The file's own value is the last that is asked for.
  var variable: String { "ICS_" + rawValue.uppercased() }

  var help: String {
    switch self {
    case .account: "the account that scripts use"
    case .color: "colours: auto, always or never"
    case .editor: "the editor of ':edit'"
    case .pager: "the pager for what does not fit on the terminal"
    case .view: "how the prompt shows values: " + ValueView.allCases.map(\.rawValue).joined(separator: ", ")
    }
  }

  /// The values that it takes; `nil` for any text.
  var values: [String]? {
    switch self {
    case .color: ["auto", "always", "never"]
    case .view: ValueView.allCases.map(\.rawValue)
    case .account, .editor, .pager: nil
    }
  }

  /// Why a value is none; `nil` when it is.
  func complaint(about value: String) -> String? {
    guard let values else { return value.isEmpty && self == .account ? "'account' is a name" : nil }
    return values.contains(value) ? nil : "'\(rawValue)' is one of \(values.joined(separator: ", ")), not '\(value)'"
  }
}

/// The values of the settings, and where each comes from.
struct Settings: Sendable {
  /// Where a value comes from.
  enum Source: Sendable, Equatable {
    case flag, variable, file
    /// Nobody has set it.
    case none
  }

  private let file: [String: String]
  private let flags: [Setting: String]

  init(file: [String: String] = [:], flags: [Setting: String] = [:]) {
    self.file = file
    self.flags = flags
  }

  /// What flags say, for the whole process.
  private static let given = Mutex<[Setting: String]>([:])

  /// Takes a flag. Before `shared` is read for the first time.
  static func take(_ setting: Setting, _ value: String) { given.withLock { $0[setting] = value } }

  /// Those of the file, read when the first one is asked for. A file with mistakes is said once, and counts as empty.
  static let shared: Settings = {
    let path = Settings.path
    let flags = given.withLock { $0 }
    guard access(path, F_OK) == 0 else { return Settings(flags: flags) }
    do {
      return Settings(file: try read(path), flags: flags)
    } catch let error as SettingsError {
      StandardError.write("warning: \(terminalSafe(error.description)); no setting of this file is used\n")
    } catch let error as InputError {
      StandardError.write("warning: \(terminalSafe(error.message))\n")
    } catch {
      StandardError.write("warning: the settings cannot be read\n")
    }
    return Settings(flags: flags)
  }()

  /// Where the file is: `ICS_CONFIG`, else by the XDG rules.
  static var path: String {
    if let path = Environment["ICS_CONFIG"] { return Path.absolute(path) }
    if let folder = Environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/ics/config.toml" }
    return (Environment["HOME"] ?? "") + "/.config/ics/config.toml"
  }

  /// Reads a file of settings.
  static func read(_ path: String) throws -> [String: String] {
    let text = String(decoding: try InputFile.read(path, limit: 1 << 20), as: UTF8.self)
    return try SettingsText.parse(text, path: path)
  }

  /// The value of a setting, and where it comes from.
  func value(_ setting: Setting) -> (value: String?, source: Source) {
    if let value = flags[setting] { return (value, .flag) }
    if let value = Environment[setting.variable], setting.complaint(about: value) == nil { return (value, .variable) }
    if let value = file[setting.rawValue] { return (value, .file) }
    return (nil, .none)
  }

  subscript(setting: Setting) -> String? { value(setting).value }
}

/// A mistake in the file of settings.
struct SettingsError: Error, CustomStringConvertible {
  let path: String
  let line: Int
  let message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// The part of TOML that settings need: comments, and lines `name = "text"`.
enum SettingsText {
  /// The settings of a text, each at most once.
  static func parse(_ text: String, path: String) throws(SettingsError) -> [String: String] {
    var settings: [String: String] = [:]
    // Line feeds and CRLF are one character each for Swift.
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      func fail(_ message: String) -> SettingsError { SettingsError(path: path, line: index + 1, message: message) }
      let content = String(line).trimmed
      guard !content.isEmpty, content.first != "#" else { continue }
      guard content.first != "[" else { throw fail("there are no tables here, only lines such as color = \"never\"") }
      guard let equals = content.firstIndex(of: "=") else { throw fail("this is no setting; write name = \"value\"") }
      let name = String(content[..<equals]).trimmed
      guard let setting = Setting(rawValue: name) else {
        let near = nearestNames(to: name, among: Setting.allCases.map(\.rawValue), limit: 1).first
        throw fail("there is no setting '\(name)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
      }
      guard settings[name] == nil else { throw fail("'\(name)' is set twice") }
      guard let value = value(String(content[content.index(after: equals)...]).trimmed) else {
        throw fail("the value of '\(name)' is no string; write \(name) = \"\(setting.values?.last ?? "value")\"")
      }
      if let complaint = setting.complaint(about: value) { throw fail(complaint) }
      settings[name] = value
    }
    return settings
  }

  /// A string of TOML in one line, with a comment behind it or without; `nil` for anything else.
  private static func value(_ text: String) -> String? {
    guard let quote = text.first, quote == "\"" || quote == "'" else { return nil }
    var result = ""
    var rest = text.dropFirst()
    while let character = rest.popFirst() {
      if character == quote {
        let behind = String(rest).trimmed
        return behind.isEmpty || behind.first == "#" ? result : nil
      }
      guard character == "\\", quote == "\"" else {
        result.append(character)
        continue
      }
      switch rest.popFirst() {
      case "\\": result.append("\\")
      case "\"": result.append("\"")
      case "n": result.append("\n")
      case "t": result.append("\t")
      default: return nil
      }
    }
    return nil
  }

  /// A string as the file has it.
  static func literal(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
  }
}
