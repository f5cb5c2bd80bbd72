// Loops over values: what `iterate` and `iterateNext` do beyond the loop's own fast path for lists.

extension VM {
  /// Starts a loop over `value` with its state at `state` (three registers). False with an error raised.
  @inline(never)
  func startIteration(_ state: ValuePointer, _ value: Value) -> Bool {
    state[0] = value
    state[1] = .int(0)
    switch value.tag {
    case Tag.list: state[2] = .int(listCount(value.address))
    case Tag.map: state[2] = .int(Int(truncatingIfNeeded: keyStamp(value.address)))
    case Tag.range: state[2] = .int(rangeBounds(value.address).count)
    case Tag.string: state[2] = .int(stringLength(value.address))
    case Tag.stream: state[2] = .null
    default:
      raise("E_TYPE", "a loop runs over a list, a map, a range, a string or a stream, and this is \(describe(value))")
      return false
    }
    return true
  }

  /// What `iterateNext` found.
  enum Step {
    case item, end, stream, failed
  }

  /// Moves a loop on; the item goes to `state[3]` (and, for a map's pair, `state[4]`).
  @inline(never)
  func nextItem(_ state: ValuePointer, wantsPair: Bool) -> Step {
    let value = state[0]
    let position = state[1].asInt
    if wantsPair { state[4] = .unset }
    switch value.tag {
    case Tag.list:
      let count = listCount(value.address)
      guard count == state[2].asInt else { return raiseMutated("list") }
      guard position < count else { return .end }
      state[3] = listItems(value.address)[position]
      state[1] = .int(position + 1)
    case Tag.map:
      guard Int(truncatingIfNeeded: keyStamp(value.address)) == state[2].asInt else { return raiseMutated("map") }
      guard let entry = mapEntry(value.address, at: position) else { return .end }
      state[3] = entry.key
      if wantsPair { state[4] = entry.value }
      state[1] = .int(entry.next)
    case Tag.range:
      let (start, count) = rangeBounds(value.address)
      guard position < count else { return .end }
      state[3] = .int(start &+ position)
      state[1] = .int(position + 1)
    case Tag.string:
      guard position < state[2].asInt else { return .end }
      let bytes = stringBytes(value.address) + position
      let width = scalarWidth(bytes.pointee)
      state[3] = .object(Tag.string, newScalar(bytes, width: width))
      state[1] = .int(position + width)
    default: return .stream
    }
    return .item
  }

  private func raiseMutated(_ type: String) -> Step {
    raise(
      "E_MUTATED", "this \(type) was changed while a loop runs over it",
      help: "loop over a copy: .copy()")
    return .failed
  }

  /// `for [k, v] in x` where x is no map: the item is taken apart.
  @inline(never)
  func unpackPair(_ state: ValuePointer) -> Bool {
    guard checkList(state[3], fits: 2) else { return false }
    let items = listItems(state[3].address)
    state[4] = items[1]
    state[3] = items[0]
    return true
  }

  // MARK: Patterns

  /// Whether a value is a list of the length that a pattern wants (the C field of `jumpIfNotList`).
  @inline(__always)
  func isList(_ value: Value, fits wanted: Int) -> Bool {
    guard value.isList else { return false }
    let count = listCount(value.address)
    return wanted & 0x8000 != 0 ? count >= wanted & 0x7FFF : count == wanted
  }

  /// E_MATCH unless the list fits.
  @inline(never)
  func checkList(_ value: Value, fits wanted: Int) -> Bool {
    if isList(value, fits: wanted) { return true }
    let atLeast = wanted & 0x8000 != 0
    let count = wanted & 0x7FFF
    let wantedText = "a list of \(atLeast ? "at least " : "")\(count) item\(count == 1 ? "" : "s")"
    let found = value.isList ? "a list of \(listCount(value.address))" : describe(value)
    raise("E_MATCH", "the pattern takes \(wantedText), and this is \(found)")
    return false
  }

  /// E_NULL or E_MATCH unless the value is a map.
  @inline(never)
  func checkMap(_ value: Value) -> Bool {
    if value.isMap { return true }
    if value.isNull {
      raise("E_NULL", "the pattern takes a map apart, and this is null")
    } else {
      raise("E_MATCH", "the pattern takes a map, and this is \(describe(value))")
    }
    return false
  }

  /// The entries of a map without some keys.
  @inline(never)
  func mapRest(_ map: Raw, without keys: Raw) -> Raw {
    let rest = newMap()
    let isShaped = shape(of: map) != 0
    let names = listItems(keys)
    let count = listCount(keys)
    var position = 0
    next: while let entry = mapEntry(map, at: position) {
      if position & 0xFF == 0xFF, !mayGoOn() { break }
      position = entry.next
      for index in 0..<count where isEqual(names[index], entry.key) { continue next }
      mapSet(rest, entry.key, entry.value, keepsShape: isShaped)
    }
    return rest
  }

  // MARK: Spreads

  /// Appends a list's or a range's items.
  @inline(never)
  func extend(_ list: Raw, with value: Value) -> Bool {
    switch value.tag {
    case Tag.list:
      // A list spread into itself is read to its old end.
      let count = listCount(value.address)
      guard checkLength(count * Instruction.valueSize) else { return false }
      guard reserve(list: list, capacity: listCount(list) + count) else { return false }
      return appendInRoom(list, listItems(value.address), count)
    case Tag.range:
      let (start, count) = rangeBounds(value.address)
      guard checkLength(count > 1 << 30 ? Int.max / 2 : count * Instruction.valueSize) else { return false }
      guard reserve(list: list, capacity: listCount(list) + count), mayBegin(work: count) else { return false }
      for offset in 0..<count {
        if offset & 0xFFFF == 0xFFFF, !mayGoOn() { return false }
        listPush(list, .int(start + offset))
      }
      return true
    default:
      raise("E_TYPE", "lists, ranges and streams can be spread, and this is \(describe(value))")
      return false
    }
  }
}
