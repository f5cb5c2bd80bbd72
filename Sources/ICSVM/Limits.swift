// The limits that a host sets.

/// What a script may use. Passing a limit raises an error that the script cannot catch, but for the call depth.
public struct Limits: Sendable {
  /// Steps: about one per simple instruction, more for built-ins by the work that they do. `nil`: as many as it likes.
  public var fuel: Int?
  /// Bytes that the script's values may take.
  public var memory: Int
  /// How deep calls may nest; at least 10.
  public var callDepth: Int
  /// Fibers alive at the same time, the first one included.
  public var fibers: Int
  /// Bytes that the script may print. `nil`: as many as it likes.
  public var output: Int?
  /// Requests to Intercom and other hosts. `nil`: as many as it likes.
  public var requests: Int?
  /// Wall time from the start. `nil`: as long as it likes.
  public var time: Duration?

  /// Every limit spelled out; the defaults are those of `ics run`: generous ones against runaway scripts.
  public init(
    fuel: Int? = nil, memory: Int = 2 << 30, callDepth: Int = 20_000, fibers: Int = 200_000, output: Int? = nil,
    requests: Int? = nil, time: Duration? = nil
  ) {
    self.fuel = fuel
    self.memory = memory
    self.callDepth = max(10, callDepth)
    self.fibers = fibers
    self.output = output
    self.requests = requests
    self.time = time
  }
}
