// The body of a webhook, read.

import ICSJSON

/// A notification of Intercom's, as its webhook carries it.
public struct WebhookNotification: Sendable {
  /// Intercom's name for the notification: a repeated delivery has the same. Nil when the body has none.
  public let id: String?
  /// What happened: `contact.user.created`.
  public let topic: String
  /// The code of the workspace that it comes from.
  public let appID: String?
  /// The whole notification.
  public let event: JSONValue
  /// The bytes that came.
  public let body: [UInt8]

  /// What is wrong with a body that is no notification; a sentence.
  public struct Malformed: Error, Sendable {
    /// What is wrong, as a sentence.
    public let reason: String
  }

  /// Bodies nest about ten levels deep; more is made to do harm.
  private static let maximumDepth = 100
  /// In bytes; Intercom's longest is below 50.
  static let maximumTopicLength = 200

  /// Reads a body.
  ///
  /// - Throws: When it is no JSON object with a topic.
  public init(body: [UInt8]) throws(Malformed) {
    let value: JSONValue
    do { value = try JSONValue(parsing: body) } catch {
      throw Malformed(reason: "the body is no JSON: \(error)")
    }
    guard case .object = value else { throw Malformed(reason: "the body is no JSON object") }
    guard value.isNested(atMost: Self.maximumDepth) else {
      throw Malformed(reason: "the body is nested more than \(Self.maximumDepth) levels deep")
    }
    guard let topic = value["topic"]?.stringValue, !topic.isEmpty else {
      throw Malformed(reason: "the notification has no topic")
    }
    guard topic.utf8.count <= Self.maximumTopicLength else { throw Malformed(reason: "the topic is too long") }
    self.topic = topic
    id = value["id"]?.stringValue.flatMap { $0.isEmpty || $0.utf8.count > 200 ? nil : $0 }
    appID = value["app_id"]?.stringValue
    event = value
    self.body = body
  }

  /// The object that the notification is about.
  public var item: JSONValue { event["data"]?["item"] ?? .null }

  /// What is handled in order: the contact, company, conversation or ticket that the notification is about. Nil when it
  /// is about none.
  public var orderKey: String? {
    let item = item
    // Some topics wrap the object that they are about: a tag on a contact, the part of a ticket.
    for kind in ["contact", "ticket", "conversation", "company"] {
      if let id = Self.id(of: item[kind]) { return "\(kind):\(id)" }
    }
    guard let id = Self.id(of: item) else { return nil }
    let kind = item["type"]?.stringValue ?? topic.split(separator: ".").first.map(String.init) ?? "item"
    return "\(kind == "user" || kind == "lead" ? "contact" : kind):\(id)"
  }

  private static func id(of object: JSONValue?) -> String? {
    guard let object, case .object = object else { return nil }
    let id = object["id"]?.stringValue ?? object["id"]?.intValue.map(String.init)
    return id.flatMap { $0.isEmpty || $0.utf8.count > 200 ? nil : $0 }
  }
}

extension JSONValue {
  /// Whether no value lies deeper than so many arrays and objects. Parsing has bounded the depth, so recursion is safe.
  fileprivate func isNested(atMost depth: Int) -> Bool {
    switch self {
    case .array(let items): depth > 0 && items.allSatisfy { $0.isNested(atMost: depth - 1) }
    case .object(let object): depth > 0 && object.allSatisfy { $0.value.isNested(atMost: depth - 1) }
    default: true
    }
  }
}
