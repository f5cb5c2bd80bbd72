// Watching a script: for coverage, profiles and debuggers.

import ICSDiagnostics
import ICSVM
import Synchronization

/// Is told about each statement and each call of scripts that were compiled with `isObserved`. Other scripts have no trace of
/// it in their code.
///
/// Called on the task that runs the script, in its order; several instances may call at once.
public protocol ScriptObserver: Sendable {
  /// A statement is about to run.
  func willRun(_ point: ObservedPoint) -> ObserverAnswer
  /// A function has been entered; its parameters have their values.
  func didEnter(_ point: ObservedPoint) -> ObserverAnswer
}

extension ScriptObserver {
  /// Goes on.
  public func didEnter(_ point: ObservedPoint) -> ObserverAnswer { .proceed }
}

/// What a script does after its observer was told.
public enum ObserverAnswer: Sendable {
  /// It goes on.
  case proceed
  /// It waits until the closure returns, as a debugger's user decides. Other fibers of the script run meanwhile.
  case pause(@Sendable () async -> Void)
  /// It ends with `E_CANCELLED`, which nothing in it catches.
  case stop
}

/// A place in a source.
public struct ScriptPlace: Sendable, Hashable, CustomStringConvertible {
  /// The source's name.
  public let source: String
  /// From 1.
  public let line: Int
  /// In characters, from 1.
  public let column: Int

  /// A place in a source.
  public init(source: String, line: Int, column: Int = 1) {
    self.source = source
    self.line = line
    self.column = column
  }

  init(_ source: SourceFile, _ span: Span) {
    let (line, column) = source.lineAndColumn(at: Int(span.start))
    self.init(source: source.name, line: line, column: column)
  }

  /// `welcome.ics:3:5`.
  public var description: String { "\(source):\(line):\(column)" }
}

/// Where a script is. Valid while the observer is being told: take from it what you need.
public struct ObservedPoint {
  private let observation: Observation
  private let vm: VM

  init(_ observation: Observation, _ vm: VM) {
    self.observation = observation
    self.vm = vm
  }

  /// Where the statement, or the function, begins.
  public var place: ScriptPlace { ScriptPlace(observation.source, observation.span) }
  /// The function that runs: `fn` for a lambda, the source's name for its top level.
  public var function: String { observation.function }
  /// How many calls are in progress on this fiber.
  public var depth: Int { observation.depth }
  /// The fiber, for observers that tell concurrent parts of a script apart.
  public var fiber: Int { observation.fiber }

  /// The variables that can be seen here, outer ones first. What Swift cannot hold is left out.
  public var variables: [(name: String, value: ScriptValue)] {
    observation.variables.compactMap { variable in
      (try? ScriptValue.read(variable.value, vm, nil)).map { (variable.name, $0) }
    }
  }

  /// The functions that are being run, innermost first, and where each is.
  public var stack: [(function: String, place: ScriptPlace)] {
    observation.stack.map { ($0.function, ScriptPlace($0.source, $0.span)) }
  }

  /// The native that marks call.
  static func native(_ observer: (any ScriptObserver)?) -> NativeFunction {
    NativeFunction(
      "observer", arity: 1...1,
      suspending: { call throws(Raised) in
        guard let observer, let observation = Observation(call, mark: call[0].asInt) else { return .ready(.null) }
        let point = ObservedPoint(observation, call.vm)
        switch observation.mark.isFunction ? observer.didEnter(point) : observer.willRun(point) {
        case .proceed: return .ready(.null)
        case .pause(let wait):
          return .operation {
            await wait()
            return { _ in .null }
          }
        case .stop:
          call.vm.raiseLimit("E_CANCELLED", "the script was stopped by its observer")
          throw Raised()
        }
      })
  }
}

// MARK: - Coverage

/// Counts how often each line of scripts ran.
public final class ScriptCoverage: ScriptObserver {
  private let counts = Mutex<[String: [Int: Int]]>([:])

  /// Nothing has run yet.
  public init() {}

