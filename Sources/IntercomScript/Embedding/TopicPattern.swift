// Which notifications a hook is for: one rule for `fire` and for services.

import ICSDiagnostics
import IntercomCatalogue

/// The topic of a hook: one of Intercom's, a short name for several, one of your own, or all that begin alike.
///
///     TopicPattern("contact.created").matches("contact.lead.created")   // true
///     TopicPattern("conversation.*").matches("conversation.read")       // true
public struct TopicPattern: Sendable, Hashable {
  /// The topic as the script has it.
  public let text: String
  private let names: [String]
  /// What a topic begins with, for a pattern that ends in `*`.
  private let prefix: String?

  /// A pattern. Any text is one: what is no short name and has no `*` matches itself alone.
  public init(_ text: String) {
    self.text = text
    prefix = text.hasSuffix(".*") ? String(text.dropLast()) : text == "*" ? "" : nil
    names = [text] + (Self.short.first { $0.name == text }?.covers ?? [])
  }

  /// Whether a notification of this topic is for the hook.
  public func matches(_ topic: String) -> Bool {
    if let prefix { return topic.hasPrefix(prefix) }
    return names.contains(topic)
  }

  /// The topics that have a short name of their own in scripts: Intercom tells users and leads apart.
  public static let short: [(name: String, covers: [String])] = [
    ("contact.created", ["contact.user.created", "contact.lead.created"]),
    ("contact.updated", ["contact.user.updated", "contact.lead.updated"]),
  ]

  /// Every topic that may stand in a script without quotes.
  public static let known: [String] = short.map(\.name) + Catalogue.shared.webhookTopics.map(\.name)

  /// Whether Intercom sends notifications of this topic, or it is short for such topics.
  public static func isKnown(_ topic: String) -> Bool { known.contains(topic) }

  /// What somebody may have meant by a topic that does not exist; nil when nothing is near.
  public static func suggestion(for topic: String) -> String? {
    let near = nearestNames(to: topic, among: known, limit: 1).first
    return near.map { "did you mean '\($0)'?" }
  }
}
