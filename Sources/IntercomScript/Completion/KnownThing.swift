import ICSVM
import IntercomCatalogue

/// What is known of an expression without running it.
indirect enum KnownThing {
  /// A value that is there.
  case value(Value)
  /// A value of the API's, by its description.
  case schema(Schema)
  /// A sequence whose items are known: a stream or a list.
  case sequence(of: KnownThing, tag: UInt8)
  /// A value of a type of the language.
  case type(UInt8)
  /// A member of `intercom`: `contacts`.
  case collection(String)
  /// `intercom`.
  case intercom
  /// A function of the API: `contacts.create`.
  case operation(String)
  /// A module of the library, or one that was imported.
  case module(String, members: [String])
  /// A function or method of the library, by its name in the reference, with what it was called on.
  case builtIn(String, receiver: KnownThing?)
  case unknown

  /// What a call of it gives.
  func called(catalogue: Catalogue) -> KnownThing {
    switch self {
    case .operation(let name): Self.answer(of: name, catalogue)
    case .builtIn(let name, let receiver): Self.result(of: name, receiver)
    default: .unknown
    }
  }

  /// What an operation answers: a stream of its items, or an object.
  static func answer(of name: String, _ catalogue: Catalogue) -> KnownThing {
    guard let operation = catalogue.operation(named: name) else {
      // What a hand made better than the catalogue: finding gives one, searching a stream.
      let collection = String(name.prefix { $0 != "." })
      guard let item = item(of: collection, catalogue) else { return .unknown }
      return name.hasSuffix(".find") || name.hasSuffix(".upsert")
        ? .schema(item) : name.hasSuffix(".search") ? .sequence(of: .schema(item), tag: Tag.stream) : .unknown
    }
    guard let answer = operation.answers.first(where: { $0.schema != nil })?.schema else { return .unknown }
    guard let paging = operation.paging, paging.style != .none else { return .schema(answer) }
    guard let item = items(of: answer, field: paging.itemsField, catalogue) else { return .type(Tag.stream) }
    return .sequence(of: .schema(item), tag: Tag.stream)
  }

  /// What the items of a collection are.
  static func item(of collection: String, _ catalogue: Catalogue) -> Schema? {
    for verb in ["list", "search"] {
      guard let operation = catalogue.operation(named: "\(collection).\(verb)"),
        let answer = operation.answers.first(where: { $0.schema != nil })?.schema,
        let item = items(of: answer, field: operation.paging?.itemsField, catalogue)
      else { continue }
      return item
    }
    return nil
  }

  private static func items(of answer: Schema, field: String?, _ catalogue: Catalogue) -> Schema? {
    guard case .object(let object) = catalogue.resolve(answer).shape else { return nil }
    let wanted = field.flatMap(object.field(named:)) ?? object.fields.first { $0.name == "data" }
    guard let schema = wanted?.schema, case .array(let item) = catalogue.resolve(schema).shape else { return nil }
    return item
  }

  private static func result(of name: String, _ receiver: KnownThing?) -> KnownThing {
    let member = String(name.drop { $0 != "." }.dropFirst())
    if let receiver, case .sequence(let item, let tag) = receiver {
      switch member {
      case "first", "find", "last", "min", "max": return item
      case "filter", "reject", "take", "drop", "take_while", "drop_while", "sort", "sort_by", "unique", "reverse":
        return receiver
      case "to_list": return .sequence(of: item, tag: Tag.list)
      case "chunk": return .sequence(of: .sequence(of: item, tag: Tag.list), tag: tag)
      default: break
      }
    }
    return types[name].map(KnownThing.type) ?? .unknown
  }

  /// What the functions give whose result is always of one type.
  private static let types: [String: UInt8] = {
    let lists = """
      string.split string.words string.lines string.chars list.map list.filter list.reject list.flat_map list.take \
      list.drop list.reverse list.slice list.chunk list.window list.unique list.concat list.flatten list.zip list.sort \
      list.sort_by list.enumerate map.keys map.values map.entries stream.to_list csv.parse range.map range.filter
      """
    let strings = """
      string.upper string.lower string.trim string.replace string.slice string.repeat string.pad list.join str \
      json.stringify time.format base64.encode url.encode uuid
      """
    let maps = "list.to_map list.group_by list.count_by list.index_by map.map map.filter map.pick map.omit map.merge"
    let ints = "string.length list.count stream.count int len math.floor math.ceil math.round string.index_of"
    var types: [String: UInt8] = ["range": Tag.range, "now": Tag.float]
    for (names, tag) in [(lists, Tag.list), (strings, Tag.string), (maps, Tag.map), (ints, Tag.int)] {
      for name in names.split(separator: " ") { types[String(name)] = tag }
    }
    for name in ["map", "filter", "reject", "flat_map", "take", "drop", "take_while", "chunk", "enumerate"] {
      types["stream." + name] = Tag.stream
    }
    return types
  }()
}
