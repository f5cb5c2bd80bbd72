import ICSVM
import Testing

@Suite struct SchedulerTests {
  // The prelude of these programs, by number.
  private static let spawn = 0, sleep = 1, wait = 2, waitAny = 3, cancel = 4, log = 5, hang = 6

  private final class Log { var entries: [String] = [] }

  private func machine(
    _ log: Log, limits: Limits = Limits(), interruption: Interruption = Interruption(), stress: Bool = false
  ) -> Machine {
    makeMachine(
      [
        NativeFunction("spawn", arity: 1...9) { call throws(Raised) in
          try call.machine.spawn(
            call[0], arguments: .object(Tag.list, call.vm.newList(call.arguments + 1, count: call.count - 1)))
        },
        NativeFunction("sleep", arity: 1...1, suspending: { call throws(Raised) in .sleep(try call.double(0)) }),
        NativeFunction("wait", arity: 1...1, suspending: { call throws(Raised) in .task(call[0]) }),
        NativeFunction("wait_any", arity: 1...1, suspending: { call throws(Raised) in .anyTask(call[0]) }),
        NativeFunction("cancel", arity: 1...1) { call throws(Raised) in
          call.machine.cancel(call[0])
          return .null
        },
        NativeFunction("log", arity: 1...1) { call throws(Raised) in
          log.entries.append(call.vm.printedForm(call[0]) ?? "?")
          return .null
        },
        NativeFunction(
          "hang", arity: 0...0,
          suspending: { call throws(Raised) in
            interruption.request()
            return .operation {
              // Ends when the script does: its task is cancelled then.
              try? await Task.sleep(for: .seconds(3600))
              return { _ throws(Raised) in .null }
            }
          }),
      ], limits: limits, interruption: interruption, stress: stress)
  }

  /// `R[target] = prelude(number)(arguments...)`, the arguments being registers.
  private func call(_ number: Int, _ arguments: [Int] = [], to target: Int) -> [UInt64] {
    [op(.getPrelude, r(20), wide: number)]
      + arguments.enumerated().map { op(.move, r(21 + $0.offset), r($0.element)) }
      + [op(.call, r(20), arguments.count), op(.move, r(target), r(20))]
  }

  private func program(_ main: [UInt64], _ other: [UInt64] = [], handlers: [Handler] = []) -> Assembler {
    var assembler = Assembler()
    assembler.function(registers: 32, main)
    assembler.function(parameters: 1, registers: 32, handlers: handlers, other)
    return assembler
  }

  @Test("sleepers wake by their deadlines, and those of one deadline in their order")
  func sleepers() async {
    for isStressed in [false, true] {
      let log = Log()
      var main: [UInt64] = [op(.closure, r(0), wide: 1)]
      for seconds in [3, 1, 2, 1] {
        main += [op(.loadInt, r(1), wide: seconds)] + call(Self.spawn, [0, 1], to: 2)
      }
      let other = call(Self.sleep, [0], to: 1) + call(Self.log, [0], to: 1) + [op(.return, r(0))]
      let machine = machine(log, stress: isStressed)
      #expect(await machine.completion(of: program(main + [op(.returnNull)], other)) == "null")
      #expect(log.entries == ["1", "1", "2", "3"])
    }
  }

  @Test("waiting for a task gives its result")
  func results() async {
    let main: [UInt64] =
      [op(.closure, r(0), wide: 1), op(.loadInt, r(1), wide: 7)] + call(Self.spawn, [0, 1], to: 2)
      + call(Self.wait, [2], to: 3) + [op(.return, r(3))]
    #expect(await machine(Log(), stress: true).completion(of: program(main, [op(.return, r(0))])) == "7")
  }

  @Test("the error of a task that nobody waited for ends the program")
  func unseenFailure() async {
    let main: [UInt64] =
      [op(.closure, r(0), wide: 1), op(.loadInt, r(1), wide: 7)] + call(Self.spawn, [0, 1], to: 2)
      + [op(.returnNull)]
    #expect(await machine(Log()).completion(of: program(main, [op(.throw, r(0))])) == "E_THROWN")
  }

  @Test("a task that waits for itself is a deadlock, not a program without an end")
  func deadlock() async {
    let main: [UInt64] =
      [op(.newList, r(1), r(0), 0), op(.closure, r(0), wide: 1)] + call(Self.spawn, [0, 1], to: 2)
      + [op(.listAppend, r(1), r(2), 1)] + call(Self.wait, [2], to: 3) + [op(.return, r(3))]
    let other = [op(.getIndexImmediate, r(1), r(0), 0)] + call(Self.wait, [1], to: 2) + [op(.return, r(2))]
    #expect(await machine(Log()).completion(of: program(main, other)) == "E_VALUE")
  }

