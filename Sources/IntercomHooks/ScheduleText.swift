// The schedules of `every`, as scripts write them.

import ICSDurable

enum ScheduleText {
  /// What is wrong with a schedule of five or six fields, or with its time zone; nil when nothing is.
  static func problem(_ fields: String, zone: String?) -> String? {
    if let zone, NamedZone(zone) == nil { return "there is no time zone '\(zone)'; write a name such as Europe/Berlin" }
    do throws(Cron.Malformed) {
      let cron = try Cron(fields)
      return cron.next(after: Timestamp(seconds: 0), in: NamedZone.utc) == nil ? "'\(fields)' never comes" : nil
    } catch {
      return error.description
    }
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
