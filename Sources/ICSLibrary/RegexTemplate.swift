// The right side of a replacement, with `$1`.

/// What `replace` puts in place of a match.
struct RegexTemplate {
  enum Part {
    case text([UInt8])
    case group(Int)
  }

  private let bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The parts for a regex, whose groups decide how much of `$12` is a number. What refers to no group stays as it is
  /// written, as in JavaScript.
  func resolved(for regex: Regex) -> (parts: [Part], needsGroups: Bool) {
    var parts: [Part] = []
    var text: [UInt8] = []
    var needsGroups = false
    var offset = 0
    while offset < bytes.count {
      guard bytes[offset] == UInt8(ascii: "$"), let (group, width) = reference(at: offset + 1, regex) else {
        text.append(bytes[offset])
        offset += 1
        continue
      }
      if let group {
        if !text.isEmpty { parts.append(.text(text)) }
        text = []
        parts.append(.group(group))
        if group > 0 { needsGroups = true }
      } else {
        text.append(UInt8(ascii: "$"))
      }
      offset += 1 + width
    }
    if !text.isEmpty { parts.append(.text(text)) }
    return (parts, needsGroups)
  }

  /// What the `$` before `offset` begins: a group (nil for `$$`) and the width behind the dollar sign.
  private func reference(at offset: Int, _ regex: Regex) -> (group: Int?, width: Int)? {
    guard offset < bytes.count else { return nil }
    if bytes[offset] == UInt8(ascii: "$") { return (nil, 1) }
    if bytes[offset] == UInt8(ascii: "{") {
      guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
      let name = String(decoding: bytes[(offset + 1)..<end], as: UTF8.self)
      guard let group = regex.groupNames.first(where: { $0.name == name })?.number ?? Int(name),
        (0...regex.groupCount).contains(group)
      else { return nil }
      return (group, end - offset + 1)
    }
    var number = 0
    var best: (Int?, Int)?
    for width in 1...2 where offset + width <= bytes.count {
      let byte = bytes[offset + width - 1]
      guard byte >= 0x30, byte <= 0x39 else { break }
      number = number * 10 + Int(byte - 0x30)
      if number <= regex.groupCount { best = (number, width) }
    }
    return best
  }
}
