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

extension Schedule {
  /// The schedule of a hook; nil for a trigger that is none.
  package init?(_ trigger: HookDeclaration.Trigger) {
    switch trigger {
    case .interval(let seconds): self = .interval(.milliseconds(Int(seconds * 1000)))
    case .schedule(let fields, let name):
      // Both were read when the hook was registered.
      guard let cron = try? Cron(fields), let zone = NamedZone(name) else { return nil }
      self = .cron(cron, zone: zone)
    case .topic, .request: return nil
    }
  }
}
