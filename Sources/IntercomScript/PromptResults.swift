import ICSDiagnostics
import ICSLibrary
import ICSVM

/// What a prompt keeps of the entries before: `_` and `__` are the last two values, `out[n]` that of entry number n.
struct PromptResults {
  /// The names of the prelude that stand for them.
  static let names = ["_", "__", "out"]
  /// How many values `out` keeps.
  private static let maximumCount = 100
  /// Above this much memory of the machine, only the last two values are kept.
  private static let maximumMemory = 64 << 20

  /// The number of the entry that ran last; the first is 1.
  var number = 0
  /// The map behind `out`.
  private var kept: Handle?
  private var numbers: [Int] = []

  /// The map behind `out`, with the value of the current entry in it.
  mutating func keep(_ value: Value, _ machine: Machine) -> Value {
    let state = machine.state
    if kept == nil { kept = machine.retain(.object(Tag.map, state.newMap())) }
    guard let kept else { return .null }
    let map = machine.value(kept)
    state.mapSet(map.address, .int(number), value)
    if numbers.last != number { numbers.append(number) }
    let most = machine.takenMemory > Self.maximumMemory ? 2 : Self.maximumCount
    while numbers.count > most { _ = state.mapDelete(map.address, .int(numbers.removeFirst())) }
    return map
  }
}

extension Session {
  /// The number of the entry that ran last, which `out[n]` and a prompt's history count by.
  package var entryNumber: Int { results.number }

  /// Keeps the value of an entry for the names that stand for the last ones.
  func remember(_ result: SessionValue) {
    guard !result.isNull, let last = current("_") else { return }
    // The map of all results is none of them.
    if let out = current("out"), out.tag == result.value.tag, out.bits == result.value.bits { return }
    set("__", last.isUnset ? .null : last)
    replaceLast(by: result)
  }

  /// Makes a value the last one, in place of the one that the entry had.
  package func replaceLast(by result: SessionValue) {
    set("_", result.value)
    set("out", results.keep(result.value, machine))
  }

  /// Reads some items of a stream into a list, without an entry of its own.
  package func read(
    _ stream: SessionValue, count: Int, isolation: isolated (any Actor)? = #isolation
  ) async -> SessionOutcome {
    let last = current("_") ?? .null
    let handle = machine.retain(last)
    set("_", stream.value)
    let source = SourceFile(name: "<prompt>", text: "_.take(\(count)).to_list()")
    let outcome = await enter(source, isHidden: true)
    set("_", machine.value(handle))
    machine.release(handle)
    return outcome
  }

  /// The value that a name has at the prompt; nil when it is not declared, has none yet, or is a module.
  package func value(named name: String) -> SessionValue? {
    let value: Value?
    if let place = scope.place(of: name) {
      value = machine.global(place.slot, ofProgram: place.program)
    } else {
      value = PromptResults.names.contains(name) ? current(name) : nil
    }
    guard let value, !value.isUnset else { return nil }
    return SessionValue(machine: machine, value: value)
  }

  /// Gives up the connection, so that the next request opens one anew: to another account.
  package func reconnect(isolation: isolated (any Actor)? = #isolation) async { await connection.shutdown() }

  private func current(_ name: String) -> Value? { library.names.index(of: name).map(machine.currentPreludeValue) }

  private func set(_ name: String, _ value: Value) {
    if let index = library.names.index(of: name) { machine.setPreludeValue(index, value) }
  }
}
