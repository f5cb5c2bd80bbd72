// What a dry run knows of the workspace, and what a write would make of it.

import ICSJSON
import IntercomCatalogue

/// The rules of a dry run: takes reads and writes, and says what the answer to a write is.
struct DryRunState: Sendable {
  /// The objects that were read or made, by their path: `/contacts/5f...`.
  private var objects: [String: JSONValue] = [:]
  /// Those that are another thing here than in the workspace: made or changed.
  private var changed: Set<String> = []
  /// Those that would not be there any more.
  private var deleted: Set<String> = []
  private var count = 0
  private let unixTime: Int

  /// The most objects that are kept to compare with.
  private static let maximumObjects = 100_000

  init(unixTime: Int) { self.unixTime = unixTime }

  /// Whether an object is to be read before a write to it.
  func needsReading(_ path: String) -> Bool { objects[path] == nil && !deleted.contains(path) }

  /// What a read of an object answers: `nil` when the workspace answers it, a `nil` in it when it is deleted here.
  func changedObject(_ path: String) -> JSONValue?? {
    if deleted.contains(path) { return .some(Optional.none) }
    return changed.contains(path) ? objects[path].map { .some($0) } : nil
  }

  /// Keeps what a read has shown: an object, or a page of a listing or a search.
  mutating func remember(_ answer: JSONValue, path: String) {
    let parts = path.split(separator: "/").map(String.init)
    guard let last = parts.last else { return }
    let collection = last == "search" || last == "list" ? parts.dropLast() : parts[...]
    let items = ["data", collection.last ?? "", "items"].lazy.compactMap { answer[$0]?.arrayValue }.first
    guard let items else {
      if answer["id"] != nil { keep(answer, at: path) }
      return
    }
    for item in items {
      guard let id = item["id"]?.stringValue ?? item["id"]?.intValue.map(String.init), let name = collection.last
      else { continue }
      // `/contacts/5f/companies` lists companies.
      for folder in [collection.joined(separator: "/"), name] { keep(item, at: "/\(folder)/\(id)") }
    }
  }

  /// INVARIANT: what was made or changed here is not replaced by what the workspace says.
  private mutating func keep(_ object: JSONValue, at path: String) {
    guard objects.count < Self.maximumObjects, !changed.contains(path), !deleted.contains(path) else { return }
    objects[path] = object
  }

  // MARK: Writes

  /// Works out what a write would have changed, and its answer; the answer is `nil` when this run would have deleted
  /// the object before.
  mutating func carryOut(_ write: DryRunWrite, target: String) -> (DryRunChange, JSONValue?) {
    let before = write.object.flatMap { objects[$0] }
    let isGone = write.object.map(deleted.contains) ?? false
    let (differences, answer): ([JSONDifference], JSONValue)
    switch (write.method, write.rest.count) {
    case _ where isGone: (differences, answer) = ([], .null)
    case ("DELETE", 0) where write.object != nil: (differences, answer) = delete(write, before: before)
    case ("DELETE", _): (differences, answer) = detach(write)
    case (_, 0) where write.object != nil: (differences, answer) = update(write, before: before)
    case ("POST", 1) where ["archive", "unarchive"].contains(write.rest[0]):
      (differences, answer) = archive(write, before: before)
    default:
      if write.operation?.name == "contacts.merge" {
        (differences, answer) = merge(write)
      } else {
        (differences, answer) = make(write, before: before)
      }
    }
    let change = DryRunChange(
      method: write.method, target: target, operation: write.operation?.name, wasRead: before != nil,
      differences: differences)
    return (change, isGone ? Optional.none : .some(answer))
  }

  private mutating func delete(_ write: DryRunWrite, before: JSONValue?) -> ([JSONDifference], JSONValue) {
    let id = lastPart(write)
    var answer: JSONObject = ["id": before?["id"] ?? .string(id)]
    if let external = before?["external_id"] { answer["external_id"] = external }
    answer["type"] = .string(DryRunBlank.type(of: write.answerSchema) ?? before?["type"]?.stringValue ?? "object")
    answer["deleted"] = true
    forget(write.object)
    return ([JSONDifference(path: "", old: before ?? ["id": .string(id)], new: nil)], .object(answer))
  }