  @Test("a cancelled fiber runs its finally blocks and none of its catch blocks")
  func cancellation() async {
    for isStressed in [false, true] {
      let log = Log()
      let main: [UInt64] =
        [op(.closure, r(0), wide: 1), op(.loadInt, r(1), wide: 50)] + call(Self.spawn, [0, 1], to: 2)
        + [op(.loadInt, r(3), wide: 1)] + call(Self.sleep, [3], to: 4) + call(Self.cancel, [2], to: 4)
        + [op(.loadInt, r(5), wide: 1)] + call(Self.sleep, [5], to: 4) + call(Self.log, [5], to: 4) + [op(.returnNull)]
      let body = call(Self.sleep, [0], to: 1)
      let count = Int32(body.count)
      let other =
        body + [op(.returnNull)]
        // catch
        + [op(.loadInt, r(2), wide: -1)] + call(Self.log, [2], to: 1) + [op(.returnNull)]
        // finally, which waits itself
        + [op(.loadInt, r(2), wide: 3)] + call(Self.sleep, [2], to: 1) + call(Self.log, [2], to: 1)
        + [op(.rethrow, r(7))]
      let catchStart = count + 1
      let finallyStart = catchStart + 1 + 4 + 0
      let assembler = program(
        main, other,
        handlers: [
          Handler(range: 0..<count, target: catchStart, register: 7, isFinally: false),
          Handler(range: 0..<finallyStart, target: finallyStart + 1, register: 7, isFinally: true),
        ])
      let machine = machine(log, stress: isStressed)
      #expect(await machine.completion(of: assembler) == "null")
      #expect(log.entries == ["1", "3"])
    }
  }

  @Test("the main function's error outlives what the other fibers do when they end")
  func mainFailure() async {
    let log = Log()
    let main: [UInt64] =
      [op(.closure, r(0), wide: 1), op(.loadInt, r(1), wide: 50)] + call(Self.spawn, [0, 1], to: 2)
      + [op(.loadInt, r(3), wide: 1)] + call(Self.sleep, [3], to: 4) + [op(.throw, r(3))]
    let body = call(Self.sleep, [0], to: 1)
    let finally: [UInt64] =
      [
        op(.loadInt, r(2), wide: 0), op(.newList, r(3), r(2), 1), op(.addImmediate, r(2), r(2), 1),
        op(.jumpIfLessImmediate, r(2), -3, 200), op(.rethrow, r(7)),
      ]
    let handler = Handler(
      range: 0..<Int32(body.count), target: Int32(body.count), register: 7, isFinally: true)
    let machine = machine(log, stress: true)
    #expect(await machine.completion(of: program(main, body + finally, handlers: [handler])) == "E_THROWN")
  }

  @Test("waiting for any of several tasks ends with the first")
  func waitAny() async {
    let log = Log()
    let main: [UInt64] =
      [op(.closure, r(0), wide: 1), op(.loadInt, r(1), wide: 9)] + call(Self.spawn, [0, 1], to: 2)
      + [op(.loadInt, r(1), wide: 2)] + call(Self.spawn, [0, 1], to: 3) + [op(.newList, r(4), r(2), 2)]
      + call(Self.waitAny, [4], to: 5) + [op(.loadInt, r(6), wide: -1)] + call(Self.log, [6], to: 5)
      + [op(.returnNull)]
    let other = call(Self.sleep, [0], to: 1) + call(Self.log, [0], to: 1) + [op(.returnNull)]
    #expect(await machine(log).completion(of: program(main, other)) == "null")
    #expect(log.entries == ["2", "-1", "9"])
  }

  @Test("an interruption and a time limit end a script that waits")
  func interruptions() async {
    let main = call(Self.hang, to: 0) + [op(.returnNull)]
    let interruption = Interruption()
    #expect(await machine(Log(), interruption: interruption).completion(of: program(main)) == "E_CANCELLED")
    let sleeping = [op(.loadInt, r(1), wide: 1_000_000)] + call(Self.sleep, [1], to: 0) + [op(.returnNull)]
    let limits = Limits(time: .seconds(5))
    #expect(await machine(Log(), limits: limits).completion(of: program(sleeping)) == "E_TIME_LIMIT")
    let endless = Limits(time: .seconds(Int64.max))
    #expect(await machine(Log(), limits: endless).completion(of: program(sleeping)) == "null")
  }

  @Test("a sleep of no time only hands over")
  func handingOver() async {
    let log = Log()
    let main: [UInt64] =
      [op(.loadInt, r(0), wide: 0), op(.loadInt, r(1), wide: 0)] + call(Self.sleep, [1], to: 2)
      + [op(.addImmediate, r(0), r(0), 1), op(.jumpIfLessImmediate, r(0), -6, 5000), op(.return, r(0))]
    #expect(await machine(log).completion(of: program(main)) == "5000")
  }

  @Test("spawning past the limit of fibers is a limit")
  func fiberLimit() async {
    let main: [UInt64] =
      [op(.closure, r(0), wide: 1), op(.loadInt, r(1), wide: 1)] + call(Self.spawn, [0, 1], to: 2)
      + [op(.loop, wide: -6)]
    #expect(
      await machine(Log(), limits: Limits(fibers: 100)).completion(of: program(main, [op(.returnNull)])) == "E_MEMORY")
  }
}
