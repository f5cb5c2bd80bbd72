import IntercomHooks
import Testing

@Suite struct TopicPatternTests {
  @Test(
    "a topic covers itself, a short one users and leads, a '*' all that begin alike",
    arguments: [
      (
        "contact.created", ["contact.user.created", "contact.lead.created", "contact.created"],
        ["contact.user.updated", "contact.email.created"]
      ),
      ("contact.updated", ["contact.user.updated", "contact.lead.updated"], ["contact.email.updated"]),
      ("contact.deleted", ["contact.deleted"], ["contact.archived"]),
      (
        "conversation.*", ["conversation.read", "conversation.user.replied"],
        ["conversation_part.redacted", "conversation"]
      ),
      ("*", ["anything", "ping"], []),
      ("acme.thing", ["acme.thing"], ["acme.other"]),
    ])
  func matching(pattern: String, covered: [String], others: [String]) {
    let pattern = TopicPattern(pattern)
    for topic in covered { #expect(pattern.matches(topic), "\(topic)") }
    for topic in others { #expect(!pattern.matches(topic), "\(topic)") }
  }

  @Test("every topic of the facts may stand in a script, and a misspelt one is near to it")
  func known() {
    #expect(TopicPattern.known.count > 90)
    for topic in TopicPattern.known { #expect(TopicPattern.isKnown(topic)) }
    #expect(TopicPattern.suggestion(for: "contact.craeted") == "did you mean 'contact.created'?")
    #expect(TopicPattern.suggestion(for: "zzzzzz") == nil)
  }
}
