// A hook as a script declares it.

import ICSLibrary
import ICSVM

/// A hook of a script.
public struct HookDeclaration: Sendable, Hashable {
  /// What makes it run.
  public enum Trigger: Sendable, Hashable {
    /// Notifications.
    case topic(TopicPattern)
    /// An HTTP request to a path.
    case request(path: String)
    /// Every so often: from a second to a year.
    case interval(Duration)
    /// The times of a schedule of five or six fields, in a time zone (`UTC` unless the script names one).
    case schedule(String, zone: String)
  }

  /// The name, its identity over restarts and edits.
  public let name: String
  /// What starts the hook.
  public let trigger: Trigger
  /// Whether the script has given it the name. Otherwise it is made of the trigger.
  public let isNamed: Bool
  /// Whether there is a condition that an event's object has to fulfil.
  public let hasCondition: Bool

  /// The trigger as the script has it: `contact.created`, `request /signups`, `every 900 s`.
  public var summary: String {
    switch trigger {
    case .topic(let pattern): return pattern.text
    case .request(let path): return "request \(path)"
    case .interval(let pause): return "every \(Self.text(of: pause))"
    case .schedule(let fields, let zone): return "every \"\(fields)\"" + (zone == "UTC" ? "" : " \(zone)")
    }
  }

  /// `15m`, `1h`, `90s`: the largest unit that says it exactly.
  static func text(of pause: Duration) -> String {
    let seconds = pause / .seconds(1)
    for (unit, size) in [("w", 604_800.0), ("d", 86_400), ("h", 3600), ("m", 60)] {
      let count = seconds / size
      if count >= 1, count == count.rounded(), count < 1e9 { return "\(Int(count))\(unit)" }
    }
    guard seconds >= 1, seconds == seconds.rounded(), seconds < 1e15 else {
      return "\(Int((seconds * 1000).rounded()))ms"
    }
    return "\(Int(seconds))s"
  }
}

/// Gives the hooks of one script their names, in the order of their declarations.
struct HookNames {
  private var names: Set<String> = []

  /// The hook that a declaration stands for.
  ///
  /// - Throws: A sentence about what cannot be served.
  mutating func hook(for registration: HookRegistration, _ machine: Machine) throws(HookNames.Refusal)
    -> HookDeclaration
  {
    let trigger = try Self.trigger(of: registration, machine)
    let unnamed = HookDeclaration(
      name: "", trigger: trigger, isNamed: registration.name != nil, hasCondition: !registration.predicate.isNull)
    var name = registration.name ?? unnamed.summary
    guard !name.isEmpty, name.utf8.count <= 200 else { throw Refusal(message: "a hook's name has 1 to 200 bytes") }
    if !names.insert(name).inserted {
      guard registration.name == nil else { throw Refusal(message: "two hooks are called '\(name)'") }
      if case .request(let path) = trigger { throw Refusal(message: "two hooks answer '\(path)'") }
      // The second hook of a topic, without a name: they are told apart by their order.
      var number = 2
      while !names.insert("\(name)#\(number)").inserted { number += 1 }
      name = "\(name)#\(number)"
    }
    return HookDeclaration(name: name, trigger: trigger, isNamed: unnamed.isNamed, hasCondition: unnamed.hasCondition)
  }

  struct Refusal: Error {
    let message: String
    var help: String?
  }

  private static func trigger(
    of registration: HookRegistration, _ machine: Machine
  ) throws(Refusal) -> HookDeclaration.Trigger {
    switch registration.trigger {
    case .topic(let text):
      let request = "request "
      guard text.hasPrefix(request) else {
        guard !text.isEmpty, text.utf8.count <= WebhookNotification.maximumTopicLength,
          !text.dropLast().contains("*"), text == "*" || !text.hasSuffix("*") || text.hasSuffix(".*")
        else {
          throw Refusal(message: "'\(text)' is no topic", help: "a '*' stands for the last part: \"conversation.*\"")
        }
        return .topic(TopicPattern(text))
      }
      let path = String(text.dropFirst(request.count))
      guard path.hasPrefix("/"), path.utf8.count <= 1000, !path.utf8.contains(where: { $0 <= 32 || $0 >= 127 }),
        !path.contains("?"), !path.contains("#")
      else { throw Refusal(message: "'\(path)' is no path", help: "on request \"/signups\" as req { ... }") }
      guard !HookPaths.own.contains(path) else { throw Refusal(message: "'\(path)' is answered by ics itself") }
      return .request(path: path)
    case .schedule(let value):
      let zone = try zone(registration.options, machine)
      if value.isNumber {
        let seconds = value.asDouble
        guard seconds >= 1, seconds <= 366 * 86_400 else {
          throw Refusal(message: "'every' takes a time from 1 s to a year, and was given \(seconds) s")
        }
        return .interval(.milliseconds(Int(seconds * 1000)))
      }
      do throws(ScheduleText.Malformed) {
        let schedule = try ScheduleText(swiftString(value.address), zone: zone)
        return .schedule(schedule.fields, zone: schedule.zone)
      } catch {
        throw Refusal(message: error.description)
      }
    }
  }

  private static func zone(_ options: Value, _ machine: Machine) throws(Refusal) -> String? {
    guard options.isMap else { return nil }
    var position = 0
    var zone: String?
    while let entry = machine.state.mapEntry(options.address, at: position) {
      position = entry.next
      guard entry.key.isString, ["zone", "time_zone"].contains(swiftString(entry.key.address)) else {
        throw Refusal(message: "'every' has one option: zone: \"Europe/Berlin\"")
      }
      guard entry.value.isString else { throw Refusal(message: "'zone' is the name of a time zone, in a string") }
      zone = swiftString(entry.value.address)
    }
    return zone
  }
}

/// The paths that a service answers itself.
enum HookPaths {
  static let webhooks = "/webhooks/intercom"
  static let health = "/healthz"
  static let metrics = "/metrics"
  static let own = [webhooks, health, metrics]
}
