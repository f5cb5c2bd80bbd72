// What a machine may use: slices of fuel, and the limits that are looked at between two of them.

extension Machine {
  /// How much fuel a slice has: between two of them the clock and the interruption are looked at.
  static let slice = 50_000

  /// How much work slow paths do between two looks at the limits: a small part of the limit of fuel.
  static func workBatch(_ limits: Limits) -> Int { min(256, max(16, (limits.fuel ?? Int.max) / 100)) }

  func refill() {
    fuelSlice = Self.slice
    // A slow path does not see what the running slice has used: that is a small part of the limit.
    if let limit = limits.fuel { fuelSlice = max(0, min(fuelSlice, max(16, limit / 200), limit - fuelUsed)) }
    state.pointee.fuel = fuelSlice
  }

  /// Bytes that the values of the script take from the system, garbage included.
  package var takenMemory: Int { state.pointee.total }

  /// The steps used so far.
  package var usedFuel: Int { fuelUsed + usedSinceSettling }

  private var usedSinceSettling: Int { fuelSlice - state.pointee.fuel + state.pointee.work - alarm }

  /// Called when a slice is used up: true to go on with a new one, false with an error in the state.
  func refuel() -> Bool {
    let used = usedSinceSettling
    fuelUsed += used
    turnWork += used
    fuelSlice = 0
    alarm = 0
    state.pointee.work = 0
    state.pointee.fuel = 0
    guard checkLimits() else { return false }
    refill()
    return true
  }

  /// `refuel` within a native or for one that has just begun: the loop hears of it when the turn is over.
  func refuelWithin() -> Bool {
    guard refuel() else { return false }
    if isTurnOver { callLoop() }
    return true
  }

  /// `refuelWithin` for work that is paid before it is done. What is refused was not done: it does not count as used.
  func refuelOrRefuse() -> Bool {
    if refuelWithin() { return true }
    if let limit = limits.fuel { fuelUsed = min(fuelUsed, limit) }
    return false
  }

  /// Makes the loop leave at its next jump or call, once the native or the slow path that runs has returned: it takes
  /// more from its fuel than any slice holds.
  func callLoop() {
    guard alarm == 0 else { return }
    alarm = Self.slice + 1
    state.pointee.work += alarm
  }

  /// Gives the whole allowance of fuel, time, output and requests anew: for a host that calls a machine again and again.
  package func renewAllowance() {
    fuelUsed = 0
    alarm = 0
    state.pointee.work = 0
    refill()
    startTime = clock()
    outputBytes = 0
    requests = 0
  }

  /// False, with an error in the state, when the script must stop.
  func checkLimits() -> Bool {
    // A slow path has met a limit, and the loop has not looked since.
    if state.hasMetLimit { return false }
    if interruption.isRequested || Task.isCancelled {
      state.raiseLimit("E_CANCELLED", "the script was stopped")
      return false
    }
    if let limit = limits.fuel, fuelUsed >= limit {
      state.raiseLimit("E_FUEL", "the script needs more than its limit of \(limit) steps")
      return false
    }
    return checkTime()
  }

  /// Pays for work of a slow path, and looks at the limits: false, with an error in the state, when the script must
  /// stop. For work that one instruction does and that may take long.
  ///
  /// - Parameter isDone: False for work that is done only when it is paid: what is refused does not count as used.
  func settleWork(isDone: Bool) -> Bool {
    // The loop's own fuel is in a register: only what was noted can be settled. An alarm waits for the loop.
    let work = state.pointee.work - alarm
    state.pointee.work = alarm
    fuelUsed += work
    turnWork += work
    let isFine = checkLimits()
    if !isFine, !isDone, let limit = limits.fuel { fuelUsed = min(fuelUsed, limit) }
    if !isFine || isTurnOver { callLoop() }
    return isFine
  }

  /// False, with an error in the state, when the time limit has been reached.
  package func checkTime() -> Bool {
    guard let limit = limits.time, let deadline, clock() >= deadline else { return true }
    state.raiseLimit("E_TIME_LIMIT", "the script took longer than its limit of \(limit)")
    return false
  }

  /// Nanoseconds on the machine's clock at which the time limit ends; nil without one.
  package var deadline: UInt64? {
    guard let limit = limits.time else { return nil }
    let (seconds, attoseconds) = limit.components
    // A century at most: far from what the sum overflows at.
    let whole = UInt64(min(max(0, seconds), 3_155_760_000)) * 1_000_000_000
    return startTime &+ whole &+ UInt64(max(0, attoseconds / 1_000_000_000))
  }
}
