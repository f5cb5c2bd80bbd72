// Which program this is.

import IntercomCatalogue

enum Version {
  /// Semantic; with `-dev` while the changelog's newest part is "Unreleased".
  static let number = "0.1.0-dev"
}

/// `ics version`.
enum VersionCommand {
  static func start(_ arguments: [String]) -> Never {
    guard arguments.isEmpty else {
      Reporter().error("'version' takes no arguments", code: "E_USAGE")
      ExitStatus.leave(ExitStatus.usage)
    }
    StandardOutput.shared.write("ics \(Version.number) (Intercom API \(Catalogue.shared.apiVersion))\n")
    ExitStatus.leave(ExitStatus.success)
  }
}