  /// Counts the statement's line.
  public func willRun(_ point: ObservedPoint) -> ObserverAnswer {
    let place = point.place
    counts.withLock { $0[place.source, default: [:]][place.line, default: 0] += 1 }
    return .proceed
  }

  /// How often each line that a script has statements on was run; 0 for those that were not.
  public func lines(of script: Script) -> [ScriptPlace: Int] {
    var lines: [ScriptPlace: Int] = [:]
    let counts = counts.withLock { $0 }
    for program in script.unit.programs {
      for mark in program.marks where !mark.isFunction {
        let line = ScriptPlace(program.source, program.sourceMap.site(mark.site).span).line
        lines[ScriptPlace(source: program.source.name, line: line)] = counts[program.source.name]?[line] ?? 0
      }
    }
    return lines
  }
}

// MARK: - Debugger

/// Stops scripts at breakpoints and steps through them.
///
/// The closure is called at each stop and says how to go on; it may take as long as it likes, for the script waits.
public final class ScriptDebugger: ScriptObserver {
  /// How to go on after a stop.
  public enum Step: Sendable, Hashable {
    /// To the next breakpoint.
    case proceed
    /// To the next statement, in a function that is called if need be.
    case into
    /// To the next statement of this function, or of the one that called it.
    case over
    /// To the next statement of the function that called this one.
    case out
    /// Not at all: the script ends.
    case stop
  }

  /// A stop, with everything that can be seen there.
  public struct Stop: Sendable {
    /// Where the script is.
    public let place: ScriptPlace
    /// The function that runs.
    public let function: String
    /// The variables, outer ones first.
    public let variables: [(name: String, value: ScriptValue)]
    /// The functions that are being run, innermost first.
    public let stack: [(function: String, place: ScriptPlace)]
  }

  private let state: Mutex<State>
  private let onStop: @Sendable (Stop) async -> Step

  private struct State {
    var breakpoints: [String: Set<Int>]
    var step = Step.proceed
    /// The depth and the fiber of the last stop.
    var depth = 0
    var fiber = 0
  }

  /// - Parameters:
  ///   - breakpoints: Lines; the columns do not count.
  ///   - stopsAtStart: Whether the first statement is a stop, too.
  ///   - onStop: Decides how to go on.
  public init(
    breakpoints: [ScriptPlace] = [], stopsAtStart: Bool = false, onStop: @escaping @Sendable (Stop) async -> Step
  ) {
    var lines: [String: Set<Int>] = [:]
    for place in breakpoints { lines[place.source, default: []].insert(place.line) }
    state = Mutex(State(breakpoints: lines, step: stopsAtStart ? .into : .proceed))
    self.onStop = onStop
  }

  /// Adds a breakpoint, or takes it away.
  public func setBreakpoint(_ place: ScriptPlace, to isSet: Bool = true) {
    state.withLock { state in
      if isSet {
        state.breakpoints[place.source, default: []].insert(place.line)
      } else {
        state.breakpoints[place.source]?.remove(place.line)
      }
    }
  }

  /// Stops here when there is a breakpoint, or a step has ended.
  public func willRun(_ point: ObservedPoint) -> ObserverAnswer {
    let place = point.place
    let (depth, fiber) = (point.depth, point.fiber)
    let stops = state.withLock { state in
      let hasStepped =
        switch state.step {
        case .proceed: false
        case .into: true
        case .over: fiber == state.fiber && depth <= state.depth
        case .out: fiber == state.fiber && depth < state.depth
        case .stop: true
        }
      guard hasStepped || state.breakpoints[place.source]?.contains(place.line) == true else { return false }
      state.depth = depth
      state.fiber = fiber
      return true
    }
    guard stops else { return .proceed }
    if state.withLock({ $0.step == .stop }) { return .stop }
    let stop = Stop(place: place, function: point.function, variables: point.variables, stack: point.stack)
    return .pause { [self] in
      let step = await onStop(stop)
      state.withLock { $0.step = step }
    }
  }
}
