// What a script may reach.

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

  /// Nothing is allowed.
  public init() {}

  /// Nothing is allowed: for scripts of people you do not know.
  public static let none = Permissions()
}
