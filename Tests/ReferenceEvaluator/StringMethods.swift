// The methods of strings.

func stringMethod(_ name: String, _ s: Text) -> Function? {
  func method(_ arity: ClosedRange<Int>, _ body: @escaping ([Value]) throws -> Value) -> Function {
    builtIn(name, arity, body)
  }
  switch name {
  case "upper": return method(0...0) { _ in .text(swiftText(s).uppercased()) }
  case "lower": return method(0...0) { _ in .text(swiftText(s).lowercased()) }
  case "trim": return method(0...0) { _ in .string(trim(s, start: true, end: true)) }
  case "trim_start": return method(0...0) { _ in .string(trim(s, start: true, end: false)) }
  case "trim_end": return method(0...0) { _ in .string(trim(s, start: false, end: true)) }
  case "chars": return method(0...0) { _ in .items(s.map { .string([$0]) }) }
  case "bytes": return method(0...0) { _ in .items(swiftText(s).utf8.map { .int(Int($0)) }) }
  case "words":
    return method(0...0) { _ in
      .items(s.split { $0.properties.isWhitespace }.map { .string(Array($0)) })
    }
  case "lines":
    return method(0...0) { _ in
      var lines = split(s, ["\n"])
      if lines.last == [] { lines.removeLast() }
      let hasEnd = s.last == "\n"
      return .items(
        lines.enumerated().map { index, line in
          // A carriage return belongs to the line feed behind it.
          let isEnded = hasEnd || index < lines.count - 1
          return .string(isEnded && line.last == "\r" ? line.dropLast() : line)
        })
    }
  case "split":
    return method(1...1) { arguments in
      let separator = try text(arguments[0])
      return .items((separator.isEmpty ? s.map { [$0] } : split(s, separator)).map { .string($0) })
    }
  case "starts_with": return method(1...1) { .bool(s.starts(with: try text($0[0]))) }
  case "ends_with": return method(1...1) { .bool(s.reversed().starts(with: try text($0[0]).reversed())) }
  case "contains": return method(1...1) { .bool(firstIndex(of: try text($0[0]), in: s) != nil) }
  case "index_of": return method(1...1) { firstIndex(of: try text($0[0]), in: s).map { .int($0) } ?? .null }
  case "replace":
    return method(2...2) { arguments in
      let (from, to) = (try text(arguments[0]), try text(arguments[1]))
      // Nothing stands before each scalar and at the end.
      if from.isEmpty { return .string(to + s.flatMap { [$0] + to }) }
      return .string(Text(split(s, from).joined(separator: to)))
    }
  case "repeat":
    return method(1...1) { arguments in
      .string(Text(repeatElement(s, count: try count(arguments[0])).joined()))
    }
  case "pad_start": return method(1...2) { .string(try padding(s, $0) + s) }
  case "pad_end": return method(1...2) { .string(s + (try padding(s, $0))) }
  case "slice": return method(1...2) { .string(Array(s[try bounds($0, count: s.count)])) }
  default: return nil
  }
}

func trim(_ text: Text, start: Bool, end: Bool) -> Text {
  var text = text[...]
  while start, let first = text.first, first.properties.isWhitespace { text.removeFirst() }
  while end, let last = text.last, last.properties.isWhitespace { text.removeLast() }
  return Array(text)
}

/// The parts between the places where a separator stands.
private func split(_ text: Text, _ separator: Text) -> [Text] {
  var parts: [Text] = []
  var start = 0
  while let place = firstIndex(of: separator, in: text, from: start) {
    parts.append(Array(text[start..<place]))
    start = place + separator.count
  }
  return parts + [Array(text[start...])]
}

private func padding(_ s: Text, _ arguments: [Value]) throws -> Text {
  let missing = try integer(arguments[0]) - s.count
  let unit = arguments.count > 1 ? try text(arguments[1]) : [" "]
  guard missing > 0, !unit.isEmpty else { return [] }
  return (0..<missing).map { unit[$0 % unit.count] }
}
