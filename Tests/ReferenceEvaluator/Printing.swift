// Printed forms.

extension Value {
  /// The value as `print` shows it.
  func printed() -> String {
    if case .string(let text) = self { return swiftText(text) }
    return literal([])
  }

  /// The value as it stands inside a list. `open` are the lists and maps around it.
  private func literal(_ open: [AnyObject]) -> String {
    switch self {
    case .null: return "null"
    case .bool(let bool): return bool ? "true" : "false"
    case .int(let int): return String(int)
    case .float(let float): return printedFloat(float)
    case .string(let text): return quoted(text)
    case .list(let list):
      if open.contains(where: { $0 === list }) { return "..." }
      return "[" + list.items.map { $0.literal(open + [list]) }.joined(separator: ", ") + "]"
    case .map(let map):
      if open.contains(where: { $0 === map }) { return "..." }
      let entries = map.entries.map { key, value in printedKey(key) + ": " + value.literal(open + [map]) }
      return "{" + entries.joined(separator: ", ") + "}"
    case .range(let start, let end, let isClosed): return "\(start)\(isClosed ? "..." : "..<")\(end)"
    case .function(let function): return function.name.isEmpty ? "<function>" : "<function \(function.name)>"
    case .error(let error): return "<error \(error.kind)>"
    case .stream: return "<stream>"
    case .task: return "<task>"
    }
  }
}

func swiftText(_ text: Text) -> String {
  var result = String.UnicodeScalarView()
  result.append(contentsOf: text)
  return String(result)
}

private func quoted(_ text: Text) -> String {
  var result = "\""
  for scalar in text {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case "\u{8}": result += "\\b"
    case "\u{C}": result += "\\f"
    default:
      if scalar.value < 32 || scalar.value == 127 {
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
  return result + "\""
}

private func printedKey(_ key: Key) -> String {
  switch key {
  case .int(let int): return "[\(int)]"
  case .bool(let bool): return "[\(bool)]"
  case .string(let text):
    guard let first = text.first, first == "_" || first.properties.isXIDStart else { return quoted(text) }
    let isName = text.allSatisfy { $0 == "_" || $0.properties.isXIDContinue }
    return isName ? swiftText(text) : quoted(text)
  }
}

/// The shortest digits that read back, laid out as JavaScript does, always with a point or an exponent.
func printedFloat(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
  let sign = value < 0 ? "-" : ""
  // Swift's description has the shortest digits too, in another layout.
  let parts = value.magnitude.description.split(separator: "e")
  let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
  let whole = String(mantissa[0])
  let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
  var point = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
  var digits = whole + fraction
  while digits.hasPrefix("0") {
    digits.removeFirst()
    point -= 1
  }
  while digits.hasSuffix("0") { digits.removeLast() }
  // The value is 0.DIGITS times ten to the power of `point`.
  if point > 21 || point < -5 {
    let exponent = point - 1
    let rest = digits.dropFirst()
    return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e" + (exponent < 0 ? "-" : "+")
      + String(exponent.magnitude)
  }
  if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
  if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
  return sign + digits.prefix(point) + "." + digits.dropFirst(point)
}
