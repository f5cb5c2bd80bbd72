// From a script's values to Swift's types.

import ICSJSON

/// Why a value of a script does not fit the Swift type that was asked for.
public struct ConversionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was wanted, in words: `an int`.
  public let wanted: String
  /// The JSON form of what was there.
  public let found: JSONValue

  public init(wanted: String, found: JSONValue) {
    self.wanted = wanted
    self.found = found
  }

  public var description: String { "\(wanted) is wanted, and this is \(found.serialized())" }
}

/// A Swift type whose values scripts can hold, and the other way round. Nothing is rounded or cut on the way: what does
/// not fit is an error.
public protocol ScriptConvertible: Sendable {
  /// - Throws: `ConversionError`, or what a conformance throws.
  init(scriptValue: JSONValue) throws
  var scriptValue: JSONValue { get }
}

extension Int: ScriptConvertible {
  public init(scriptValue: JSONValue) throws {
    guard case .int(let value) = scriptValue else { throw ConversionError(wanted: "an int", found: scriptValue) }
    self = value
  }
  public var scriptValue: JSONValue { .int(self) }
}

extension Double: ScriptConvertible {
  /// Takes an int too, when a double holds it exactly.
  public init(scriptValue: JSONValue) throws {
    switch scriptValue {
    case .double(let value): self = value
    case .int(let value) where Int(exactly: Double(value)) == value: self = Double(value)
    default: throw ConversionError(wanted: "a number", found: scriptValue)
    }
  }
  public var scriptValue: JSONValue { .double(self) }
}

extension Bool: ScriptConvertible {
  public init(scriptValue: JSONValue) throws {
    guard case .bool(let value) = scriptValue else { throw ConversionError(wanted: "a bool", found: scriptValue) }
    self = value
  }
  public var scriptValue: JSONValue { .bool(self) }
}

extension String: ScriptConvertible {
  public init(scriptValue: JSONValue) throws {
    guard case .string(let value) = scriptValue else { throw ConversionError(wanted: "a string", found: scriptValue) }
    self = value
  }
  public var scriptValue: JSONValue { .string(self) }
}

extension JSONValue: ScriptConvertible {
  public init(scriptValue: JSONValue) { self = scriptValue }
  public var scriptValue: JSONValue { self }
}

extension Optional: ScriptConvertible where Wrapped: ScriptConvertible {
  public init(scriptValue: JSONValue) throws {
    self = if case .null = scriptValue { nil } else { try Wrapped(scriptValue: scriptValue) }
  }
  public var scriptValue: JSONValue { self?.scriptValue ?? .null }
}

extension Array: ScriptConvertible where Element: ScriptConvertible {
  public init(scriptValue: JSONValue) throws {
    guard case .array(let items) = scriptValue else { throw ConversionError(wanted: "a list", found: scriptValue) }
    self = try items.map { try Element(scriptValue: $0) }
  }
  public var scriptValue: JSONValue { .array(map(\.scriptValue)) }
}

extension Dictionary: ScriptConvertible where Key == String, Value: ScriptConvertible {
  public init(scriptValue: JSONValue) throws {
    guard case .object(let object) = scriptValue else { throw ConversionError(wanted: "a map", found: scriptValue) }
    var result: [String: Value] = [:]
    for (key, value) in object { result[key] = try Value(scriptValue: value) }
    self = result
  }
  /// The keys in sorted order, so that the same dictionary is the same map in every process.
  public var scriptValue: JSONValue {
    var object = JSONObject()
    for key in keys.sorted() { object[key] = self[key]?.scriptValue ?? .null }
    return .object(object)
  }
}
