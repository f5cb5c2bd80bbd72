// The schedules of `every`, as scripts write them.

import ICSDurable

/// A schedule in a string: the fields, and the time zone that may stand behind them.
struct ScheduleText {
  /// What is wrong with a schedule, in one sentence.
  struct Malformed: Error {
    let description: String
  }

  /// The five or six fields.
  let fields: String
  /// The name of the time zone, `UTC` when none is given.
  let zone: String

  /// Reads a schedule such as `0 9 * * 1-5` or `0 9 * * 1-5 Europe/Berlin`.
  ///
  /// - Parameter option: The time zone of the `zone` option; the string must not name one as well.
  init(_ text: String, zone option: String?) throws(Malformed) {
    var words = text.split(whereSeparator: \.isWhitespace)
    var named: String?
    if let last = words.last, Self.isZone(last) {
      named = String(last)
      words.removeLast()
    }
    if let named, option != nil {
      throw Malformed(description: "the time zone is given twice: '\(named)' behind the fields, and as 'zone'")
    }
    fields = named == nil ? text : words.joined(separator: " ")
    zone = option ?? named ?? "UTC"
    if NamedZone(zone) == nil {
      throw Malformed(description: "there is no time zone '\(zone)'; write a name such as Europe/Berlin")
    }
    do throws(Cron.Malformed) {
      let cron = try Cron(fields)
      guard cron.next(after: Timestamp(seconds: 0), in: NamedZone.utc) == nil else { return }
    } catch {
      throw Malformed(description: error.description)
    }
    throw Malformed(description: "'\(fields)' never comes")
  }

  /// Whether a word is a time zone's name and no field: `mon/2` steps, `Europe/Berlin` names.
  private static func isZone(_ word: Substring) -> Bool {
    if word == "UTC" || word == "GMT" { return true }
    guard let slash = word.firstIndex(of: "/"), let first = word.first, first.isLetter else { return false }
    return word[word.index(after: slash)...].first?.isLetter ?? false
  }
}

/// When a scheduled hook comes due.
package struct ScheduleRule: Sendable {
  /// What the rule was made of: a stored time of another rule is worth nothing.
  package let text: String
  private let kind: Kind

  private enum Kind {
    case interval(Duration)
    case cron(Cron, NamedZone)
  }

  /// Nil for a trigger that is no schedule.
  package init?(_ trigger: HookDeclaration.Trigger) {
    switch trigger {
    case .interval(let seconds):
      kind = .interval(.milliseconds(Int(seconds * 1000)))
      text = "every \(seconds)"
    case .schedule(let fields, let name):
      // Both were read when the hook was registered.
      guard let cron = try? Cron(fields), let zone = NamedZone(name) else { return nil }
      kind = .cron(cron, zone)
      text = "\(fields) \(name)"
    case .topic, .request: return nil
    }
  }

  /// The first time after a time.
  package func next(after time: Timestamp) -> Timestamp? {
    switch kind {
    case .interval(let interval): time + interval
    case .cron(let cron, let zone): cron.next(after: time, in: zone)
    }
  }
}
