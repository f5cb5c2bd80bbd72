// What a script of the command may do and where its output goes: the same for files, code and the prompt.

import IntercomAPI
import IntercomScript

extension RunOptions {
  /// The configuration of a session for these options.
  func sessionConfiguration(root: String, stop: Stop, workspace: Workspace) -> SessionConfiguration {
    var configuration = SessionConfiguration()
    configuration.limits = limits
    configuration.interruption = stop.interruption
    configuration.root = root
    configuration.arguments = arguments
    configuration.permissions = permissions
    configuration.environment = { name in
      let value = Environment.variable(name)
      if let value { KnownSecrets.addVariable(name, value) }
      return value
    }
    configuration.redact = { Reporter.redactor.redact($0) }
    configuration.log = LogWriter(self).write
    configuration.progress = ProgressLine(isQuiet: isQuiet || isJSON).show
    let notice = HookNotice(isQuiet: isQuiet || isJSON)
    configuration.registerHook = { _, _ in notice.show() }
    configuration.connect = { () async throws(APIError) in try await workspace.connect() }
    configuration.connectNamed = { name async throws(APIError) in try await workspace.connect(named: name) }
    configuration.connectUser = { project, token async throws(APIError) in
      try await workspace.connect(project: project, userToken: token)
    }
    tape.apply(to: &configuration)
    let interruption = stop.interruption
    configuration.write = { bytes in
      // Nobody reads any more: there is no use in going on.
      if !StandardOutput.shared.write(bytes) { interruption.request() }
    }
    return configuration
  }

  /// Below the current folder files may be read and written; what begins with `ICS_VAR_` may be read.
  private var permissions: Permissions {
    var permissions = Permissions()
    permissions.currentFolder = Environment.currentFolder
    permissions.readableFolders = [permissions.currentFolder] + readableFolders.map(Path.absolute)
    permissions.writableFolders = [permissions.currentFolder] + writableFolders.map(Path.absolute)
    let variables = variables
    permissions.allowsVariable = { $0.hasPrefix("ICS_VAR_") || variables.contains($0) }
    let hosts = hosts.map { $0.lowercased() }
    permissions.allowsHost = { name, port in
      let name = name.lowercased()
      return hosts.contains(name) || hosts.contains("\(name):\(port)")
    }
    permissions.help = Self.help
    return permissions
  }

  /// The option that opens what a script was refused.
  private static func help(_ refusal: Permissions.Refusal) -> String? {
    switch refusal {
    case .reading: "allow its folder with --allow-read when starting it"
    case .writing: "allow its folder with --allow-write when starting it"
    case .variable(let name): "allow it with --allow-env \(name) when starting it"
    case .host(let name, _): "allow it with --allow-net \(name) when starting it"
    case .network: nil
    }
  }
}
