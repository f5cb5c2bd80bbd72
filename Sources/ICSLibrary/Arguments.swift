// How built-ins read their arguments, beyond what `Call` knows.

import ICSDiagnostics
import ICSVM

extension Call {
  /// Whether argument number `index` was given and is not null.
  func has(_ index: Int) -> Bool { index < count && !arguments[index].isNull }

  /// The named arguments, which stand at argument number `index`: null when there are none.
  ///
  /// A name that the built-in does not know is E_ARGUMENTS, so that a misspelt one is never silently without effect.
  func options(at index: Int, _ known: String...) throws(Raised) -> Value {
    guard index < count else { return .null }
    guard arguments[index].isMap else { throw wrongType(index, "named arguments (\(known.joined(separator: ", ")))") }
    var position = 0
    while let entry = vm.mapEntry(arguments[index].address, at: position) {
      position = entry.next
      let name = vm.printedForm(entry.key, maximumLength: 100) ?? ""
      guard !known.contains(name) else { continue }
      let near = nearestNames(to: name, among: known, limit: 1).first
      throw fail(
        "E_ARGUMENTS", "there is no argument named '\(name)' here; there is \(known.joined(separator: ", "))",
        help: near.map { "did you mean '\($0)'?" })
    }
    return arguments[index]
  }

  /// A named argument among `options`; null when it was not given.
  func option(_ name: String, of options: Value) -> Value {
    guard options.isMap else { return .null }
    return vm.mapGet(options.address, .object(Tag.string, vm.name(name))) ?? .null
  }

  /// A named argument that must be an int within bounds; nil when it was not given.
  func intOption(_ name: String, of options: Value, in bounds: ClosedRange<Int>) throws(Raised) -> Int? {
    let value = option(name, of: options)
    if value.isNull { return nil }
    guard value.isInt else { throw fail("E_TYPE", "'\(name)' takes an int, and was given \(vm.describe(value))") }
    guard bounds.contains(value.asInt) else {
      throw fail(
        "E_VALUE", "'\(name)' lies between \(bounds.lowerBound) and \(bounds.upperBound), and was given \(value.asInt)")
    }
    return value.asInt
  }

  /// An int argument that counts something: E_VALUE when it is below `minimum`.
  func size(_ index: Int, atLeast minimum: Int = 0) throws(Raised) -> Int {
    let value = try int(index)
    guard value >= minimum else {
      throw fail("E_VALUE", minimum == 0 ? "a negative count: \(value)" : "a count below \(minimum): \(value)")
    }
    return value
  }

  /// An argument that must be a function.
  func function(_ index: Int) throws(Raised) -> Value {
    guard self[index].isFunction else { throw wrongType(index, "a function") }
    return self[index]
  }

  /// Two optional bounds from argument number `index` on, as `slice` takes them: negative ones count from the end, then
  /// both are clamped.
  func bounds(at index: Int, count length: Int) throws(Raised) -> Range<Int> {
    func clamp(_ bound: Int) -> Int { min(max(bound < 0 ? bound &+ length : bound, 0), length) }
    let start = has(index) ? clamp(try int(index)) : 0
    let end = has(index + 1) ? clamp(try int(index + 1)) : length
    return start..<max(start, end)
  }

  /// E_TYPE unless the value can be a key of a map.
  func checkKey(_ value: Value) throws(Raised) {
    guard value.isString || value.isInt || value.isBool else {
      throw fail("E_TYPE", "a key of a map is a string, an int or a bool, and this is \(vm.describe(value))")
    }
  }

  /// A value's printed form; E_DEPTH when it is nested too deeply to print.
  ///
  /// A list may hold one list many times, and that one another: what little memory holds can be endless in print.
  func print(_ value: Value, into buffer: inout TextBuffer) throws(Raised) {
    if buffer.maximumLength > maximumFormLength { buffer.maximumLength = maximumFormLength }
    guard vm.print(value, into: &buffer) else {
      throw fail("E_DEPTH", "a value that is nested too deeply cannot be printed")
    }
    if buffer.isStopped { throw Raised() }
    if buffer.bytes.count > maximumFormLength && !value.isString {
      vm.raiseLimit("E_MEMORY", "the printed form of a value takes more than \(maximumFormLength) bytes of memory")
      throw Raised()
    }
  }

  /// A string of the bytes collected in a buffer.
  func string(_ buffer: TextBuffer) throws(Raised) -> Value {
    try reserve(bytes: buffer.bytes.count)
    return .object(Tag.string, try string(buffer.bytes))
  }

  /// A string of bytes whose memory is granted.
  func string(_ bytes: [UInt8]) throws(Raised) -> Raw {
    // `withUnsafeBufferPointer` gives no typed error on.
    var failure: Raised?
    let made = bytes.withUnsafeBufferPointer { bytes -> Raw? in
      do throws(Raised) { return try newString(bytes) } catch {
        failure = error
        return nil
      }
    }
    guard let made else { throw failure ?? Raised() }
    return made
  }

  /// A list of values.
  func makeList(_ values: [Value]) -> Value {
    let list = vm.newList(capacity: values.count)
    for value in values { vm.listPush(list, value) }
    return .object(Tag.list, list)
  }
}
