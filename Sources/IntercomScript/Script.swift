// A compiled script.

import ICSDiagnostics
import ICSLibrary
import ICSVM

/// A script that compiled. Immutable: any number of instances may run at the same time, on any threads.
public struct Script: Sendable {
  let engine: Engine
  /// What messages call it.
  public let name: String
  /// The text that was compiled.
  public let source: String
  /// The names that each run gives values for.
  public let inputs: [String]
  let unit: ICSVM.Unit
  let shared: SharedPrelude
  /// Whether instances may have an observer.
  public let isObserved: Bool
  /// What the compiler found worth saying.
  public let warnings: [Diagnostic]

  /// The names that the script exports, in order.
  public var exports: [String] {
    guard let main = unit.programs.last else { return [] }
    return main.globals.filter(\.isExported).map { main.strings[$0.name] }
  }

  /// A machine of its own for this script, in which nothing has run yet.
  ///
  /// - Parameters:
  ///   - values: One for each name of `inputs`; a name without a value is null.
  ///   - limits: In place of the engine's.
  ///   - environment: In place of the engine's.
  ///   - observer: Is told about each statement and call, when the script was compiled with `isObserved`.
  /// - Throws: `ScriptError` for a value that the script has no input for.
  public func instance(
    with values: [String: any Encodable & Sendable] = [:], limits: Limits? = nil, environment: HostEnvironment? = nil,
    observer: (any ScriptObserver)? = nil
  ) throws -> Instance {
    for name in values.keys.sorted() where !inputs.contains(name) {
      throw ScriptError("E_ARGUMENTS", "'\(self.name)' was compiled without the input '\(name)'")
    }
    return Instance(
      script: self, inputs: values, limits: limits ?? engine.limits, environment: environment ?? engine.environment,
      observer: observer)
  }

  /// Runs the script in an instance of its own and gives the value of its last expression.
  ///
  /// - Parameters:
  ///   - values: One for each name of `inputs`; a name without a value is null.
  ///   - type: What the value becomes; needed only where Swift does not know it.
  /// - Throws: `ScriptError` for an error that the script did not catch, a limit or a cancellation; `ConversionError`
  ///   when the result does not fit `Result`.
  public func run<Result: Decodable & Sendable>(
    with values: [String: any Encodable & Sendable] = [:], as type: Result.Type = Result.self
  ) async throws -> Result {
    let instance = try instance(with: values)
    do {
      let result = try await instance.run(as: type)
      await instance.shutdown()
      return result
    } catch {
      await instance.shutdown()
      throw error
    }
  }

  /// Runs the script for its effects.
  @_disfavoredOverload
  public func run(with values: [String: any Encodable & Sendable] = [:]) async throws {
    _ = try await run(with: values, as: Ignored.self)
  }

  /// Runs the script and then the hooks that it has registered for a topic, in an instance of its own.
  ///
  /// - Returns: How many hooks ran.
  @discardableResult
  public func fire(
    _ topic: String, item: some Encodable & Sendable, with values: [String: any Encodable & Sendable] = [:]
  ) async throws -> Int {
    let instance = try instance(with: values)
    do {
      let count = try await instance.fire(topic, item: item)
      await instance.shutdown()
      return count
    } catch {
      await instance.shutdown()
      throw error
    }
  }
}
