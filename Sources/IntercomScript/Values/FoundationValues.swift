// Foundation's types as scripts see them: dates as Unix seconds, decimals as numbers, the others as text.

import ICSVM

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Date: MachineReadable, MachineWritable {
  /// Unix seconds, as the language and the API have timestamps.
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Date {
    guard value.isNumber, value.asDouble.isFinite else {
      throw ConversionError(wanted: "a timestamp (Unix seconds)", value, vm, path)
    }
    return Date(timeIntervalSince1970: value.asDouble)
  }

  /// An int when the date is a whole second.
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value {
    let seconds = timeIntervalSince1970
    return Int(exactly: seconds).map { .int($0) } ?? .float(seconds)
  }
}

extension Decimal: MachineReadable, MachineWritable {
  /// The digits that the number prints with; text takes more digits than a float has.
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Decimal {
    let text: String
    switch value.tag {
    case Tag.int: return Decimal(value.asInt)
    case Tag.float where value.asFloat.isFinite: text = "\(value.asFloat)"
    case Tag.string: text = swiftString(value.address)
    default: throw ConversionError(wanted: "a decimal number", value, vm, path)
    }
    guard isNumber(text), let decimal = Decimal(string: text) else {
      throw ConversionError(wanted: "a decimal number", value, vm, path)
    }
    return decimal
  }

  /// `Decimal(string:)` takes the beginning of any text for a number.
  private static func isNumber(_ text: String) -> Bool {
    text.wholeMatch(of: /[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/) != nil
  }

  /// An int when it is whole, else a float that prints the same digits; more digits than that are an error.
  func write(_ vm: VM, _ path: ValuePath?) throws -> Value {
    let text = description
    if let whole = Int(text) { return .int(whole) }
    guard let double = Double(text), double.isFinite, Decimal(string: "\(double)") == self else {
      throw ConversionError(
        wanted: "a decimal of at most 15 digits (as text it may have more)", found: text,
        path: ValuePath.text(ValuePath.keys(path)))
    }
    return .float(double)
  }
}

extension URL: MachineReadable, MachineWritable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> URL {
    guard value.isString, let url = URL(string: swiftString(value.address)) else {
      throw ConversionError(wanted: "a URL", value, vm, path)
    }
    return url
  }

  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try absoluteString.write(vm, path) }
}

extension UUID: MachineReadable, MachineWritable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> UUID {
    guard value.isString, let uuid = UUID(uuidString: swiftString(value.address)) else {
      throw ConversionError(wanted: "a UUID", value, vm, path)
    }
    return uuid
  }

  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try uuidString.write(vm, path) }
}

extension Data: MachineReadable, MachineWritable {
  /// Base64.
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Data {
    guard value.isString, let data = Data(base64Encoded: swiftString(value.address)) else {
      throw ConversionError(wanted: "bytes in base64", value, vm, path)
    }
    return data
  }

  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try base64EncodedString().write(vm, path) }
}
