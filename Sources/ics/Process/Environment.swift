// The process environment: read here and nowhere else.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum Environment {
  /// A variable's value; `nil` also when it is empty, which everybody takes for not set.
  static subscript(name: String) -> String? {
    guard let value = variable(name), !value.isEmpty else { return nil }
    return value
  }

  /// A variable's value as it is.
  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Whether text for people has colours on this descriptor: the flag, `ICS_COLOR`, `FORCE_COLOR`, `NO_COLOR`, the file
  /// of settings, and at last the terminal decide.
  static func usesColor(_ descriptor: Int32) -> Bool {
    let (choice, source) = Settings.shared.value(.color)
    let isChosen: Bool? = choice == "always" ? true : choice == "never" ? false : nil
    if source == .flag || source == .variable, let isChosen { return isChosen }
    if let forced = Self["FORCE_COLOR"] ?? Self["CLICOLOR_FORCE"] { return forced != "0" && forced != "false" }
    if Self["NO_COLOR"] != nil { return false }
    if let isChosen { return isChosen }
    if Self["TERM"] == nil || Self["TERM"] == "dumb" { return false }
    return isatty(descriptor) == 1
  }

  /// The columns of the terminal on this descriptor; 120 for what is none.
  static func width(_ descriptor: Int32) -> Int {
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 120 }
    return Int(size.ws_col)
  }

  /// The rows of the terminal on this descriptor; 24 for what is none.
  static func height(_ descriptor: Int32) -> Int {
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return 24 }
    return Int(size.ws_row)
  }

  /// The path of this program; nil when the system does not say.
  static var ownPath: String? {
    #if os(Linux)
      return Path.resolved("/proc/self/exe")
    #else
      // A name without a slash was looked for in PATH.
      guard let name = CommandLine.arguments.first else { return nil }
      if name.contains("/") { return Path.resolved(name) }
      return (Self["PATH"] ?? "").split(separator: ":").lazy.compactMap { Path.resolved("\($0)/\(name)") }.first
    #endif
  }

  /// The folder in which the process works, with links resolved.
  static var currentFolder: String { Path.resolved(".") ?? "/" }

  /// The folder that holds accounts, sandbox and history: `ICS_HOME`, else by the XDG rules.
  static var home: String {
    if let home = Self["ICS_HOME"] { return Path.absolute(home) }
    if let data = Self["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/ics" }
    return (Self["HOME"] ?? userFolder ?? "/tmp") + "/.local/share/ics"
  }

  /// The path of a file in `home`; the folder is made when it is not there, for its owner alone.
  static func fileInHome(_ name: String) -> String {
    let folder = home
    var path = ""
    for part in folder.split(separator: "/") {
      path += "/" + part
      // It is there already, or the file's own error will say what is wrong.
      _ = mkdir(path, 0o700)
    }
    return folder + "/" + name
  }

  private static var userFolder: String? { getpwuid(getuid())?.pointee.pw_dir.map { String(cString: $0) } }
}

enum Path {
  /// The absolute path with all links resolved; `nil` when there is no such file.
  static func resolved(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// The path from the root of the file system, with links resolved as far as it exists.
  static func absolute(_ path: String) -> String {
    if let resolved = resolved(path) { return resolved }
    return path.hasPrefix("/") ? path : Environment.currentFolder + "/" + path
  }

  /// The folder that a file lies in.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Whether there is a folder at the path.
  static func isFolder(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }
}
