// Golden scripts: `.ics` files whose comments say what their programs do.
//
//     // expect: TEXT               the next line of output, exactly; `// expect:` alone is an empty line
//     // expect error E_CODE        the program ends with this error, at the line of the comment
//     // expect error E_CODE: WORDS and its report holds WORDS, in any case
//
// A line `// ---` begins another program. Files named `*.lib.ics` are modules that the others import.

import Foundation
import ICSDiagnostics
import Testing

/// One program of a golden file.
struct Golden: Sendable, CustomTestStringConvertible {
  let file: URL
  let firstLine: Int
  /// The program, with blank lines before it so that its lines have the numbers that they have in the file.
  let text: [UInt8]
  private(set) var output: [String] = []
  private(set) var errors: [ExpectedError] = []

  struct ExpectedError: Sendable {
    let code: String
    let line: Int
    let words: String
  }

  var testDescription: String { "\(file.pathComponents.suffix(2).joined(separator: "/")):\(firstLine)" }

  /// The process would end with this.
  var status: Int {
    if errors.isEmpty { return 0 }
    return errors.contains { Self.codesBeforeRunning.contains($0.code) } ? 2 : 1
  }

  private static let codesBeforeRunning: Set<String> = [
    "E_SYNTAX", "E_UNKNOWN_NAME", "E_DUPLICATE_NAME", "E_ASSIGN_LET", "E_IMPORT", "E_IMPORT_CYCLE", "E_QUERY",
  ]

  init(file: URL, firstLine: Int, lines: [ArraySlice<UInt8>]) {
    self.file = file
    self.firstLine = firstLine
    text = [UInt8](repeating: 10, count: firstLine - 1) + lines.flatMap { $0 + [10] }
    for (offset, line) in lines.enumerated() { note(String(decoding: line, as: UTF8.self), line: firstLine + offset) }
  }

  private mutating func note(_ line: String, line number: Int) {
    if let match = line.firstMatch(of: /\/\/ expect error (E_[A-Z0-9_]+)(?:: (.*))?$/) {
      let words = match.2.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
      errors.append(ExpectedError(code: String(match.1), line: number, words: words))
    } else if let match = line.firstMatch(of: /\/\/ expect:(?: (.*))?$/) {
      output.append(match.1.map(String.init) ?? "")
    }
  }

  // MARK: Finding them

  /// Every program of every golden file below a folder.
  static func all(in folder: URL) throws -> [Golden] {
    let names = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return try (names?.compactMap { $0 as? URL } ?? [])
      .filter { $0.pathExtension == "ics" && !$0.lastPathComponent.hasSuffix(".lib.ics") }
      .sorted { $0.path < $1.path }
      .flatMap { try programs(of: $0, bytes: [UInt8](Data(contentsOf: $0))) }
  }

  static func programs(of file: URL, bytes: [UInt8]) -> [Golden] {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var programs: [Golden] = []
    var start = 0
    for index in 0...lines.count where index == lines.count || isSeparator(lines[index]) {
      let part = Array(lines[start..<index])
      if part.contains(where: { !$0.allSatisfy { $0 == 32 || $0 == 9 || $0 == 13 } }) {
        programs.append(Golden(file: file, firstLine: start + 1, lines: part))
      }
      start = index + 1
    }
    return programs
  }

  private static func isSeparator(_ line: ArraySlice<UInt8>) -> Bool {
    String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces) == "// ---"
  }

  // MARK: Comparing

  /// What a run did otherwise than expected, as lines; none when all is well.
  func differences(_ run: ScriptRun) -> [String] {
    var wrong: [String] = []
    if run.output != output { wrong.append("expected output \(output), got \(run.output)") }
    let reports = run.diagnostics.map { DiagnosticRenderer(color: false).render($0) }
    for error in errors {
      // The frames under 'called from' are left out: the error's own place has to be right.
      let own = reports.filter { $0.hasPrefix("error[\(error.code)]") }
        .map { $0.components(separatedBy: "called from")[0] }
      if !own.contains(where: { $0.contains(":\(error.line):") }) {
        wrong.append("expected \(error.code) at line \(error.line), got \(reports)")
      } else if !own.contains(where: { $0.lowercased().contains(error.words.lowercased()) }) && !error.words.isEmpty {
        wrong.append("expected a message with '\(error.words)', got \(reports)")
      }
    }
    if run.status != status { wrong.append("expected status \(status), got \(run.status) \(reports)") }
    return wrong
  }
}
