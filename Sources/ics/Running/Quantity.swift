// Numbers with units, as people write them in options.

enum Quantity {
  /// `1000`, `1_000`.
  static func count(_ text: String) throws(UsageError) -> Int {
    guard let number = Int(text.filter { $0 != "_" }), number > 0 else {
      throw UsageError(message: "'\(text)' is no number above 0")
    }
    return number
  }

  /// `64MB`, `1GiB`, `500000`.
  static func bytes(_ text: String) throws(UsageError) -> Int {
    let units = [
      ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
      ("B", 1), ("", 1),
    ]
    for (unit, factor) in units where text.lowercased().hasSuffix(unit.lowercased()) {
      guard let number = Int(text.dropLast(unit.count)), number > 0 else { break }
      let (product, overflows) = number.multipliedReportingOverflow(by: factor)
      if !overflows { return product }
    }
    throw UsageError(message: "'\(text)' is no size; write 64MB, 1GiB or a number of bytes")
  }

  /// `500ms`, `30s`, `5m`, `2h`, `1d`; a number alone is seconds.
  static func duration(_ text: String) throws(UsageError) -> Duration {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60), ("h", 3600), ("d", 86_400), ("", 1)]
    for (unit, factor) in units where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count)) else { continue }
      guard number > 0, number * factor < 1e9 else { break }
      return .seconds(number * factor)
    }
    throw UsageError(message: "'\(text)' is no duration; write 500ms, 30s, 5m or 2h")
  }
}
