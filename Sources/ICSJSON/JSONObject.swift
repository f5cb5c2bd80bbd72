// A JSON object: keys in the order in which they were added.

/// An object's keys and values. Order is kept and does not count for equality; of two equal keys the later value
/// wins, at the place of the earlier. Keys are equal when their Unicode scalars are: nothing is normalised.
public struct JSONObject: Sendable {
  /// A key with its value.
  struct Entry: Sendable {
    var key: String
    var value: JSONValue
  }

  /// The keys and values, in order and without equal keys.
  private(set) var entries: [Entry]
  /// Where each key lies, kept for large objects only: comparing the keys of a small one is faster than hashing.
  private var places: [ExactKey: Int]?

  /// The largest object without `places`.
  private static var smallCount: Int { 48 }

  /// An object without keys.
  public init() { entries = [] }

  /// An object from pairs, in order.
  public init(_ pairs: some Sequence<(String, JSONValue)>) {
    self.init()
    for (key, value) in pairs { self[key] = value }
  }

  /// An object from entries whose keys are known to differ.
  init(distinct entries: [Entry]) {
    self.entries = entries
    if entries.count > Self.smallCount { indexAll() }
  }

  /// How many keys there are.
  public var count: Int { entries.count }
  /// Whether there are no keys.
  public var isEmpty: Bool { entries.isEmpty }
  /// The keys, in order.
  public var keys: [String] { entries.map(\.key) }
  /// The values, in the order of their keys.
  public var values: [JSONValue] { entries.map(\.value) }

  /// The value of a key; setting a new key adds it at the end, setting `nil` removes it and moves the later ones up.
  public subscript(key: String) -> JSONValue? {
    get { place(of: key).map { entries[$0].value } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): entries[place].value = value
      case (nil, let value?): append(key, value)
      case (let place?, nil): remove(at: place)
      case (nil, nil): break
      }
    }
  }

  private func place(of key: String) -> Int? {
    if let places { return places[ExactKey(text: key)] }
    let length = key.utf8.count
    return entries.firstIndex { $0.key.utf8.count == length && $0.key.hasSameScalars(as: key) }
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    entries.append(Entry(key: key, value: value))
    if places != nil {
      places?[ExactKey(text: key)] = entries.count - 1
    } else if entries.count > Self.smallCount {
      indexAll()
    }
  }

  private mutating func remove(at place: Int) {
    entries.remove(at: place)
    guard places != nil else { return }
    places = nil
    if entries.count > Self.smallCount { indexAll() }
  }

  private mutating func indexAll() {
    var places: [ExactKey: Int] = [:]
    places.reserveCapacity(entries.count)
    for (place, entry) in entries.enumerated() { places[ExactKey(text: entry.key)] = place }
    self.places = places
  }
}

extension JSONObject: Hashable {
  /// Objects are equal whatever the order of their keys.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.entries.allSatisfy { right[$0.key] == $0.value }
  }

  /// Equal objects have one hash.
  public func hash(into hasher: inout Hasher) {
    // A sum, so that the order of the keys does not count.
    var sum = 0
    for entry in entries {
      var own = Hasher()
      own.combine(entry.key)
      own.combine(entry.value)
      sum &+= own.finalize()
    }
    hasher.combine(sum)
  }
}

extension JSONObject: RandomAccessCollection {
  /// The position of the first entry.
  public var startIndex: Int { 0 }
  /// The position behind the last entry.
  public var endIndex: Int { entries.count }
  /// The key and value at a place in the order, from 0.
  public subscript(position: Int) -> (key: String, value: JSONValue) {
    (key: entries[position].key, value: entries[position].value)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

/// A key that is equal to another only scalar by scalar, where `String` compares canonically.
private struct ExactKey: Hashable, Sendable {
  let text: String

  static func == (left: ExactKey, right: ExactKey) -> Bool { left.text.hasSameScalars(as: right.text) }

  // Equal bytes make equal strings, and so equal hashes.
  func hash(into hasher: inout Hasher) { text.hash(into: &hasher) }
}

extension String {
  /// Whether both strings are the same scalars; `==` would take "é" in one scalar and in two for equal.
  func hasSameScalars(as other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    let quick = utf8.withContiguousStorageIfAvailable { left in
      other.utf8.withContiguousStorageIfAvailable { right in left.elementsEqual(right) }
    }
    return (quick ?? nil) ?? utf8.elementsEqual(other.utf8)
  }
}
