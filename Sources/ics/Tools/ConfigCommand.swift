// `ics config`: the settings, where they come from, and changing them.

import ArgumentParser
import ICSDiagnostics
import ICSJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct ConfigCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show and change the settings.",
    discussion: """
      Without arguments, lists the settings, their values and where these come from: a variable comes before the \
      file, a flag before both. With a name, prints its value; with a name and a value, writes it to the file.

      Examples: ics config
                ics config color never
                ics config --unset color
                ics config --path
      """)

  @Argument(help: "A setting.", completion: ShellCandidates.settings) var name: String?
  @Argument(help: "Its value.") var value: String?
  @Option(help: ArgumentHelp("Take a setting out of the file.", valueName: "name")) var unset: String?
  @Flag(help: "Print where the file is.") var path = false
  @Flag(help: "One JSON object per setting.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    let reporter = Reporter(isJSON: json)
    if path {
      StandardOutput.shared.write(Settings.path + "\n")
      return ExitStatus.success
    }
    do {
      if let unset { return try change(unset, to: nil) }
      if let name, let value { return try change(name, to: value) }
      let settings = Settings(file: access(Settings.path, F_OK) == 0 ? try Settings.read(Settings.path) : [:])
      guard let name else { return list(settings) }
      guard let value = settings[try setting(name)] else { return ExitStatus.failure }
      StandardOutput.shared.write(json ? Reporter.line(.string(value)) : safeText(value) + "\n")
      return ExitStatus.success
    } catch let error as UsageError {
      reporter.error(error.message, code: "E_USAGE")
      return ExitStatus.usage
    } catch let error as SettingsError {
      reporter.error(error.description, code: "E_VALUE")
      return ExitStatus.failure
    } catch {
      reporter.error((error as? InputError)?.message ?? "\(error)")
      return ExitStatus.failure
    }
  }

  private func setting(_ name: String) throws(UsageError) -> Setting {
    if let setting = Setting(rawValue: name) { return setting }
    let near = nearestNames(to: name, among: Setting.allCases.map(\.rawValue), limit: 1).first
    throw UsageError(message: "there is no setting '\(name)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
  }

  private func list(_ settings: Settings) -> Int32 {
    for setting in Setting.allCases {
      let (value, source) = settings.value(setting)
      let origin =
        source == .variable ? setting.variable : source == .file ? "file" : source == .flag ? "flag" : "default"
      if json {
        StandardOutput.shared.write(
          Reporter.line([
            "name": .string(setting.rawValue), "value": value.map(JSONValue.string) ?? .null,
            "source": .string(origin), "flag": .string(setting.flag), "variable": .string(setting.variable),
            "help": .string(setting.help),
          ]))
      } else {
        StandardOutput.shared.write(
          "\(Cell.pad(setting.rawValue, to: 8))  \(Cell.pad(safeText(value ?? "-"), to: 12))  "
            + "\(Cell.pad(origin, to: 11))  \(setting.help)\n")
      }
    }
    return ExitStatus.success
  }

  /// Writes the file anew; its comments stay.
  private func change(_ name: String, to value: String?) throws -> Int32 {
    let setting = try setting(name)
    if let value, let complaint = setting.complaint(about: value) { throw UsageError(message: complaint) }
    let path = Settings.path
    var lines: [String] = []
    if access(path, F_OK) == 0 {
      // What is wrong already is said before anything is written.
      _ = try Settings.read(path)
      let text = String(decoding: try InputFile.read(path, limit: 1 << 20), as: UTF8.self)
      lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
      if lines.last?.isEmpty == true { lines.removeLast() }
    }
    let index = lines.firstIndex { line in
      String(line.prefix { $0 != "=" }).trimmed == name && line.contains("=") && !line.trimmed.hasPrefix("#")
    }
    let line = value.map { "\(name) = \(SettingsText.literal($0))" }
    switch (index, line) {
    case (let index?, let line?): lines[index] = line
    case (let index?, nil): lines.remove(at: index)
    case (nil, let line?): lines.append(line)
    case (nil, nil): return ExitStatus.success
    }
    var folder = ""
    for part in Path.folder(of: path).split(separator: "/") {
      folder += "/" + part
      // It is there already, or the file's own error will say what is wrong.
      _ = mkdir(folder, 0o700)
    }
    try OutputFile.write(lines.map { $0 + "\n" }.joined(), to: path)
    return ExitStatus.success
  }
}
