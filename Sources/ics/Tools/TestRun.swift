// One file of tests: its results, its workspace and its time.

import ICSDiagnostics
import ICSLibrary
import ICSSyntax
import ICSVM
import IntercomAPI
import IntercomSandbox
import IntercomScript
import Synchronization

/// What became of a test.
struct TestResult: Sendable {
  let file: String
  let name: String
  let duration: Duration
  /// Why it failed; empty when it passed.
  let errors: [Diagnostic]
  /// What the file has printed meanwhile.
  let output: String

  var passed: Bool { errors.isEmpty }
}

struct TestRun {
  let file: String
  let filter: String?
  let coverage: LineCoverage?

  /// Runs the file.
  func results(_ stop: Stop) async throws(InputError) -> [TestResult] {
    let bytes = try InputFile.read(file, limit: SyntaxTree.maximumSourceSize + 1)
    let path = Path.absolute(file)
    let recorder = TestRecorder(file: file, filter: filter, coverage: coverage)
    let workspace = TestWorkspace(clock: recorder.clock)
    let session = Session(configuration(path, recorder, workspace, stop))
    let text = coverage?.instrumented(path, bytes) ?? bytes
    let outcome = await session.run(SourceFile(name: file, bytes: text), path: path)
    await session.shutdown()
    await workspace.close()
    switch outcome {
    case .finished: recorder.finish([])
    case .notCompiled(let errors), .failed(let errors): recorder.finish(errors.filter { $0.severity == .error })
    }
    return recorder.results
  }

  private func configuration(
    _ path: String, _ recorder: TestRecorder, _ workspace: TestWorkspace, _ stop: Stop
  ) -> SessionConfiguration {
    var configuration = SessionConfiguration()
    configuration.root = Path.folder(of: path)
    configuration.interruption = stop.interruption
    var permissions = Permissions()
    permissions.currentFolder = Environment.currentFolder
    permissions.readableFolders = [permissions.currentFolder, Path.folder(of: path)]
    permissions.writableFolders = [permissions.currentFolder]
    permissions.allowsVariable = { $0.hasPrefix("ICS_VAR_") }
    permissions.help = { refusal in
      switch refusal {
      case .reading, .writing: "a test reads and writes below the current folder, and reads below its own"
      case .variable: "a test reads the variables that begin with ICS_VAR_"
      case .host, .network: "a test sends nothing but to its sandbox"
      }
    }
    configuration.permissions = permissions
    configuration.environment = { Environment.variable($0) }
    configuration.redact = { Reporter.redactor.redact($0) }
    configuration.write = { bytes in recorder.print(String(decoding: bytes, as: UTF8.self)) }
    configuration.log = { line in recorder.print("\(line.level.rawValue): \(line.message)\n") }
    configuration.connect = { () async throws(APIError) in try await workspace.connect() }
    let clock = recorder.clock
    configuration.wallClock = { clock.wallTime }
    configuration.clock = { clock.nanoseconds }
    configuration.sleepUntil = { await clock.sleep(until: $0) }
    // The same dice in every run.
    configuration.randomSeed = 1
    let coverage = coverage
    configuration.rewrite = { path, text in
      path == "std/test" ? TestRecorder.module(text) : coverage?.instrumented(path, text) ?? text
    }
    configuration.hostValues = [(name: TestRecorder.name, make: { $0.value(of: recorder) })]
    return configuration
  }
}

/// What `std/test` tells under `ics test`: which test begins, and how it ended.
// SAFETY: of a machine's own, and used by its task alone.
final class TestRecorder: HostObject {
  /// The name in scripts; `std/test` alone uses it.
  static let name = "test_run"

  let typeName = "test run"
  let memberNames = ["failed", "hit", "passed", "wants"]
  let clock = VirtualClock()
  private(set) var results: [TestResult] = []
  private let file: String
  private let filter: String?
  private let coverage: LineCoverage?
  private var current: (name: String, start: ContinuousClock.Instant)?
  private var output = ""
  private var functions: [String: Value] = [:]
  private let start = ContinuousClock.now
  /// How many tests there were that nobody wanted.
  private var skipped = 0

  private static let maximumOutput = 1 << 20

  init(file: String, filter: String?, coverage: LineCoverage?) {
    self.file = file
    self.filter = filter
    self.coverage = coverage
  }

  /// The text of `std/test` with a `test` that tells what happens.
  static func module(_ text: [UInt8]) -> [UInt8] {
    let text = String(decoding: text, as: UTF8.self)
    guard let start = text.firstRange(of: "export fn test("),
      let end = text[start.lowerBound...].firstRange(of: "\n}\n")
    else { return Array(text.utf8) }
    let told = """
      export fn test(name, body) {
        if !test_run.wants(str(name)) { return null }
        try { body(); test_run.passed() } catch e { test_run.failed(e) }
      """
    return Array((text[..<start.lowerBound] + told + text[end.lowerBound...]).utf8)
  }

