// The route table: every operation that the sandbox keeps state for.

enum Routes {
  static let all: [Route] =
    Admins.routes + Contacts.routes + ContactLinks.routes + Companies.routes + Tags.routes + Notes.routes
    + Segments.routes + Subscriptions.routes + DataAttributes.routes + DataEvents.routes + Messages.routes
    + Conversations.routes + ConversationParts.routes + Tickets.routes + TicketTypes.routes + Articles.routes
    + ArticleDrafts.routes + OAuth.routes
}
