// `ics FILE`, `ics run FILE`, `ics -e CODE` and a script on standard input.

import ICSDiagnostics
import ICSSyntax
import IntercomScript

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum RunCommand {
  /// Reads the arguments and runs what they name; without a script, what is on standard input, or the prompt when that
  /// is a terminal.
  @MainActor
  static func start(_ arguments: [String]) -> Never {
    if arguments.contains("--help") || arguments.contains("-h"), isHelpAsked(arguments) { HelpText.printRun() }
    var options: RunOptions
    do throws(UsageError) {
      options = try RunOptions(arguments)
      if let root = options.root, !Path.isFolder(root) { throw UsageError(message: "'\(root)' is no folder") }
    } catch {
      let reporter = Reporter(isJSON: arguments.contains("--json"))
      reporter.error(error.message, code: "E_USAGE", help: "'ics run --help' lists the options")
      ExitStatus.leave(ExitStatus.usage)
    }
    do throws(InputError) {
      try options.openTape()
    } catch {
      Reporter(isJSON: options.isJSON).error(error.message)
      ExitStatus.leave(error.isMissing ? ExitStatus.noInput : ExitStatus.failure)
    }
    if options.origin == .unnamed, isatty(STDIN_FILENO) == 1 { Repl.start(options) }
    Foreground.run { [options] stop in await run(options, stop) }
  }

  /// Whether help is asked of `ics run` itself: what follows the file belongs to the script.
  private static func isHelpAsked(_ arguments: [String]) -> Bool {
    let own = arguments.drop { $0 == "run" }.prefix { $0.hasPrefix("-") }
    return own.contains("--help") || own.contains("-h")
  }

  private static func run(_ options: RunOptions, _ stop: Stop) async -> Int32 {
    let source: SourceFile
    var path: String?
    var root = Environment.currentFolder
    switch options.origin {
    case .code(let text): source = SourceFile(name: "<code>", text: text)
    case .unnamed, .file:
      let name = if case .file(let name) = options.origin { name } else { "-" }
      do throws(InputError) {
        let bytes = try InputFile.read(name, limit: SyntaxTree.maximumSourceSize + 1)
        source = SourceFile(name: name == "-" ? "<stdin>" : name, bytes: bytes)
      } catch {
        Reporter(isJSON: options.isJSON).error(error.message, help: CommandList.suggestion(for: name))
        options.tape.discard()
        return ExitStatus.noInput
      }
      if name != "-" {
        path = Path.absolute(name)
        root = Path.folder(of: path ?? name)
      }
    }
    if let other = options.root { root = Path.absolute(other) }
    let workspace = Workspace(options)
    if let job = options.job {
      let (folder, origin) = (root, path)
      let run = JobRun(name: job, options: options) {
        options.sessionConfiguration(root: folder, stop: stop, workspace: workspace)
      }
      let bundle = ScriptBundle(
        name: source.name, source: String(decoding: source.bytes, as: UTF8.self), path: origin, root: folder)
      let status = await run.perform(bundle, stop)
      await workspace.close()
      return status ?? stop.signal.map(ExitStatus.signal) ?? ExitStatus.failure
    }
    let session = Session(options.sessionConfiguration(root: root, stop: stop, workspace: workspace))
    let outcome = await session.run(source, path: path)
    await session.shutdown()
    await workspace.close()
    if case .notCompiled = outcome {
      options.tape.discard()
    } else if let problem = options.tape.finish() {
      Reporter(isJSON: options.isJSON).error(problem)
      return max(status(of: outcome, options, stop), ExitStatus.failure)
    }
    return status(of: outcome, options, stop)
  }

  /// Where a listing would go on that somebody watched and has interrupted.
  private static func noteOpenListing(_ options: RunOptions) {
    guard ProgressLine.isDrawn, !options.isQuiet, !options.isJSON, let text = Activity.shared.openListing else {
      return
    }
    StandardError.write("  = note: \(text)\n")
  }

  private static func status(of outcome: SessionOutcome, _ options: RunOptions, _ stop: Stop) -> Int32 {
    // The script was stopped because nobody reads what it prints.
    if StandardOutput.shared.failure != nil { return ExitStatus.success }
    switch outcome {
    case .finished: return ExitStatus.success
    case .notCompiled(let diagnostics):
      Reporter(isJSON: options.isJSON).report(diagnostics)
      return ExitStatus.notCompiled
    case .failed(let diagnostics):
      Reporter(isJSON: options.isJSON).report(diagnostics)
      guard let signal = stop.signal, diagnostics.contains(where: { $0.code == "E_CANCELLED" }) else {
        return ExitStatus.failure
      }
      noteOpenListing(options)
      return ExitStatus.signal(signal)
    }
  }
}
