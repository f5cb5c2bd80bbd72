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

extension Schedule {
  /// The schedule of a hook; nil for a trigger that is none.
  package init?(_ trigger: HookDeclaration.Trigger) {
    switch trigger {
    case .interval(let pause): self = .interval(pause)
    case .schedule(let fields, let name):
      // Both were read when the hook was registered.
      guard let cron = try? Cron(fields), let zone = NamedZone(name) else { return nil }
      self = .cron(cron, zone: zone)
    case .topic, .request: return nil
    }
  }
}
