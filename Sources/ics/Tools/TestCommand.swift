// `ics test`: runs the tests of scripts, each file with a workspace and a time of its own.

import ArgumentParser
import ICSDiagnostics
import ICSJSON
import IntercomScript

struct TestCommand: StatusCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run the tests of scripts.",
    discussion: """
      Runs the files whose names end in '_test.ics', those below folders too. They use std/test:

        import { test, expect } from "std/test"
        test("sums", () => expect(1 + 1).to_equal(2))

      Each file has a fresh sandbox, and time that jumps over every wait. Nothing reaches a real workspace.

      Examples: ics test
                ics test reports --filter sums
                ics test --junit results.xml --coverage
      """)

  @Argument(help: "Files and folders; the current folder without any.", completion: .file(extensions: ["ics"]))
  var paths: [String] = []
  @Option(help: "Only tests whose name has this text.") var filter: String?
  @Option(help: ArgumentHelp("Write the results to a file as JUnit XML.", valueName: "file")) var junit: String?
  @Flag(help: "Say which lines were run.") var coverage = false
  @Flag(help: "Print what the scripts print, also when all is well.") var verbose = false
  @Flag(help: "One JSON object per test.") var json = false

  func perform(_ stop: Stop) async -> Int32 {
    let reporter = Reporter(isJSON: json)
    var files: [String] = []
    for path in paths.isEmpty ? ["."] : paths {
      if Path.isFolder(path) { files += ScriptFiles.below(path, suffix: "_test.ics") } else { files.append(path) }
    }
    guard !files.isEmpty else {
      reporter.error("there is no test: no file whose name ends in '_test.ics'")
      return ExitStatus.noInput
    }
    let covered = coverage ? LineCoverage() : nil
    var report = TestReport(palette: Palette(STDOUT_FILENO), isJSON: json, isVerbose: verbose)
    var isMissing = false
    let start = ContinuousClock.now
    for file in files where stop.signal == nil {
      do throws(InputError) {
        let run = TestRun(file: file, filter: filter, coverage: covered)
        report.add(try await run.results(stop))
      } catch {
        reporter.error(error.message)
        isMissing = true
      }
    }
    report.finish(after: ContinuousClock.now - start, wasFiltered: filter != nil)
    if let covered { report.show(covered) }
    if let junit {
      do throws(InputError) {
        try OutputFile.write(report.junit, to: junit)
      } catch {
        reporter.error(error.message)
        return ExitStatus.failure
      }
    }
    if let signal = stop.signal { return ExitStatus.signal(signal) }
    if isMissing { return ExitStatus.noInput }
    // A filter that nothing has is a mistake of whoever wrote it.
    return report.failureCount > 0 || report.results.isEmpty ? ExitStatus.failure : ExitStatus.success
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
