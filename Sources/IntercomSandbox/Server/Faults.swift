// Things that go wrong on purpose.

/// Which faults to cause, and how often. As text: `429:5%,500:1%,slow:200ms,drop:1%,lost:2%`.
///
/// `429` and any 5xx answer so instead of doing the work; `slow` delays every answer; `drop` closes the connection
/// before the work is done, `lost` after it; `rate:1000` is the rate limit a minute and `rate:off` lifts it. The
/// same seed gives the same faults in the same order of requests.
public struct Faults: Sendable, Hashable {
  /// Shares of the requests, by status.
  public var statuses: [Status] = []
  /// How long every answer waits, in milliseconds.
  public var delayInMilliseconds = 0
  /// The share of connections closed before the request is carried out.
  public var drop = 0.0
  /// The share of connections closed after the request is carried out: the answer is lost.
  public var lost = 0.0
  /// The rate limit a minute, when the text names one; `.max` when it lifts the limit.
  public var requestsPerMinute: Int?
  /// What the random choices begin with.
  public var seed: UInt64 = 1

  /// A status and the share of the requests, from 0 to 1, that it answers.
  public struct Status: Sendable, Hashable {
    /// The status, 429 or 5xx.
    public let status: Int
    /// From 0 to 1.
    public let share: Double
  }

  /// No faults.
  public init() {}

  /// The faults that a text names.
  public init(_ text: String) throws(SandboxError) {
    for item in text.split(separator: ",") {
      let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
      guard parts.count == 2 else { throw Self.wrong(item) }
      switch parts[0] {
      case "slow": delayInMilliseconds = try Self.milliseconds(parts[1], in: item)
      case "drop": drop = try Self.share(parts[1], in: item)
      case "lost": lost = try Self.share(parts[1], in: item)
      case "rate":
        guard parts[1] != "off" else {
          requestsPerMinute = .max
          continue
        }
        guard let rate = Int(parts[1]), rate > 0 else { throw Self.wrong(item) }
        requestsPerMinute = rate
      default:
        guard let status = Int(parts[0]), status == 429 || (500...599).contains(status) else { throw Self.wrong(item) }
        statuses.append(Status(status: status, share: try Self.share(parts[1], in: item)))
      }
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  private static func share(_ text: String, in item: Substring) throws(SandboxError) -> Double {
    guard text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) else {
      throw wrong(item)
    }
    return percent / 100
  }

  private static func milliseconds(_ text: String, in item: Substring) throws(SandboxError) -> Int {
    let (digits, factor) = text.hasSuffix("ms") ? (text.dropLast(2), 1) : (text.dropLast(1), 1000)
    guard text.hasSuffix("s"), let number = Int(digits), (0...600_000).contains(number) else { throw wrong(item) }
    return number * factor
  }

  private static func wrong(_ item: Substring) -> SandboxError {
    .configuration(
      setting: "faults", reason: "'\(item)' is none of 429:5%, 500:1%, slow:200ms, drop:1%, lost:1%, rate:1000")
  }
}

/// Decides for each request which fault it meets.
struct FaultPlan: Sendable {
  private let faults: Faults
  private var random: SplitMix

  struct Outcome: Sendable {
    var delay: Duration?
    var failure: Failure?
    var dropsBefore = false
    var dropsAfter = false
  }

  init(_ faults: Faults) {
    self.faults = faults
    random = SplitMix(seed: faults.seed)
  }

  mutating func next() -> Outcome {
    var outcome = Outcome()
    if faults.delayInMilliseconds > 0 { outcome.delay = .milliseconds(faults.delayInMilliseconds) }
    var dice = roll()
    for fault in faults.statuses {
      if dice < fault.share {
        outcome.failure = Self.failure(fault.status)
        return outcome
      }
      dice -= fault.share
    }
    if dice < faults.drop {
      outcome.dropsBefore = true
    } else if dice < faults.drop + faults.lost {
      outcome.dropsAfter = true
    }
    return outcome
  }

  private static func failure(_ status: Int) -> Failure {
    guard status == 429 else { return Failure(status, "server_error", "A fault that was asked for") }
    return Failure(429, "rate_limit_exceeded", "Exceeded rate limit of 0 in 10_seconds")
  }

  /// A number from 0 up to 1.
  private mutating func roll() -> Double { Double(random.next() >> 11) / Double(1 << 53) }
}
