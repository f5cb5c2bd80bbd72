// Functions written in Swift, and how the loop calls them.

/// A function of the library's or the host's.
///
/// Values refer to one by address: the machine keeps every function that it has handed out alive.
package final class NativeFunction {
  /// What messages call it.
  package let name: String
  /// How many arguments it takes.
  package let arity: ClosedRange<Int>
  let body: Body

  enum Body {
    /// Runs in place and gives its result.
    case immediate((Call) throws(Raised) -> Value)
    /// Says what to wait for; the fiber goes on with that result.
    case suspending((Call) throws(Raised) -> Suspension)
  }

  /// A function that gives its result at once.
  package init(_ name: String, arity: ClosedRange<Int>, _ body: @escaping (Call) throws(Raised) -> Value) {
    self.name = name
    self.arity = arity
    self.body = .immediate(body)
  }

  /// A function that says what to wait for.
  package init(_ name: String, arity: ClosedRange<Int>, suspending body: @escaping (Call) throws(Raised) -> Suspension)
  {
    self.name = name
    self.arity = arity
    self.body = .suspending(body)
  }
}

/// Keeps a native alive as long as one object of the script: natives that are made again and again.
final class NativeKeeper: HostObject {
  private let native: NativeFunction

  init(_ native: NativeFunction) { self.native = native }

  /// The native as a value refers to it.
  var bits: UInt64 { UInt64(UInt(bitPattern: Unmanaged.passUnretained(native).toOpaque())) }

  var typeName: String { "function" }
  var memberNames: [String] { [] }
  func member(_ name: String, machine: Machine) -> Value? { nil }
}

/// What a suspended fiber waits for.
package enum Suspension {
  /// Nothing: the result is there.
  case ready(Value)
  /// Something outside: awaited by the scheduler, its result made into a value when it is there.
  case operation(HostOperation)
  /// Nothing, after the thread was lent to others for a moment: the fiber goes on where it is.
  case turn
  /// Seconds; 0 lets the others run.
  case sleep(Double)
  /// The end of a task's fiber: the task object. Gives its result, or raises its error.
  case task(Value)
  /// The end of one of the tasks of a list at least; gives null.
  case anyTask(Value)
}

/// Work outside the machine. It runs beside the machine and so may not touch its values: it ends with a function that
/// makes the result, which the scheduler calls on the machine's own task.
package typealias HostOperation = @Sendable () async -> HostResult
/// Makes the result of an operation into a value.
package typealias HostResult = @Sendable (VM) throws(Raised) -> Value

/// A call of a native: its arguments are registers, valid until it returns.
package struct Call {
  /// The machine's state.
  package let vm: VM
  /// The arguments, one after the other; the receiver stands before them.
  package let arguments: ValuePointer
  /// How many arguments were given.
  package let count: Int

  /// A call with its arguments in registers.
  @inline(__always)
  package init(vm: VM, arguments: ValuePointer, count: Int) {
    self.vm = vm
    self.arguments = arguments
    self.count = count
  }

  /// The value that a method was called on.
  @inline(__always) package var receiver: Value { arguments.previous.pointee }
  /// Argument number `index`; null when it was not given.
  @inline(__always) package subscript(index: Int) -> Value { index < count ? arguments[index] : .null }
  /// The machine, for what natives rarely need.
  package var machine: Machine { vm.pointee.machine.takeUnretainedValue() }

  /// Gives up with an error.
  package func fail(_ code: String, _ message: String, help: String? = nil, data: Value = .null) -> Raised {
    vm.raise(code, message, help: help, data: data)
    return Raised()
  }

  /// Gives up because an argument (numbered from 1) has another type than the native takes.
  package func wrongType(_ index: Int, _ wanted: String) -> Raised {
    var function = vm.pointee.machine._withUnsafeGuaranteedRef { $0.runningNative }
    // Which one of several is meant. The natives behind the prelude's scripts count other arguments than the caller.
    var place = count > 1 ? " as argument \(index + 1)" : ""
    if function.hasPrefix("__") {
      function = vm.runningBuiltIn ?? function
      place = ""
    }
    return fail("E_TYPE", "'\(function)' takes \(wanted)\(place), and was given \(vm.describe(self[index]))")
  }

  /// An int argument; E_TYPE for anything else.
  package func int(_ index: Int) throws(Raised) -> Int {
    guard self[index].isInt else { throw wrongType(index, "an int") }
    return self[index].asInt
  }

  /// A number as a double; E_TYPE for anything else.
  package func double(_ index: Int) throws(Raised) -> Double {
    guard self[index].isNumber else { throw wrongType(index, "a number") }
    return self[index].asDouble
  }

  /// The address of a string argument.
  package func string(_ index: Int) throws(Raised) -> Raw {
    guard self[index].isString else { throw wrongType(index, "a string") }
    return self[index].address
  }

  /// A string argument as a string of Swift.
  package func text(_ index: Int) throws(Raised) -> String { swiftString(try string(index)) }

  /// The address of a list argument.
  package func list(_ index: Int) throws(Raised) -> Raw {
    guard self[index].isList else { throw wrongType(index, "a list") }
    return self[index].address
  }

  /// The address of a map argument.
  package func map(_ index: Int) throws(Raised) -> Raw {
    guard self[index].isMap else { throw wrongType(index, "a map") }
    return self[index].address
  }

  /// A named argument: an entry of the last argument when that is a map. Null when it is not there.
  package func named(_ name: String) -> Value {
    guard count > 0, arguments[count - 1].isMap else { return .null }
    return vm.mapGet(arguments[count - 1].address, .object(Tag.string, vm.name(name))) ?? .null
  }

  /// A new string of the script.
  package func makeString(_ text: String) -> Value { .object(Tag.string, vm.newString(text)) }

  /// Pays for work in units of fuel (about one per simple instruction), and stops a native that would run too long.
  @inline(__always)
  package func charge(_ work: Int) throws(Raised) {
    vm.pointee.fuel &-= work
    if vm.pointee.fuel < 0 { try refuel() }
  }

  /// Stops when the host has asked to: for what was paid for as a whole, now and then.
  @inline(never)
  package func stopIfRequested() throws(Raised) {
    if machine.interruption.isRequested { try refuel() }
  }

  @inline(never)
  private func refuel() throws(Raised) {
    let isFine = vm.pointee.machine._withUnsafeGuaranteedRef { $0.refuelOrRefuse() }
    if !isFine { throw Raised() }
  }

  /// Looks at the limits and the interruption, inside of long work that is paid already.
  @inline(never)
  package func poll() throws(Raised) {
    let isFine = vm.pointee.machine._withUnsafeGuaranteedRef { $0.checkLimits() }
    if !isFine { throw Raised() }
  }

  /// Polls once in some thousand times: for loops over items or bytes, with the number of each.
  @inline(__always)
  package func poll(at index: Int) throws(Raised) {
    if index & 0x1FFF == 0x1FFF { try poll() }
  }

  /// Whether two values are equal; gives up when a limit ended the comparison.
  @inline(__always)
  package func isEqual(_ a: Value, _ b: Value) throws(Raised) -> Bool {
    if vm.isEqual(a, b) { return true }
    if !vm.pointee.raised.isNull, vm.hasMetLimit { throw Raised() }
    return false
  }

  /// Gives up when what was made since the last collection is more than the memory limit has room for, with `bytes`
  /// that are no memory of the machine's yet: for natives that make many values.
  @inline(__always)
  package func checkMemory(beside bytes: Int = 0) throws(Raised) {
    if vm.pointee.debt > 0 || bytes > 0 { try reserve(bytes: bytes) }
  }

  /// To be called before `bytes` are allocated at once: gives up when that would pass the memory limit.
  package func reserve(bytes: Int) throws(Raised) {
    if vm.hasMetLimit { throw Raised() }
    if bytes > largestRequest || !vm.fits(bytes) {
      vm.raiseMemoryLimit()
      throw Raised()
    }
  }
}

