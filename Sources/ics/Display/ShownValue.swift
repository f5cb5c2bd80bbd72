// A value as it is shown: copied out of the machine, cut to what a person can read, with nothing in it that a
// terminal would obey.

import ICSDiagnostics
import ICSVM
import IntercomScript

/// A value for people. Every text in it is safe for a terminal, and masked.
indirect enum ShownValue: Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case float(String)
  /// A string's literal, with its quotes.
  case string(String)
  /// What has no literal: `<function>`, a range.
  case other(String)
  /// The items that were copied, and how many there are.
  case list([ShownValue], count: Int)
  /// The entries that were copied, and how many there are.
  case map([Entry], count: Int)

  struct Entry: Sendable {
    /// As a literal has it: plain when it is an identifier.
    let key: String
    let value: ShownValue
  }

  /// The value under a key of a map.
  subscript(key: String) -> ShownValue? {
    guard case .map(let entries, _) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// One word for the type, as `type(x)` gives it.
  var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "string"
    case .other: "value"
    case .list: "list"
    case .map: "map"
    }
  }
}

/// Copies values out of a machine. Whatever the value is, the work is bounded.
struct ValueCopier {
  let state: VM
  /// The most items of one list, entries of one map.
  var maximumItems = 1000
  /// The most bytes of one text.
  var maximumText = 10_000
  /// The most values of all depths together.
  var remaining = 50_000
  private var open: [Raw] = []

  private static let maximumDepth = 40

  init(_ value: SessionValue) { state = value.machine.state }

  /// Copies a value; of a list, the items from an index on.
  mutating func copy(_ value: Value, from start: Int = 0) -> ShownValue {
    remaining -= 1
    switch value.tag {
    case Tag.null, Tag.unset: return .null
    case Tag.bool: return .bool(value.isTrue)
    case Tag.int: return .int(value.asInt)
    case Tag.float: return .float(printed(value))
    case Tag.string: return .string(literal(value))
    case Tag.list, Tag.map:
      if open.contains(value.address) || open.count >= Self.maximumDepth || remaining <= 0 { return .other("...") }
      open.append(value.address)
      defer { open.removeLast() }
      return value.isList ? list(value.address, from: start) : map(value.address)
    default: return .other(printed(value))
    }
  }

  private mutating func list(_ address: Raw, from start: Int) -> ShownValue {
    let count = listCount(address)
    var items: [ShownValue] = []
    var index = start
    while index < count, items.count < maximumItems, remaining > 0 {
      items.append(copy(listItems(address)[index]))
      index += 1
    }
    return .list(items, count: count)
  }

  private mutating func map(_ address: Raw) -> ShownValue {
    var entries: [ShownValue.Entry] = []
    var position = 0
    while let entry = state.mapEntry(address, at: position), entries.count < maximumItems, remaining > 0 {
      entries.append(ShownValue.Entry(key: key(entry.key), value: copy(entry.value)))
      position = entry.next
    }
    return .map(entries, count: state.mapCount(address))
  }

  private func key(_ value: Value) -> String {
    guard value.isString else { return "[\(printed(value))]" }
    let text = swiftString(value.address)
    let isPlain =
      !text.isEmpty && text.utf8.count < 200 && text.unicodeScalars.first?.properties.isXIDStart ?? false
      || text.hasPrefix("_")
    if isPlain, text.unicodeScalars.allSatisfy({ $0 == "_" || $0.properties.isXIDContinue }) {
      return safeText(text)
    }
    return literal(value)
  }

  /// A string in quotes; a long one is cut, and says so.
  private func literal(_ value: Value) -> String {
    let bytes = stringBuffer(value.address)
    var buffer = TextBuffer()
    guard bytes.count > maximumText else {
      state.appendQuoted(bytes, to: &buffer)
      return safeText(String(decoding: buffer.bytes, as: UTF8.self))
    }
    state.appendQuoted(UnsafeBufferPointer(rebasing: bytes[..<maximumText]), to: &buffer)
    // The cut may lie in a character; what is left of that one is no text.
    var text = String(decoding: buffer.bytes, as: UTF8.self)
    while text.hasSuffix("\u{FFFD}\"") { text.removeLast(2) }
    if text.last == "\"" { text.removeLast() }
    return safeText(text) + "…\" (\(bytes.count) bytes)"
  }

  private func printed(_ value: Value) -> String {
    safeText(state.printedForm(value, maximumLength: 200) ?? "<value>")
  }
}

/// Text that comes from data, as it may reach a terminal: known secrets masked, and escapes instead of everything that
/// a terminal obeys.
func safeText(_ text: String) -> String { terminalSafe(Reporter.redactor.redact(text)) }
