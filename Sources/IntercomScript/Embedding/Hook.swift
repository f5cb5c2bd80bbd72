// The hooks of a script, for hosts that call them.

import ICSLibrary
import ICSVM

/// What `on` or `every` of a script has registered.
public struct Hook: Sendable, Hashable {
  /// When a hook runs.
  public enum Trigger: Sendable, Hashable {
    /// `on contact.created`: a topic, with `*` as its last part for several. `on request "/path"` is `request /path`.
    case topic(String)
    /// `every 15m`.
    case interval(Duration)
    /// `every "0 9 * * 1-5"`.
    case schedule(String)
  }

  /// When it runs.
  public let trigger: Trigger
  /// The name behind the topic, which is its identity across edits.
  public let name: String?

  /// Whether the hook is for notifications of a topic.
  public func matches(_ topic: String) -> Bool {
    guard case .topic(let pattern) = trigger else { return false }
    return TopicPattern(pattern).matches(topic)
  }
}

/// A hook with its functions in a machine.
struct RegisteredHook {
  let hook: Hook
  let predicate: Handle?
  let function: Handle

  init(_ registration: HookRegistration, _ machine: Machine) {
    let trigger: Hook.Trigger =
      switch registration.trigger {
      case .topic(let topic): .topic(topic)
      case .schedule(let value) where value.isString: .schedule(swiftString(value.address))
      case .schedule(let value): .interval(.seconds(min(value.asDouble, 3e9)))
      }
    hook = Hook(trigger: trigger, name: registration.name)
    predicate = registration.predicate.isNull ? nil : machine.retain(registration.predicate)
    function = machine.retain(registration.function)
  }
}

extension InstanceCore {
  /// Forgets the hooks of an earlier run of the top level.
  func dropHooks() {
    for hook in hooks {
      if let predicate = hook.predicate { machine.release(predicate) }
      machine.release(hook.function)
    }
    hooks = []
  }
}
