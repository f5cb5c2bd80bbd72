// Functions and values of the program around a script.

import ICSVM

/// A parameter of a host function, for scripts that name their arguments and for parameters that may be left out.
///
///     crm.function("lookup", parameters: ["domain", .optional("limit", 10)]) { (domain: String, limit: Int) in ... }
///     // in a script: crm.lookup("acme.com", limit: 5)
public struct Parameter: Sendable, ExpressibleByStringLiteral {
  /// What scripts call it.
  public let name: String
  /// What it is when a script leaves it out; nil when it must be given.
  public let defaultValue: ScriptValue?

  /// A parameter that must be given.
  public init(stringLiteral name: String) {
    self.name = name
    defaultValue = nil
  }

  private init(_ name: String, _ value: ScriptValue) {
    self.name = name
    defaultValue = value
  }

  /// A parameter that may be left out.
  public static func optional(_ name: String, _ value: ScriptValue = .null) -> Parameter { Parameter(name, value) }
}

/// Functions and values of the program around the script, found there under one name.
///
///     var crm = HostModule("crm")
///     crm.function("plan", doc: "The plan of a domain.") { (domain: String) in plans[domain] ?? "free" }
///
/// Arguments and results are any `Codable` types, and `ScriptFunction`, `ScriptStream`, `ScriptValue` and `Hosted`.
public struct HostModule: Sendable {
  /// The name in scripts.
  public let name: String
  private(set) var functions: [HostFunction] = []
  private var values: [(name: String, make: @Sendable (VM) throws -> Value)] = []

  /// An empty module.
  public init(_ name: String) { self.name = name }

  /// Adds a function that answers at once: it runs in place, on the script's own task, and should be quick.
  ///
  /// - Parameters:
  ///   - name: The name behind the module's: `crm.plan(...)`.
  ///   - parameters: Names and defaults, in order; without them arguments are given by position, and all of them.
  ///   - doc: One sentence for `:doc` and completion.
  ///   - body: Takes the script's arguments. What it throws becomes a script error at the place of the call: a
  ///     `HostError` with its own code, anything else `E_ERROR`.
  public mutating func function<each Argument: Decodable & Sendable, Result: Encodable & Sendable>(
    _ name: String, parameters: [Parameter] = [], doc: String = "",
    _ body: @escaping @Sendable (repeat each Argument) throws -> Result
  ) {
    let count = Self.count(repeat (each Argument).self)
    add(name, parameters, doc, count) { title in
      { call throws(Raised) in
        do {
          var arguments = try ArgumentReader(call, parameters, count)
          return try write(body(repeat arguments.next((each Argument).self)), call.vm)
        } catch {
          throw Conversion.raise(error, title, call.vm)
        }
      }
    }
  }

  /// Adds a function that answers at once and gives null.
  public mutating func function<each Argument: Decodable & Sendable>(
    _ name: String, parameters: [Parameter] = [], doc: String = "",
    _ body: @escaping @Sendable (repeat each Argument) throws -> Void
  ) {
    function(name, parameters: parameters, doc: doc) { (arguments: repeat each Argument) throws -> ScriptValue in
      try body(repeat each arguments)
      return .null
    }
  }

  /// Adds a function that awaits: the calling fiber waits for it, and other fibers run meanwhile.
  public mutating func function<each Argument: Decodable & Sendable, Result: Encodable & Sendable>(
    _ name: String, parameters: [Parameter] = [], doc: String = "",
    _ body: @escaping @Sendable (repeat each Argument) async throws -> Result
  ) {
    let count = Self.count(repeat (each Argument).self)
    addAwaiting(name, parameters, doc, count) { title in
      { call throws(Raised) in
        let arguments: (repeat each Argument)
        do {
          var reader = try ArgumentReader(call, parameters, count)
          arguments = (repeat try reader.next((each Argument).self))
        } catch {
          throw Conversion.raise(error, title, call.vm)
        }
        return Conversion.awaiting(title, call) { try await body(repeat each arguments) }
      }
    }
  }

  /// Adds a function that awaits and gives null.
  public mutating func function<each Argument: Decodable & Sendable>(
    _ name: String, parameters: [Parameter] = [], doc: String = "",
    _ body: @escaping @Sendable (repeat each Argument) async throws -> Void
  ) {
    function(name, parameters: parameters, doc: doc) {
      (arguments: repeat each Argument) async throws -> ScriptValue in
      try await body(repeat each arguments)
      return .null
    }
  }

  /// Adds a function that gives a stream: the script pulls the sequence's items one by one, and waits for each.
  public mutating func stream<each Argument: Decodable & Sendable, Items: AsyncSequence & Sendable>(
    _ name: String, parameters: [Parameter] = [], doc: String = "",
    _ body: @escaping @Sendable (repeat each Argument) throws -> Items
  ) where Items.Element: Encodable & Sendable {
    let count = Self.count(repeat (each Argument).self)
    add(name, parameters, doc, count) { title in
      { call throws(Raised) in
        do {
          var arguments = try ArgumentReader(call, parameters, count)
          let items = try body(repeat arguments.next((each Argument).self))
          return SequencePuller.value(of: items, call.vm, title: title)
        } catch {
          throw Conversion.raise(error, title, call.vm)
        }
      }
    }
  }

  /// Adds a value; each instance makes its own copy when a script first uses the module.
  public mutating func value(_ name: String, _ value: some Encodable & Sendable) {
    values.removeAll { $0.name == name }
    values.append((name, { vm in try write(value, vm) }))
  }

