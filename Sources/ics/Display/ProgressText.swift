// How far something has got, as one line: a bar where the end is known, the rate, what remains, what is waited for.

import ICSDiagnostics

/// What there is to say about work that is under way.
struct ProgressText {
  /// What it is: a label, a request. Safe for a terminal.
  var label: String
  var done: Int?
  var total: Int?
  /// Since it began.
  var elapsed: Duration
  /// What it waits for: `rate limit, 4 s`.
  var waiting: String?
  /// What the rate limit has left.
  var allowance: Int?

  private static let barWidth = 20
  private static let shortestBar = 6
  private static let eighths = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  private var seconds: Double { elapsed / .seconds(1) }

  /// Items a second; nil before there is anything to judge by.
  var rate: Double? {
    guard let done, done > 0, seconds >= 0.2 else { return nil }
    return Double(done) / seconds
  }

  /// How long it will take; nil when that cannot be known.
  var remaining: Duration? {
    guard let done, let total, total > done, let rate, rate > 0 else { return nil }
    return .seconds(min(Double(total - done) / rate, 1e9))
  }

  /// `550/2,000 28%`, `550`; empty when nothing is counted.
  var count: String {
    guard let done else { return "" }
    guard let total else { return ShownText.grouped(done) }
    let share = total > 0 ? " \(min(100, Int(Double(done) / Double(total) * 100)))%" : ""
    return "\(ShownText.grouped(done))/\(ShownText.grouped(total))\(share)"
  }

  /// The parts of the line without a bar, in order of what can be left out last.
  private var parts: [String] {
    var parts: [String] = []
    if let rate { parts.append(rate >= 10 ? "\(ShownText.grouped(Int(rate + 0.5)))/s" : "\(Self.tenths(rate))/s") }
    if let remaining { parts.append("\(Self.time(remaining)) left") }
    if let waiting { parts.append(waiting) }
    if done == nil, seconds >= 1 { parts.append(Self.time(elapsed)) }
    if let allowance { parts.append("allowance \(ShownText.grouped(allowance))") }
    return parts
  }

  /// The line for a terminal, at most so wide.
  func line(width: Int) -> String {
    let head = [label, count].filter { !$0.isEmpty }.joined(separator: " ")
    var text = head
    for part in parts {
      let longer = text + (text.isEmpty ? "" : " · ") + part
      // What does not fit is left out as a whole, not cut in its number.
      if displayWidth(longer) <= width { text = longer }
    }
    let room = min(Self.barWidth, width - displayWidth(text) - 3)
    if let done, let total, total > 0, room >= Self.shortestBar {
      text = Self.bar(done, of: total, width: room) + " " + text
    }
    return Cell.cut(text, to: max(1, width))
  }

  /// The line where nobody watches a terminal.
  var plainLine: String {
    let head = [label, count].filter { !$0.isEmpty }.joined(separator: " ")
    return parts.isEmpty ? head : head + ", " + parts.joined(separator: ", ")
  }

  private static func bar(_ done: Int, of total: Int, width: Int) -> String {
    // As a fraction: a total may be any number.
    let filled = Int(Double(min(max(done, 0), total)) / Double(total) * Double(width * 8))
    var text = String(repeating: "█", count: filled / 8)
    if filled % 8 > 0 { text += eighths[filled % 8] }
    return "▕" + text + String(repeating: " ", count: width - (filled + 7) / 8) + "▏"
  }

  private static func tenths(_ number: Double) -> String {
    let tenths = Int(number * 10 + 0.5)
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// `8 s`, `2 min 5 s`, `1 h 3 min`.
  static func time(_ duration: Duration) -> String {
    let seconds = max(0, Int(min(duration / .seconds(1), 1e9) + 0.5))
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min" + (seconds % 60 == 0 ? "" : " \(seconds % 60) s") }
    return "\(seconds / 3600) h" + (seconds % 3600 < 60 ? "" : " \(seconds % 3600 / 60) min")
  }
}
