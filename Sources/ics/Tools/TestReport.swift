// The results of tests for people, for programs, and for those who collect JUnit files.

import ICSDiagnostics
import ICSJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct TestReport {
  let palette: Palette
  let isJSON: Bool
  let isVerbose: Bool
  private(set) var results: [TestResult] = []

  init(palette: Palette, isJSON: Bool, isVerbose: Bool) {
    (self.palette, self.isJSON, self.isVerbose) = (palette, isJSON, isVerbose)
  }

  var failureCount: Int { results.count { !$0.passed } }

  /// Takes the results of a file, and shows them.
  mutating func add(_ more: [TestResult]) {
    results += more
    if let file = more.first?.file, !isJSON { write(palette.paint(safeText(file), .title)) }
    for result in more { isJSON ? showJSON(result) : show(result) }
  }

  private func write(_ line: String) { StandardOutput.shared.write(line + "\n") }

  private func show(_ result: TestResult) {
    let time = " (\(Self.milliseconds(result.duration)) ms)"
    let word = result.passed ? palette.paint("ok", .string) + "      " : palette.paint("FAILED", .error) + "  "
    write("  " + word + safeText(result.name) + palette.paint(time, .note))
    let renderer = DiagnosticRenderer(color: palette.isOn, width: Environment.width(STDOUT_FILENO))
    for error in result.errors {
      StandardOutput.shared.write(Reporter.redactor.redact(renderer.render(error)))
    }
    guard !result.output.isEmpty, isVerbose || !result.passed else { return }
    for line in result.output.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
      write("    │ " + safeText(String(line)))
    }
  }

  private func showJSON(_ result: TestResult) {
    var object: JSONObject = [
      "file": .string(result.file), "name": .string(result.name), "passed": .bool(result.passed),
      "milliseconds": .int(Self.milliseconds(result.duration)),
    ]
    if let error = result.errors.first { object["error"] = .object(Reporter.json(of: error)) }
    StandardOutput.shared.write(Reporter.line(.object(object)))
  }

  /// Says how many there were.
  func finish(after time: Duration, wasFiltered: Bool) {
    guard !isJSON else { return }
    guard !results.isEmpty else {
      return write(wasFiltered ? "no test has this in its name" : "no tests")
    }
    let passed = results.count - failureCount
    var text = "\(passed) passed"
    if failureCount > 0 { text += ", \(failureCount) failed" }
    write("\n" + palette.paint(text, failureCount > 0 ? .error : .string) + " in \(Self.milliseconds(time)) ms")
  }

  /// Says which lines were run.
  func show(_ coverage: LineCoverage) {
    let folder = Environment.currentFolder + "/"
    for file in coverage.files {
      let name = file.path.hasPrefix(folder) ? String(file.path.dropFirst(folder.count)) : file.path
      let percent = file.lines.isEmpty ? 1000 : file.coveredCount * 1000 / file.lines.count
      if isJSON {
        StandardOutput.shared.write(
          Reporter.line([
            "coverage": .string(name), "lines": .int(file.lines.count), "covered": .int(file.coveredCount),
            "missed": .array(file.lines.filter { $0.value == 0 }.keys.sorted().map(JSONValue.int)),
          ]))
      } else {
        let missed = file.missed.isEmpty ? "" : "  missed: \(file.missed)"
        write(
          "coverage  \(safeText(name))  \(percent / 10).\(percent % 10) % (\(file.coveredCount)/\(file.lines.count))\(missed)"
        )
      }
    }
  }

  private static func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }

  // MARK: JUnit

  /// The results as a JUnit file.
  var junit: String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"\(results.count)\""
    text += " failures=\"\(failureCount)\">\n"
    var files: [String] = []
    for result in results where !files.contains(result.file) { files.append(result.file) }
    for file in files {
      let own = results.filter { $0.file == file }
      text += "  <testsuite name=\"\(Self.escaped(file))\" tests=\"\(own.count)\""
      text += " failures=\"\(own.count { !$0.passed })\">\n"
      for result in own { text += Self.element(result) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func element(_ result: TestResult) -> String {
    let thousandths = milliseconds(result.duration)
    let rest = String(thousandths % 1000)
    let seconds = "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    var text =
      "    <testcase classname=\"\(escaped(result.file))\" name=\"\(escaped(result.name))\" time=\"\(seconds)\""
    guard !result.passed || !result.output.isEmpty else { return text + "/>\n" }
    text += ">\n"
    let renderer = DiagnosticRenderer(color: false, width: 100)
    for error in result.errors {
      text += "      <failure type=\"\(escaped(error.code))\" message=\"\(escaped(error.message))\">"
      text += escaped(Reporter.redactor.redact(renderer.render(error))) + "</failure>\n"
    }
    if !result.output.isEmpty {
      text += "      <system-out>\(escaped(Reporter.redactor.redact(result.output)))</system-out>\n"
    }
    return text + "    </testcase>\n"
  }

  /// Text of XML. What XML cannot hold at all, control characters, is shown as an escape.
  private static func escaped(_ text: String) -> String {
    terminalSafe(text, keepingLineBreaks: true).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
  }
}
