// Subscription types: what contacts can opt in to and out of.

enum Subscriptions {
  static let routes: [Route] = [
    Route("GET", "/subscription_types") { call throws(Failure) in
      Pages.whole(try call.store.texts(.subscriptionTypes))
    }
  ]
}
