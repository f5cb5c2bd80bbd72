// What a run may use, and what it has used.

import ICSVM

/// What a script may use: `Limits(fuel:memory:callDepth:fibers:output:requests:time:)`.
public typealias Limits = ICSVM.Limits

extension Limits {
  /// For scripts of people you do not know: about a second of work, 64 MB, a megabyte of output, a thousand requests,
  /// half a minute.
  public static let untrusted = Limits(
    fuel: 100_000_000, memory: 64 << 20, callDepth: 1_000, fibers: 1_000, output: 1 << 20, requests: 1_000,
    time: .seconds(30))
  /// For scripts of your own: only what protects the process.
  public static let trusted = Limits()
}

/// What a run, a call or a hook has used.
public struct Usage: Sendable, Hashable {
  /// Steps: about one per simple instruction, more for built-ins by the work that they do.
  public internal(set) var fuel = 0
  /// The most bytes that the instance's values took so far.
  public internal(set) var peakMemory = 0
  /// Requests to Intercom and other hosts.
  public internal(set) var requests = 0
  /// Bytes that were printed.
  public internal(set) var output = 0
  /// From the start to the end, waiting included.
  public internal(set) var wall: Duration = .zero
}
