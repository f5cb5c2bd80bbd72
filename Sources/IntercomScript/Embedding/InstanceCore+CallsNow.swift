// Calls of a script's functions without awaiting: from a host function that the script has called, or while it is idle.

import ICSVM

extension InstanceCore {
  /// Begins a call from a host function of the same machine, or while it is idle.
  func openNow(_ handle: Handle) throws -> (call: Machine.OpenCall, isNested: Bool) {
    if machine.isOnThisThread {
      guard !machine.isConverting else {
        throw ScriptError("E_VALUE", "a value that is being encoded or decoded cannot call the script")
      }
      guard let call = machine.open(machine.value(handle)) else { throw scriptError([machine.state.takeError()]) }
      return (call, true)
    }
    guard let call = try openIfIdle(handle) else {
      throw ScriptError("E_VALUE", "the script is busy: await the call, or make it in a host function that it calls")
    }
    return (call, false)
  }

  /// Ends a call of `openNow` whose arguments could not be made.
  ///
  /// - Returns: The error as Swift sees it.
  func giveUpNow(_ call: Machine.OpenCall, isNested: Bool, _ error: any Error) -> any Error {
    guard isNested else { return giveUp(call, error) }
    machine.giveUp(call)
    return swiftError(error)
  }

  /// Makes a call of `openNow`.
  func callNow<Result: Decodable>(
    _ call: Machine.OpenCall, isNested: Bool, as type: Result.Type
  ) throws -> Result {
    if isNested { return try callNested(call, as: type) }
    defer { end() }
    guard Machine.enterCall() else {
      machine.giveUp(call)
      throw ScriptError("E_DEPTH", Machine.tooDeep)
    }
    machine.takesTurns = false
    defer {
      machine.takesTurns = true
      Machine.leaveCall()
    }
    guard let completion = machine.callAtOnce(call) else {
      machine.abandonCall()
      throw ScriptError("E_VALUE", "a function that Swift calls without awaiting cannot wait")
    }
    return try result(of: completion, as: type)
  }

  private func callNested<Result: Decodable>(_ call: Machine.OpenCall, as type: Result.Type) throws -> Result {
    let value: Value
    do throws(Raised) {
      value = try machine.callNested(call)
    } catch {
      throw swiftError(error)
    }
    return try read(type, from: value, machine.state)
  }
}
