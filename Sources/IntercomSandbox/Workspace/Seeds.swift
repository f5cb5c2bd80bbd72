// Made-up contacts: the same ones every time.

import ICSJSON

enum Seeds {
  private static let firstNames = [
    "Ada", "Alan", "Barbara", "Claude", "Donald", "Edith", "Frances", "Grace", "Hedy", "Ivan", "Joan", "Katherine",
    "Linus", "Margaret", "Niklaus", "Ole", "Peter", "Radia", "Sophie", "Tim", "Ursula", "Vint", "Whitfield", "Yukihiro",
    "Zuse",
  ]
  private static let lastNames = [
    "Allen", "Berners", "Clarke", "Diffie", "Engel", "Floyd", "Gray", "Hopper", "Iverson", "Johnson", "Kay", "Lamport",
    "Moore", "Naur", "Ousterhout", "Perlman", "Ritchie", "Shannon", "Turing", "Ullman", "Wirth", "Yao",
  ]
  private static let plans = ["free", "pro", "team", "enterprise"]
  private static let cities = [
    ("Ireland", "Leinster", "Dublin"), ("Germany", "Hamburg", "Hamburg"), ("Japan", "Tokyo", "Tokyo"),
    ("Australia", "Victoria", "Melbourne"), ("Brazil", "Bahia", "Salvador"),
  ]
  private static let browsers = ["firefox", "chrome", "safari", "edge"]

  /// 2025-01-01: when the first seeded contact signed up.
  private static let epoch = 1_735_689_600
  /// The first contact of the story that the examples tell keeps `25` for itself.
  private static let firstExternalID = 1000

  /// Stores so many contacts. Contact `n` is the same in every sandbox, whatever the number of contacts and the
  /// time: seven of ten are users, the others leads.
  static func make(_ count: Int, in store: Store) throws(Failure) {
    for number in 0..<count {
      let contact = contact(number)
      try Contacts.insert(contact, id: contact["id"]?.stringValue ?? "", in: store)
    }
  }

  private static func contact(_ number: Int) -> JSONObject {
    var random = SplitMix(seed: UInt64(number) &* 0x2545_F491_4F6C_DD1D &+ 99)
    let createdAt = epoch + number * 3600 + random.below(1800)
    let id = Hex.text(UInt64(createdAt), digits: 8) + "5eed00" + Hex.text(UInt64(number), digits: 10)
    var contact = ContactDocument.blank(id: id, now: createdAt)
    let first = firstNames[random.below(firstNames.count)]
    let last = lastNames[random.below(lastNames.count)]
    let isUser = random.below(10) < 7
    contact["name"] = .string("\(first) \(last)")
    contact["role"] = isUser ? "user" : "lead"
    if isUser { contact["external_id"] = .string(String(firstExternalID + number)) }
    contact["email"] = .string("\(first).\(last).\(number)@example.com".lowercased())
    contact["email_domain"] = "example.com"
    contact["phone"] = .string("+1555" + String(1_000_000 + random.below(8_999_999)))
    if isUser { contact["signed_up_at"] = .int(createdAt) }
    contact["last_seen_at"] = .int(createdAt + random.below(200 * 86_400))
    contact["updated_at"] = .int(createdAt + random.below(86_400))
    contact["unsubscribed_from_emails"] = .bool(random.below(12) == 0)
    contact["browser"] = .string(browsers[random.below(browsers.count)])
    let city = cities[random.below(cities.count)]
    contact["location"] = [
      "type": "location", "country": .string(city.0), "region": .string(city.1), "city": .string(city.2),
      "country_code": nil, "continent_code": nil,
    ]
    let plan = isUser ? plans[random.below(plans.count)] : "free"
    contact["custom_attributes"] = [
      "plan": .string(plan), "paid_subscriber": .bool(plan != "free"),
      "monthly_spend": .double(plan == "free" ? 0 : Double(random.below(400)) + 0.5),
      "team_mates": .int(random.below(20)),
    ]
    return contact
  }
}

/// Numbers that look random and are the same every time.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to the bound.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
