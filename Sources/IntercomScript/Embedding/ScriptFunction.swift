// A script's function in Swift's hands.

import ICSVM

/// A function of a script, to be called from Swift and kept as long as one likes.
///
/// It belongs to the instance that it came from, which stays alive with it. A call waits while the instance runs
/// something else that does not wait itself.
///
///     let score: ScriptFunction = try await instance.value("score")
///     let points: Int = try await score(contact)
public final class ScriptFunction: Sendable {
  let core: InstanceCore
  let handle: Handle

  init(core: InstanceCore, handle: Handle) {
    self.core = core
    self.handle = handle
  }

  deinit { core.releaseLater(handle) }

  /// Calls the function and gives its result.
  ///
  /// - Throws: `ScriptError` for what the script does not catch; `ConversionError` for what does not fit.
  public func callAsFunction<each Argument: Encodable & Sendable, Result: Decodable & Sendable>(
    _ arguments: repeat each Argument, as type: Result.Type = Result.self
  ) async throws -> Result {
    guard var call = try core.openIfIdle(handle) else {
      return try await core.callInTurn(handle, repeat each arguments, as: type)
    }
    do {
      for argument in repeat each arguments { try core.add(argument, to: &call) }
    } catch {
      throw core.giveUp(call, error)
    }
    if let completion = core.machine.callAtOnce(call) { return try core.finish(completion, as: type) }
    return try await core.finishBegun(as: type)
  }

  /// Calls the function for its effects.
  @_disfavoredOverload
  public func callAsFunction<each Argument: Encodable & Sendable>(_ arguments: repeat each Argument) async throws {
    _ = try await callAsFunction(repeat each arguments, as: Ignored.self)
  }

  /// Calls the function without awaiting: from a host function that the same script has called, or while its instance
  /// is idle.
  ///
  /// - Throws: as a call that awaits; also when the function waits for something, or its instance is busy elsewhere.
  public func callNow<each Argument: Encodable, Result: Decodable>(
    _ arguments: repeat each Argument, as type: Result.Type = Result.self
  ) throws -> Result {
    var (call, isNested) = try core.openNow(handle)
    do {
      for argument in repeat each arguments { try core.add(argument, to: &call) }
    } catch {
      throw core.giveUpNow(call, isNested: isNested, error)
    }
    return try core.callNow(call, isNested: isNested, as: type)
  }

  /// Calls the function for its effects, without awaiting.
  @_disfavoredOverload
  public func callNow<each Argument: Encodable>(_ arguments: repeat each Argument) throws {
    _ = try callNow(repeat each arguments, as: Ignored.self)
  }
}

/// A result that nobody looks at.
struct Ignored: Decodable, Sendable, MachineReadable {
  init() {}
  init(from decoder: any Decoder) {}
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) -> Ignored { Ignored() }
}

extension ScriptFunction: Codable {
  /// Takes a function from a script; from any other decoder it is an error.
  public convenience init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? ValueDecoder, decoder.value.isFunction,
      let core = decoder.vm.machine.context as? InstanceCore
    else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "a function of a script"))
    }
    self.init(core: core, handle: core.machine.retain(decoder.value))
  }

  /// Gives the function back to its script; any other encoder is an error.
  public func encode(to encoder: any Encoder) throws {
    guard let encoder = encoder as? ValueEncoder else {
      throw EncodingError.invalidValue(
        self, EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "a function stays in its script"))
    }
    encoder.place.set(try write(encoder.vm, encoder.path), encoder.vm)
  }
}

extension ScriptFunction: MachineReadable, MachineWritable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Self {
    guard value.isFunction else { throw ConversionError(wanted: "a function", value, vm, path) }
    return try Self(from: ValueDecoder(vm: vm, value: value, path: path))
  }

  func write(_ vm: VM, _ path: ValuePath?) throws -> Value {
    guard vm == core.machine.state else {
      throw ConversionError(
        wanted: "a function of this instance", found: "a function of another one",
        path: ValuePath.text(ValuePath.keys(path)))
    }
    return core.machine.value(handle)
  }
}
