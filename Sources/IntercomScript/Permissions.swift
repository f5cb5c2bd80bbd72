// What a script may reach.

import ICSLibrary

/// What a script may reach beside the account's own API. Everything is closed unless it is opened here.
public struct Permissions: Sendable {
  /// Folders below which files may be read, as absolute paths.
  public var readableFolders: [String] = []
  /// Folders below which files may be written, as absolute paths.
  public var writableFolders: [String] = []
  /// What relative paths are relative to; an absolute path.
  public var currentFolder = "/"
  /// Tells whether `env(name)` may read a variable.
  public var allowsVariable: @Sendable (String) -> Bool = { _ in false }
  /// Tells whether `http` may send to a host and port.
  public var allowsHost: @Sendable (_ name: String, _ port: Int) -> Bool = { _, _ in false }
  /// What the help of `E_PERMISSION` tells a script's author; nil for no help. By itself it names the setting of yours
  /// that does not allow the access: give your users words of your own where they do not know your program's source.
  public var help: @Sendable (Refusal) -> String? = { refusal in
    "the host does not allow it: \(refusal.setting) (see GrantingPermissions)"
  }

  /// What a script asked for and is not allowed.
  public enum Refusal: Sendable, Hashable {
    /// A file, or its folder's list; the path as the script has it.
    case reading(path: String)
    /// A file that would be written or removed.
    case writing(path: String)
    /// A variable of the environment.
    case variable(name: String)
    /// A host of the network.
    case host(name: String, port: Int)
    /// The network as a whole: there is no `HostEnvironment.transport`.
    case network
  }

  /// Nothing is allowed.
  public init() {}

  /// Nothing is allowed: for scripts of people you do not know.
  public static let none = Permissions()
}

extension Permissions.Refusal {
  init(_ access: RefusedAccess) {
    switch access {
    case .reading(let path): self = .reading(path: path)
    case .writing(let path): self = .writing(path: path)
    case .variable(let name): self = .variable(name: name)
    case .host(let name, let port): self = .host(name: name, port: port)
    case .network: self = .network
    }
  }

  /// What refuses, as the host's Swift calls it.
  fileprivate var setting: String {
    switch self {
    case .reading: "its Permissions.readableFolders have no folder of this file"
    case .writing: "its Permissions.writableFolders have no folder of this file"
    case .variable: "its Permissions.allowsVariable refuses this name"
    case .host: "its Permissions.allowsHost refuses this name and port"
    case .network: "its HostEnvironment has no transport"
    }
  }
}