extension VM {
  /// The machine that this is the state of.
  package var machine: Machine { pointee.machine.takeUnretainedValue() }

  /// Notes work of a slow path, which has no access to the loop's fuel: about one per item, or per some bytes.
  @inline(__always)
  func note(work: Int) { pointee.work &+= work }

  /// The work noted since the last time: the loop pays for it out of its fuel.
  @inline(__always)
  func takeWork() -> Int {
    let work = pointee.work
    pointee.work = 0
    return work
  }

  /// Notes work that is done, and looks at the limits now and then: false when the script must stop, with the error in
  /// the state. The slow path then gives any result at once; the loop stops at its next jump or call.
  @inline(__always)
  func mayGoOn(afterWork work: Int) -> Bool {
    pointee.work &+= work
    return pointee.work < pointee.workBatch || settleWork(isDone: true)
  }

  /// Pays for work before it is done: false when a limit refuses it, with the error in the state.
  @inline(__always)
  func mayBegin(work: Int) -> Bool {
    pointee.work &+= work
    return pointee.work < pointee.workBatch || settleWork(isDone: false)
  }

  @inline(never)
  private func settleWork(isDone: Bool) -> Bool {
    pointee.machine._withUnsafeGuaranteedRef { $0.settleWork(isDone: isDone) }
  }

  /// Calls a native with its arguments at `arguments`; the result goes to `arguments[-1]`.
  @inline(never)
  func callNative(_ bits: UInt64, _ arguments: ValuePointer, _ count: Int) -> NativeStatus {
    pointee.native = bits
    return Unmanaged<NativeFunction>.fromOpaque(Raw(bitPattern: UInt(bits)).unsafelyUnwrapped)._withUnsafeGuaranteedRef
    {
      native in
      guard native.arity.contains(count) else {
        raiseWrongCount("'\(native.name)'", given: count, arity: native.arity)
        return .failed
      }
      let call = Call(vm: self, arguments: arguments, count: count)
      do throws(Raised) {
        switch native.body {
        case .immediate(let body): arguments.previous.pointee = try body(call)
        case .suspending(let body):
          let suspension = try body(call)
          if case .ready(let value) = suspension {
            arguments.previous.pointee = value
            return .finished
          }
          pointee.machine._withUnsafeGuaranteedRef { $0.pendingSuspension = suspension }
          pointee.resumeOffset = Raw(arguments - 1) - pointee.stack
          return .suspended
        }
        return .finished
      } catch {
        if pointee.raised.isNull { raise("E_ERROR", "'\(native.name)' failed") }
        return .failed
      }
    }
  }

  /// E_ARGUMENTS with `name`, in quotes when it is one, and what the function takes.
  func raiseWrongCount(_ name: String, given: Int, arity: ClosedRange<Int>) {
    func plural(_ n: Int) -> String { n == 1 ? "1 argument" : "\(n) arguments" }
    let takes =
      arity.upperBound == Int.max
      ? "at least \(plural(arity.lowerBound))"
      : arity.lowerBound == arity.upperBound
        ? (arity.lowerBound == 0 ? "no arguments" : plural(arity.lowerBound))
        : "\(arity.lowerBound) to \(plural(arity.upperBound))"
    raise("E_ARGUMENTS", "\(name) takes \(takes), and was called with \(given)")
  }
}

enum NativeStatus {
  case finished, failed, suspended
}
