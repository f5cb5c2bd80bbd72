// `ics check`: errors and warnings without running anything.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import ICSSyntax
import IntercomHooks
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct CheckCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find the errors of scripts without running them.",
    discussion: "Prints every finding, and ends with 1 when there is any.\n\nExample: ics check *.ics")

  @Argument(help: "The scripts.", completion: .file(extensions: ["ics"])) var files: [String]
  @Flag(help: "One JSON object per finding.") var json = false
  @Option(help: ArgumentHelp("Imports stay below this folder, not the script's own.", valueName: "dir"))
  var root: String?

  func perform(_ stop: Stop) async -> Int32 {
    var status = ExitStatus.success
    for file in files where stop.signal == nil {
      do throws(InputError) {
        let bytes = try InputFile.read(file, limit: SyntaxTree.maximumSourceSize + 1)
        let path = Path.absolute(file)
        let root = root.map(Path.absolute) ?? Path.folder(of: path)
        let source = SourceFile(name: file, bytes: bytes)
        var findings = Session.check(source, path: path, root: root)
        if !findings.contains(where: { $0.severity == .error }) { findings = HookCheck.findings(in: source) + findings }
        show(findings)
        if !findings.isEmpty { status = max(status, ExitStatus.failure) }
      } catch {
        Reporter(isJSON: json).error(error.message)
        status = ExitStatus.noInput
      }
    }
    return stop.signal.map(ExitStatus.signal) ?? status
  }

  /// The findings are what was asked for, so they go to standard output.
  private func show(_ findings: [Diagnostic]) {
    let renderer = DiagnosticRenderer(
      color: Environment.usesColor(STDOUT_FILENO), width: Environment.width(STDOUT_FILENO))
    for finding in findings {
      guard json else {
        StandardOutput.shared.write(renderer.render(finding))
        continue
      }
      var object: JSONObject = ["severity": finding.severity == .warning ? "warning" : "error"]
      for (key, value) in Reporter.json(of: finding) where key != "data" { object[key] = value }
      StandardOutput.shared.write(Reporter.line(.object(object)))
    }
  }
}
