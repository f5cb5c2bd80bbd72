// Scripts and the session: `:load`, `:save`, `:history`.

import ICSDiagnostics
import ICSSyntax
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
  func load(_ name: String) async {
    guard !name.isEmpty else { return complain("':load' needs a file: :load report.ics") }
    do throws(InputError) {
      let bytes = try InputFile.read(name, limit: SyntaxTree.maximumSourceSize + 1)
      await run(String(decoding: bytes, as: UTF8.self))
    } catch {
      complain(error.message)
    }
  }

  func save(_ argument: String) {
    let words = argument.split(separator: " ").map(String.init)
    guard let name = words.first, words.count <= 2 else {
      return complain("':save' needs a file: :save report.ics 1-12")
    }
    var range: ClosedRange<Int>?
    if words.count == 2 {
      range = EntryLog.range(words[1])
      guard range != nil else { return complain("'\(words[1])' are no entries; write 3, 1-12 or 4-") }
    }
    let path = Path.absolute(name)
    if access(path, F_OK) == 0, !savedFiles.contains(path) {
      return complain("there is a file '\(name)' already; choose another name")
    }
    let (text, count) = log.script(range, date: TimestampText.today)
    guard count > 0 else { return complain("there is nothing to save: no entry of these has worked yet") }
    do throws(InputError) {
      try OutputFile.write(text, to: path)
    } catch {
      return complain(error.message)
    }
    savedFiles.insert(path)
    say(["saved \(count) \(count == 1 ? "entry" : "entries") to \(safeText(name))"])
    let root = options.root.map(Path.absolute) ?? Path.folder(of: path)
    let errors = Session.check(SourceFile(name: name, text: text), path: path, root: root)
      .filter { $0.severity == .error }
    if !errors.isEmpty {
      StandardError.write("it does not run on its own yet:\n")
      Reporter().report(errors)
    }
  }

  func showHistory(_ argument: String) {
    var words = argument.split(separator: " ").map(String.init)
    var count = Int.max
    if let first = words.first, let number = Int(first), number > 0 {
      count = number
      words.removeFirst()
    }
    let pattern = words.joined(separator: " ").lowercased()
    let found = log.entries.filter { pattern.isEmpty || $0.text.lowercased().contains(pattern) }.suffix(count)
    guard !found.isEmpty else { return say(["no entries yet"]) }
    let width = String(found.last?.number ?? 0).count
    say(
      found.flatMap { entry -> [String] in
        let lines = safeLines(entry.text)
        let number = Cell.pad("\(entry.number)", to: width, isRight: true)
        return lines.enumerated().map { index, line in
          (index == 0 ? "\(number)  " : String(repeating: " ", count: width + 2)) + line
        }
      })
  }

  private func safeLines(_ text: String) -> [String] {
    terminalSafe(Reporter.redactor.redact(text), keepingLineBreaks: true)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
