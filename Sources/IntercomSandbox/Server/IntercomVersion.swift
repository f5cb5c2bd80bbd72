// The versions of the API that a client may ask for.

enum IntercomVersion {
  private static let known: Set<String> = [
    "1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10",
    "2.11", "2.12", "2.13", "2.14", "2.15", "2.16", "2.17", "preview", "unstable",
  ]

  /// Refuses a version that does not exist. Without one, the app's default applies. The answers are those of 2.16
  /// whatever is asked for: the sandbox plays one version.
  static func check(_ header: String?) throws(Failure) {
    guard let header, !header.isEmpty else { return }
    guard known.contains(header.lowercased()) else {
      throw Failure(400, "intercom_version_invalid", "The requested version could not be found")
    }
  }
}