  func member(_ name: String, machine: Machine) throws(Raised) -> Value? {
    if let known = functions[name] { return known }
    guard let function = makeFunction(name) else { return nil }
    let value = machine.value(of: function)
    functions[name] = value
    return value
  }

  private func makeFunction(_ name: String) -> NativeFunction? {
    switch name {
    case "wants":
      NativeFunction(name, arity: 1...1) { call throws(Raised) in
        .bool(self.begin(call[0].isString ? swiftString(call[0].address) : ""))
      }
    case "passed":
      NativeFunction(name, arity: 0...0) { _ throws(Raised) in
        self.end([])
        return .null
      }
    case "failed":
      NativeFunction(name, arity: 1...1) { call throws(Raised) in
        self.end([call.machine.diagnostic(for: call[0])])
        return .null
      }
    case "hit":
      NativeFunction(name, arity: 1...1) { call throws(Raised) in
        self.coverage?.hit(call[0].asInt)
        return .null
      }
    default: nil
    }
  }

  private func begin(_ name: String) -> Bool {
    if let filter, !name.contains(filter) {
      skipped += 1
      return false
    }
    current = (name, ContinuousClock.now)
    return true
  }

  private func end(_ errors: [Diagnostic]) {
    guard let current else { return }
    add(current.name, since: current.start, errors)
    self.current = nil
  }

  private func add(_ name: String, since start: ContinuousClock.Instant, _ errors: [Diagnostic]) {
    let errors = errors.map { Self.inTest(coverage?.restored($0) ?? $0) }
    results.append(
      TestResult(file: file, name: name, duration: ContinuousClock.now - start, errors: errors, output: output))
    output = ""
  }

  /// An expectation fails where it stands in the test, not in the library that checks it.
  private static func inTest(_ error: Diagnostic) -> Diagnostic {
    guard error.source?.name.hasPrefix("std/") ?? false,
      let index = error.frames.firstIndex(where: { !($0.source?.name.hasPrefix("std/") ?? true) })
    else { return error }
    var error = error
    (error.source, error.span) = (error.frames[index].source, error.frames[index].span)
    (error.secondary, error.label) = ([], "")
    error.frames = error.frames[(index + 1)...].filter { !($0.source?.name.hasPrefix("std/") ?? false) }
    return error
  }

  /// The file has ended: errors outside of tests are its own, and a file without tests is one.
  func finish(_ errors: [Diagnostic]) {
    if let current, !errors.isEmpty {
      add(current.name, since: current.start, errors)
    } else if !errors.isEmpty || results.isEmpty && skipped == 0 && filter == nil {
      add("the file as a whole", since: start, errors)
    }
  }

  func print(_ text: String) {
    if output.utf8.count < Self.maximumOutput { output += text }
  }
}

/// Time for tests: it goes on as it does, and jumps over every wait.
final class VirtualClock: Sendable {
  private let began = ContinuousClock.now
  private let unixStart = RequestClock.system.unixTime()
  private let skipped = Mutex(Duration.zero)

  private var elapsed: Duration { ContinuousClock.now - began + skipped.withLock { $0 } }

  /// Unix seconds.
  var wallTime: Double { unixStart + elapsed / .seconds(1) }

  /// Nanoseconds that only go forward, from one second on: a session takes 0 for no time.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = elapsed.components
    return UInt64(seconds + 1) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }

  /// Jumps to a moment. Answers that are on their way come first: they take less time than a wait in a script.
  func sleep(until moment: UInt64) async {
    // A cancelled pause is no error here: the script's end is near.
    try? await Task.sleep(for: .milliseconds(2))
    let now = nanoseconds
    if moment > now { skipped.withLock { $0 += .nanoseconds(Int64(clamping: moment - now)) } }
  }

  /// The connector's time.
  var requestClock: RequestClock {
    RequestClock(
      now: { self.elapsed }, unixTime: { self.wallTime },
      sleep: { duration in
        try Task.checkCancellation()
        self.skipped.withLock { $0 += duration }
      }, random: { 0.5 })
  }
}

/// The workspace of a file of tests: a sandbox in memory, started at the first request.
actor TestWorkspace {
  private let clock: VirtualClock
  private var sandbox: Sandbox?

  init(clock: VirtualClock) { self.clock = clock }

  func connect() async throws(APIError) -> IntercomClient {
    let clock = clock
    do throws(SandboxError) {
      var configuration = Sandbox.Configuration(database: .memory)
      configuration.clock = { Int(clock.wallTime) }
      sandbox = try await Sandbox.start(configuration)
    } catch {
      throw APIError(.network, "the sandbox did not start: \(error)")
    }
    guard let sandbox else { throw APIError(.network, "the sandbox did not start") }
    let account = Account(
      accessToken: Secret(sandbox.accessToken), baseURL: try BaseURL(sandbox.url), name: "sandbox")
    return IntercomClient(account: account, clock: clock.requestClock)
  }

  func close() async { await sandbox?.stop() }
}
