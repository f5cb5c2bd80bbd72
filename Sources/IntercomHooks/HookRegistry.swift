// Which hooks are served, and every version of a script that runs need.

import ICSDurable
import ICSJSON
import IntercomScript
import Synchronization

/// The scripts of a service. A script that is served anew takes the place of its older version for new runs; runs that
/// have begun go on with theirs.
public final class HookRegistry: Sendable {
  /// A hook with the version that serves it.
  public struct ServedHook: Sendable {
    /// The hook's name among all that are served, which runs are kept under.
    public let name: String
    /// What the script has declared.
    public let hook: HookDeclaration
    /// The script, as it is served.
    public let version: ScriptVersion
  }

  /// Two hooks of one name, or of one path.
  public struct Conflict: Error, Sendable, CustomStringConvertible {
    /// What two hooks have in common, and in which scripts they are; a sentence.
    public let description: String
  }

  private let state = Mutex(State())

  private struct State {
    var served: [ServedHook] = []
    var versions: [String: ScriptVersion] = [:]
    var conditions: [String: HookConditions] = [:]
  }

  /// A registry that serves nothing yet.
  public init() {}

  /// Every hook that is served, in the order of the scripts.
  public var hooks: [ServedHook] { state.withLock { $0.served } }

  /// Those that run on a schedule.
  var scheduled: [ScheduledHook] {
    hooks.compactMap { served in
      guard let schedule = Schedule(served.hook.trigger) else { return nil }
      let run = NewRun(
        hook: served.name, program: served.version.digest,
        // One at a time: a slow one is not overtaken by the next.
        ordering: Ordering(key: "schedule:\(served.name)"))
      return ScheduledHook(schedule, tenant: "default", run: run)
    }
  }

  /// The versions that are served, each once.
  public var versions: [ScriptVersion] {
    var seen: Set<String> = []
    return hooks.map(\.version).filter { seen.insert($0.digest).inserted }
  }

  /// Serves these versions and no others.
  ///
  /// - Throws: When two of them have a hook of the same name, and then nothing is changed.
  public func serve(_ versions: [ScriptVersion]) throws(Conflict) {
    let served = try Self.name(versions)
    state.withLock { state in
      state.served = served
      for version in versions { state.versions[version.digest] = version }
      let withConditions = versions.filter { $0.hooks.contains(where: \.hasCondition) }
      let known = state.conditions
      state.conditions = [:]
      for version in withConditions {
        state.conditions[version.digest] = known[version.digest] ?? HookConditions(version)
      }
    }
  }

  private static func name(_ versions: [ScriptVersion]) throws(Conflict) -> [ServedHook] {
    var owners: [String: ScriptVersion] = [:]
    var served: [ServedHook] = []
    for version in versions {
      for hook in version.hooks {
        var name = hook.name
        if let other = owners[name] {
          if hook.isNamed {
            throw Conflict(description: "two hooks are called '\(name)': one in \(other.name), one in \(version.name)")
          }
          if case .request(let path) = hook.trigger {
            throw Conflict(description: "two hooks answer '\(path)': one in \(other.name), one in \(version.name)")
          }
          name = "\(version.name) \(name)"
          if owners[name] != nil { throw Conflict(description: "\(version.name) is served twice") }
        }
        owners[name] = version
        served.append(ServedHook(name: name, hook: hook, version: version))
      }
    }
    return served
  }

  // MARK: What an event starts

  /// The runs that a notification starts: one for each hook of its topic whose condition its object fulfils.
  public func runs(for notification: WebhookNotification) async -> [NewRun] {
    var runs: [NewRun] = []
    for served in hooks {
      guard case .topic(let pattern) = served.hook.trigger, pattern.matches(notification.topic) else { continue }
      if served.hook.hasCondition, let conditions = state.withLock({ $0.conditions[served.version.digest] }) {
        guard await conditions.admit(notification.item, hook: served.hook.name) else { continue }
      }
      runs.append(
        NewRun(
          hook: served.name, program: served.version.digest,
          ordering: notification.orderKey.map { Ordering(key: $0) }))
    }
    return runs
  }

  /// The hook that answers a path.
  public func hook(answering path: String) -> ServedHook? {
    hooks.first { served in
      if case .request(path) = served.hook.trigger { true } else { false }
    }
  }

  // MARK: Versions

  /// The version of a digest, among those that were served since the start.
  func version(_ digest: String) -> ScriptVersion? { state.withLock { $0.versions[digest] } }

  /// Keeps a version for runs that began with it.
  func keep(_ version: ScriptVersion) { state.withLock { $0.versions[version.digest] = version } }
}

extension ScriptVersion {
  /// The name, in the script, of a hook whose runs are kept under a name.
  func localName(of name: String) -> String {
    let prefix = self.name + " "
    return name.hasPrefix(prefix) && !hooks.contains { $0.name == name } ? String(name.dropFirst(prefix.count)) : name
  }
}

/// Evaluates the conditions of a version's hooks. Its machine stays: the right sides of a condition were evaluated when
/// the hook was registered.
private actor HookConditions {
  private let version: ScriptVersion
  private var instance: HookInstance?

  init(_ version: ScriptVersion) { self.version = version }

  func admit(_ item: JSONValue, hook: String) async -> Bool {
    let instance = await registered()
    return await instance.admits(item, hook: hook)
  }

  private func registered() async -> HookInstance {
    if let instance { return instance }
    let made = version.conditionInstance()
    // Its hooks were registered before, when the version was made: what fails now lets everything through.
    _ = await made.register()
    instance = made
    return made
  }
}
