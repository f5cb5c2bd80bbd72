// Errors on their way between Swift and scripts.

import ICSVM

/// An error of a host function that a script sees with its own code.
public struct HostError: Error, Sendable {
  /// The kind that `catch` sees, such as `E_NO_STOCK`.
  public let code: String
  /// The sentence that people read.
  public let message: String
  /// What a script finds in the error's `data`.
  public let data: ScriptValue

  /// An error for a script to catch.
  public init(_ code: String, _ message: String, data: ScriptValue = .null) {
    self.code = code
    self.message = message
    self.data = data
  }
}

extension HostError {
  /// Any Swift error as a script sees it.
  init(_ error: any Error) {
    switch error {
    case let error as HostError: self = error
    case let error as ScriptError: self.init(error.code, error.message, data: error.data)
    case let error as ConversionError: self.init("E_TYPE", error.description)
    case is CancellationError: self.init("E_CANCELLED", "the host function was cancelled")
    default: self.init("E_ERROR", String(describing: error))
    }
  }
}

/// An argument that does not fit the parameter's type.
struct ArgumentError: Error {
  /// From 1.
  let number: Int
  /// The parameter's name, where it has one.
  let name: String?
  let reason: ConversionError
}

/// The steps between a host function's Swift and its script.
enum Conversion {
  /// A host function's result as a value, or its failure as the script's error.
  static func result<Result: Encodable>(_ result: Result, _ vm: VM, _ title: String) throws(Raised) -> Value {
    do {
      return try write(result, vm)
    } catch {
      throw raise(error, title, vm)
    }
  }

  /// What a fiber waits for that calls a host's async function.
  static func awaiting<Result: Encodable & Sendable>(
    _ title: String, _ call: Call, _ body: @escaping @Sendable () async throws -> Result
  ) -> Suspension {
    let core = call.machine.context as? InstanceCore
    return .operation {
      do {
        let result = try await InstanceCore.$current.withValue(core, operation: body)
        return { vm throws(Raised) in try Conversion.result(result, vm, title) }
      } catch {
        let failure = error
        return { vm throws(Raised) in throw raise(failure, title, vm) }
      }
    }
  }

  /// Makes a Swift error the script's.
  static func raise(_ error: any Error, _ title: String, _ vm: VM) -> Raised {
    switch error {
    case let raised as Raised:
      // The error is in the state already: a limit, or one that a callback of the script has thrown.
      return raised
    case let argument as ArgumentError:
      let name = argument.name.map { " '\($0)'" } ?? ""
      vm.raise("E_TYPE", "'\(title)': argument \(argument.number)\(name): \(argument.reason)")
    case let error as ConversionError: vm.raise("E_TYPE", "'\(title)': \(error)")
    case let error as ScriptError where vm.machine.rethrow(error): break
    default:
      let failure = HostError(error)
      // A value that does not fit is left out: the error itself matters more.
      let data = try? write(failure.data, vm)
      vm.raise(failure.code, failure.message, data: data ?? .null)
      if !(error is HostError), let core = vm.machine.context as? InstanceCore { core.remember(error) }
    }
    return Raised()
  }
}

extension Machine {
  /// Throws a script's own error again, the same object, when this is where it came from.
  fileprivate func rethrow(_ error: ScriptError) -> Bool {
    guard let core = context as? InstanceCore, let value = core.value(of: error) else { return false }
    state.raiseAgain(value)
    return true
  }
}
