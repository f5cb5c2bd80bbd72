// `ics fmt`: scripts in the one style of the language.

import ArgumentParser
import ICSDiagnostics
import ICSSyntax

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct FormatCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Format scripts in place.",
    discussion: """
      Files are replaced in one step and keep their mode; of a folder, all scripts below it. Without files, or for \
      '-', standard input is formatted to standard output. A file with errors stays as it is, and the status is 1.

      Examples: ics fmt report.ics
                ics fmt --check .
                ics fmt < report.ics
      """)

  @Argument(help: "Scripts and folders.", completion: .file(extensions: ["ics"])) var files: [String] = []
  @Flag(help: "Change nothing: name the files that are not formatted, and end with 1 when there are any.")
  var check = false
  @Flag(help: "Errors as JSON.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    var status = ExitStatus.success
    for file in files.isEmpty ? ["-"] : files where stop.signal == nil {
      if Path.isFolder(file) {
        for script in ScriptFiles.below(file, suffix: ".ics") where stop.signal == nil {
          status = max(status, format(script))
        }
      } else {
        status = max(status, format(file))
      }
    }
    return stop.signal.map(ExitStatus.signal) ?? status
  }

  private func format(_ file: String) -> Int32 {
    let bytes: [UInt8]
    do throws(InputError) {
      bytes = try InputFile.read(file, limit: SyntaxTree.maximumSourceSize + 1)
    } catch {
      Reporter(isJSON: json).error(error.message)
      return ExitStatus.noInput
    }
    let tree = SyntaxTree.parse(SourceFile(name: file == "-" ? "<stdin>" : file, bytes: bytes))
    guard let text = SyntaxFormatter.format(tree) else {
      Reporter(isJSON: json).report(tree.diagnostics.filter { $0.severity == .error })
      return ExitStatus.failure
    }
    let isFormatted = text.utf8.elementsEqual(bytes)
    if check {
      guard !isFormatted else { return ExitStatus.success }
      StandardOutput.shared.write(safeText(file) + "\n")
      return ExitStatus.failure
    }
    if file == "-" {
      StandardOutput.shared.write(text, masked: false)
      return ExitStatus.success
    }
    // A file that is as it should be is not touched.
    guard !isFormatted else { return ExitStatus.success }
    do throws(InputError) {
      try OutputFile.write(text, to: file)
      return ExitStatus.success
    } catch {
      Reporter(isJSON: json).error(error.message)
      return ExitStatus.failure
    }
  }
}
