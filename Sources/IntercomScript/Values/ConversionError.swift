// Why a value does not fit a type, and where.

import ICSVM

/// Why a value does not fit the type that was asked for. Nothing is rounded or cut to make it fit.
public struct ConversionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was wanted, in words: `an int`.
  public let wanted: String
  /// What was there, as scripts print it; long values are cut.
  public let found: String
  /// Where it was, within the value: `address.lines[2]`; empty for the value itself.
  public let path: String

  /// An error about a value, or about a part of it.
  public init(wanted: String, found: String, path: String = "") {
    self.wanted = wanted
    self.found = found
    self.path = path
  }

  /// The error in one sentence.
  public var description: String {
    (path.isEmpty ? "" : "'\(path)': ") + "\(wanted) is wanted, and this is \(found)"
  }
}

/// A place within a value, from the inside out. A list of objects, because most values are read without ever needing it.
final class ValuePath {
  let parent: ValuePath?
  let key: any CodingKey
  let depth: Int

  init(_ parent: ValuePath?, _ key: any CodingKey) {
    self.parent = parent
    self.key = key
    depth = (parent?.depth ?? 0) + 1
  }

  /// The keys from the outside in.
  static func keys(_ path: ValuePath?) -> [any CodingKey] {
    var keys: [any CodingKey] = []
    var place = path
    while let step = place {
      keys.append(step.key)
      place = step.parent
    }
    return keys.reversed()
  }

  /// `address.lines[2]`.
  static func text(_ keys: [any CodingKey]) -> String {
    var text = ""
    for key in keys {
      if let index = key as? IndexKey {
        text += "[\(index.index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return text
  }
}

/// A place in a list.
struct IndexKey: CodingKey {
  let index: Int

  init(_ index: Int) { self.index = index }
  init?(stringValue: String) { nil }
  init?(intValue: Int) { index = intValue }

  var stringValue: String { "Index \(index)" }
  var intValue: Int? { index }
}

extension ConversionError {
  /// A value of the machine that does not fit.
  init(wanted: String, _ value: Value, _ vm: VM, _ path: ValuePath?) {
    self.init(
      wanted: wanted, found: Self.shown(value, vm), path: ValuePath.text(ValuePath.keys(path)))
  }

  /// An error of the standard library's own decoding: of enums, ranges and whatever else reads through a decoder.
  init(_ error: DecodingError) {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      self.init(
        wanted: context.debugDescription, found: "something else", path: ValuePath.text(context.codingPath))
    case .keyNotFound(let key, let context):
      self.init(
        wanted: "a value", found: "missing", path: ValuePath.text(context.codingPath + [key]))
    @unknown default: self.init(wanted: "another value", found: "\(error)")
    }
  }

  /// A value for a message: short, and always something.
  static func shown(_ value: Value, _ vm: VM) -> String {
    var buffer = TextBuffer()
    buffer.maximumLength = 80
    guard vm.printLiteral(value, into: &buffer) else { return vm.describe(value) }
    let text = String(decoding: buffer.bytes.prefix(80), as: UTF8.self)
    return buffer.bytes.count > 80 ? text + "..." : text
  }
}