  /// A tag from a contact, a company from a contact: the answer is what was detached.
  private mutating func detach(_ write: DryRunWrite) -> ([JSONDifference], JSONValue) {
    let id = lastPart(write)
    let path = "/\(write.rest.first ?? "")/\(id)"
    let known = objects[path] ?? ["id": .string(id)]
    let place = write.rest.first ?? ""
    let answer = DryRunBlank.filled(known, from: write.answerSchema, unixTime: unixTime)
    return ([JSONDifference(path: place, old: known, new: nil)], answer)
  }

  private mutating func update(_ write: DryRunWrite, before: JSONValue?) -> ([JSONDifference], JSONValue) {
    let old = before?.objectValue ?? [:]
    var new = Self.merged(write.body, into: old)
    let differences = JSONDifference.between(.object(old), .object(new))
    if new["id"] == nil { new["id"] = .string(lastPart(write)) }
    if before != nil, new["updated_at"] != nil { new["updated_at"] = .int(unixTime) }
    let answer =
      before == nil ? DryRunBlank.filled(.object(new), from: write.answerSchema, unixTime: unixTime) : .object(new)
    set(answer, at: write.object)
    return (differences, answer)
  }

  private mutating func archive(_ write: DryRunWrite, before: JSONValue?) -> ([JSONDifference], JSONValue) {
    let isArchived = write.rest[0] == "archive"
    var answer: JSONObject = ["id": before?["id"] ?? .string(lastPart(write, of: write.object))]
    if let external = before?["external_id"] { answer["external_id"] = external }
    answer["type"] = .string(DryRunBlank.type(of: write.answerSchema) ?? "contact")
    answer["archived"] = .bool(isArchived)
    let difference = JSONDifference(
      path: "archived", old: before.map { _ in .bool(!isArchived) }, new: .bool(isArchived))
    return ([difference], .object(answer))
  }

  /// One contact goes up in another: the answer is the one that stays.
  private mutating func merge(_ write: DryRunWrite) -> ([JSONDifference], JSONValue) {
    let paths = ["from", "into"].map { "/contacts/\(PercentEncoding.component(write.body[$0]?.stringValue ?? ""))" }
    let (from, into) = (objects[paths[0]], objects[paths[1]])
    let answer =
      into
      ?? DryRunBlank.filled(
        ["id": write.body["into"] ?? .null], from: write.answerSchema, unixTime: unixTime)
    forget(paths[0])
    return ([JSONDifference(path: "", old: from ?? write.body["from"], new: answer)], answer)
  }

  /// Something new, or something done to an object: a reply, a tag.
  private mutating func make(_ write: DryRunWrite, before: JSONValue?) -> ([JSONDifference], JSONValue) {
    let differences = JSONDifference.between([:], .object(write.body.objectValue ?? [:]))
    let type = DryRunBlank.type(of: write.answerSchema)
    // A reply is answered with the conversation.
    if let before, type != nil, before["type"]?.stringValue == type { return (differences, before) }
    var object = write.body.objectValue ?? [:]
    // A tag that is attached is known by its id.
    if let name = write.rest.first, let id = object["id"]?.stringValue, let known = objects["/\(name)/\(id)"] {
      return (differences, known)
    }
    if object["id"] == nil { object["id"] = .string(newID()) }
    let answer = DryRunBlank.filled(.object(object), from: write.answerSchema, unixTime: unixTime)
    if write.object == nil, let id = answer["id"]?.stringValue { set(answer, at: "\(write.path)/\(id)") }
    return (differences, answer)
  }

  // MARK: Objects

  /// 24 hexadecimal digits as the API's ids have, and recognisable.
  private mutating func newID() -> String {
    count += 1
    let digits = String(count, radix: 16)
    return "d0d0d0d0d0d0" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  private mutating func set(_ object: JSONValue, at path: String?) {
    guard let path else { return }
    objects[path] = object
    changed.insert(path)
  }

  private mutating func forget(_ path: String?) {
    guard let path else { return }
    objects[path] = nil
    changed.remove(path)
    deleted.insert(path)
  }

  private func lastPart(_ write: DryRunWrite, of path: String? = nil) -> String {
    (path ?? write.path).split(separator: "/").last.map(String.init) ?? ""
  }

  /// The object after an update: fields that a body does not name stay, custom attributes too.
  private static func merged(_ body: JSONValue, into before: JSONObject) -> JSONObject {
    var merged = before
    for (name, value) in body.objectValue ?? [:] {
      guard name == "custom_attributes", case .object(let changes) = value,
        case .object(var attributes)? = merged[name]
      else {
        merged[name] = value
        continue
      }
      for (name, value) in changes { attributes[name] = value }
      merged[name] = .object(attributes)
    }
    return merged
  }
}