  private mutating func add(
    _ name: String, _ parameters: [Parameter], _ doc: String, _ count: Int,
    _ body: (String) -> @Sendable (Call) throws(Raised) -> Value
  ) {
    let title = "\(self.name).\(name)"
    let native = NativeFunction(title, arity: Self.arity(parameters, count), body(title))
    append(HostFunction(name: name, parameters: parameters, count: count, doc: doc, native: native))
  }

  private mutating func addAwaiting(
    _ name: String, _ parameters: [Parameter], _ doc: String, _ count: Int,
    _ body: (String) -> @Sendable (Call) throws(Raised) -> Suspension
  ) {
    let title = "\(self.name).\(name)"
    let native = NativeFunction(title, arity: Self.arity(parameters, count), suspending: body(title))
    append(HostFunction(name: name, parameters: parameters, count: count, doc: doc, native: native))
  }

  private mutating func append(_ function: HostFunction) {
    functions.removeAll { $0.name == function.name }
    functions.append(function)
  }

  /// Named arguments come as one map behind the others: a call may have as few arguments as that map alone.
  static func shape<each Argument>(
    _ parameters: [Parameter], _ types: repeat (each Argument).Type
  ) -> (count: Int, arity: ClosedRange<Int>) {
    let count = count(repeat each types)
    return (count, arity(parameters, count))
  }

  private static func arity(_ parameters: [Parameter], _ count: Int) -> ClosedRange<Int> {
    precondition(
      parameters.isEmpty || parameters.count == count, "a host function's parameters are named all or not at all")
    if parameters.isEmpty { return count...count }
    let required = parameters.filter { $0.defaultValue == nil }.count
    return min(required, 1)...count
  }

  private static func count<each Argument>(_ types: repeat (each Argument).Type) -> Int {
    var count = 0
    for _ in repeat each types { count += 1 }
    return count
  }

  // MARK: In a machine

  /// The module as a value of a machine.
  func value(in machine: Machine) -> Value {
    let members = machine.state.newMap(capacity: functions.count + values.count)
    for function in functions { machine.state.set(members, function.name, machine.value(of: function.native)) }
    for value in values {
      // What cannot be a value reads as null: an engine has no place to say so, and no script may fail for it.
      machine.state.set(members, value.name, (try? value.make(machine.state)) ?? .null)
    }
    return machine.state.newModule(name: name, members: members)
  }

  /// How scripts call each function, with its doc line: for a host's own help and completion.
  public var signatures: [(signature: String, doc: String)] {
    functions.map { ("\(name).\($0.signature)", $0.doc) }
  }
}

/// A function of a module. Its native is made once and used by all machines.
// SAFETY: a native function never changes, and its body is `@Sendable`.
struct HostFunction: @unchecked Sendable {
  let name: String
  let parameters: [Parameter]
  let count: Int
  let doc: String
  let native: NativeFunction

  var signature: String {
    let names =
      parameters.isEmpty
      ? (0..<count).map { "_\($0 + 1)" }
      : parameters.map { parameter in
        parameter.defaultValue.map { "\(parameter.name) = \($0)" } ?? parameter.name
      }
    return "\(name)(\(names.joined(separator: ", ")))"
  }
}

/// Reads a call's arguments one after the other: those by position, then those by name, then defaults.
struct ArgumentReader {
  private let call: Call
  private let parameters: [Parameter]
  /// Arguments by position.
  private let given: Int
  /// The map of the named ones.
  private let named: Raw?
  private var index = 0

  @inline(__always)
  init(_ call: Call, _ parameters: [Parameter], _ count: Int) throws {
    self.call = call
    self.parameters = parameters
    named = parameters.isEmpty ? nil : try Self.namedArguments(call, parameters)
    given = named == nil ? call.count : call.count - 1
  }

  /// The last argument, when it is a map of parameters that were not given by position.
  private static func namedArguments(_ call: Call, _ parameters: [Parameter]) throws -> Raw? {
    guard call.count > 0, call.arguments[call.count - 1].isMap else { return nil }
    let map = call.arguments[call.count - 1].address
    var position = 0
    guard call.vm.mapCount(map) > 0 else { return nil }
    while let entry = call.vm.mapEntry(map, at: position) {
      position = entry.next
      guard entry.key.isString else { return nil }
      let name = swiftString(entry.key.address)
      guard parameters[(call.count - 1)...].contains(where: { $0.name == name }) else { return nil }
    }
    return map
  }

  @inline(__always)
  mutating func next<T: Decodable>(_ type: T.Type) throws -> T {
    defer { index += 1 }
    if index < given {
      do {
        return try read(type, from: call.arguments[index], call.vm)
      } catch let error as ConversionError {
        throw ArgumentError(
          number: index + 1, name: index < parameters.count ? parameters[index].name : nil, reason: error)
      }
    }
    return try missing(type)
  }

  @inline(never)
  private func missing<T: Decodable>(_ type: T.Type) throws -> T {
    let parameter = parameters[index]
    let vm = call.vm
    do {
      if let named, let value = vm.mapGet(named, .object(Tag.string, vm.name(parameter.name))) {
        return try read(type, from: value, vm)
      }
      guard let value = parameter.defaultValue else {
        throw HostError("E_ARGUMENTS", "the argument '\(parameter.name)' is missing")
      }
      return try read(type, from: try write(value, vm), vm)
    } catch let error as ConversionError {
      throw ArgumentError(number: index + 1, name: parameter.name, reason: error)
    }
  }
}
