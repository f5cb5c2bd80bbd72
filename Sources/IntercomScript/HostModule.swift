// Functions of the host's that scripts may call.

import ICSJSON
import ICSVM

/// An error of a host function that a script sees with its own code.
public struct HostError: Error, Sendable {
  /// The kind that `catch` sees, such as `E_NO_STOCK`.
  public let code: String
  public let message: String
  public let data: JSONValue

  public init(_ code: String, _ message: String, data: JSONValue = .null) {
    self.code = code
    self.message = message
    self.data = data
  }
}

/// Functions of the program around the script, found there under one name.
///
///     var crm = HostModule("crm")
///     crm.function("plan", doc: "The plan of a domain.") { (domain: String) in plans[domain] ?? "free" }
public struct HostModule: Sendable {
  /// The name in scripts.
  public let name: String
  private var functions: [Function] = []

  private struct Function: Sendable {
    var name: String
    var doc: String
    var count: Int
    var body: Body
  }

  private enum Body: Sendable {
    case immediate(@Sendable ([JSONValue]) throws -> JSONValue)
    case awaiting(@Sendable ([JSONValue]) async throws -> JSONValue)
  }

  public init(_ name: String) { self.name = name }

  /// Adds a function that answers at once: it runs on the script's own task, and should be quick.
  ///
  /// - Parameters:
  ///   - name: The name behind the module's: `crm.plan(...)`.
  ///   - doc: One sentence for `:doc` and completion.
  ///   - body: Takes the script's arguments in order. What it throws becomes a script error: a `HostError` with its
  ///     own code, anything else `E_ERROR`.
  public mutating func function<each Argument: ScriptConvertible, Result: ScriptConvertible>(
    _ name: String, doc: String = "", _ body: @escaping @Sendable (repeat each Argument) throws -> Result
  ) {
    add(
      name, doc, Self.count(repeat (each Argument).self),
      .immediate { values in
        var arguments = ArgumentReader(values: values)
        return try body(repeat try arguments.next((each Argument).self)).scriptValue
      })
  }

  /// Adds a function that awaits: the calling fiber waits for it, and other fibers run meanwhile.
  public mutating func function<each Argument: ScriptConvertible, Result: ScriptConvertible>(
    _ name: String, doc: String = "", _ body: @escaping @Sendable (repeat each Argument) async throws -> Result
  ) {
    add(
      name, doc, Self.count(repeat (each Argument).self),
      .awaiting { values in
        var arguments = ArgumentReader(values: values)
        return try await body(repeat try arguments.next((each Argument).self)).scriptValue
      })
  }

  private mutating func add(_ name: String, _ doc: String, _ count: Int, _ body: Body) {
    functions.removeAll { $0.name == name }
    functions.append(Function(name: name, doc: doc, count: count, body: body))
  }

  private static func count<each Argument>(_ types: repeat (each Argument).Type) -> Int {
    var count = 0
    for _ in repeat each types { count += 1 }
    return count
  }

  // MARK: In a machine

  /// The module as a value of a machine.
  func value(in machine: Machine) -> ICSVM.Value {
    let members = machine.state.newMap(capacity: functions.count)
    for function in functions {
      machine.state.set(members, function.name, machine.value(of: native(function)))
    }
    return machine.state.newModule(name: name, members: members)
  }

  private func native(_ function: Function) -> NativeFunction {
    let title = "\(name).\(function.name)"
    let arity = function.count...function.count
    switch function.body {
    case .immediate(let body):
      return NativeFunction(title, arity: arity) { call throws(Raised) in
        let values = try Self.arguments(call)
        do {
          return call.vm.value(from: try body(values))
        } catch {
          throw Self.raise(error, title, call.vm)
        }
      }
    case .awaiting(let body):
      return NativeFunction(
        title, arity: arity,
        suspending: { call throws(Raised) in
          let values = try Self.arguments(call)
          return .operation {
            do {
              let json = try await body(values)
              return { vm throws(Raised) in vm.value(from: json) }
            } catch {
              let failure = error
              return { vm throws(Raised) in throw Self.raise(failure, title, vm) }
            }
          }
        })
    }
  }

  private static func arguments(_ call: Call) throws(Raised) -> [JSONValue] {
    var values: [JSONValue] = []
    values.reserveCapacity(call.count)
    for index in 0..<call.count { values.append(try call.vm.jsonValue(of: call[index])) }
    return values
  }

  private static func raise(_ error: any Error, _ title: String, _ vm: VM) -> Raised {
    if let argument = error as? ArgumentError {
      vm.raise("E_TYPE", "'\(title)': argument \(argument.number): \(argument.reason)")
      return Raised()
    }
    let failure = HostError(error)
    vm.raise(failure.code, failure.message, data: vm.value(from: failure.data))
    return Raised()
  }
}

extension HostError {
  /// Any Swift error as a script sees it.
  init(_ error: any Error) {
    switch error {
    case let error as HostError: self = error
    case let error as ConversionError: self.init("E_TYPE", error.description)
    case is CancellationError: self.init("E_CANCELLED", "the host function was cancelled")
    default: self.init("E_ERROR", String(describing: error))
    }
  }
}

/// An argument that does not fit the parameter's type.
private struct ArgumentError: Error {
  /// From 1.
  let number: Int
  let reason: ConversionError
}

/// Converts a call's arguments one after the other.
private struct ArgumentReader {
  let values: [JSONValue]
  var index = 0

  mutating func next<T: ScriptConvertible>(_ type: T.Type) throws -> T {
    defer { index += 1 }
    do {
      return try T(scriptValue: index < values.count ? values[index] : .null)
    } catch let error as ConversionError {
      throw ArgumentError(number: index + 1, reason: error)
    }
  }
}
