// Records of a CSV text as lists and maps of the script.

import ICSVM

/// Turns the records of a CSV text into values: maps by the header's names, or lists.
struct CSVRecords {
  private var reader = CSVReader()
  private let hasHeader: Bool
  /// The header's names; nil before it was read.
  private var names: [String]?
  private var width: Int?

  init(hasHeader: Bool) { self.hasHeader = hasHeader }

  /// The next record; nil when the input is used up.
  mutating func next(
    _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int, isLast: Bool, _ call: Call
  ) throws(Raised) -> Value? {
    while true {
      // A record may be as long as the input: it is read piece by piece, paid for between them.
      let start = offset
      let end = min(offset + 1 << 14, input.count)
      let piece = UnsafeBufferPointer(rebasing: input[..<end])
      let isFound: Bool
      do throws(CSVError) {
        isFound = try reader.next(piece, &offset, isLast: isLast && end == input.count)
      } catch {
        throw call.fail("E_CSV", "line \(error.line): \(error.message)")
      }
      try charge(offset - start, call)
      guard isFound else {
        if end < input.count {
          try call.checkMemory(beside: reader.bytes.count)
          continue
        }
        return nil
      }
      if hasHeader && names == nil {
        names = try header(call)
        width = reader.fieldCount
        continue
      }
      if let width, width != reader.fieldCount {
        throw call.fail(
          "E_CSV",
          "line \(reader.recordLine): a record with \(count(reader.fieldCount)), where \(hasHeader ? "the header" : "the first one") has \(width)"
        )
      }
      width = reader.fieldCount
      return try record(call)
    }
  }

  private func count(_ fields: Int) -> String { fields == 1 ? "1 field" : "\(fields) fields" }

  private func charge(_ bytes: Int, _ call: Call) throws(Raised) { try call.charge(bytes / 2 + 1) }

  private func header(_ call: Call) throws(Raised) -> [String] {
    var names: [String] = []
    var seen: Set<String> = []
    for index in 0..<reader.fieldCount {
      let name = String(decoding: reader.field(index), as: UTF8.self)
      guard seen.insert(name).inserted else {
        throw call.fail(
          "E_CSV", "line \(reader.recordLine): the header names '\(name)' twice", help: "read it with header: false")
      }
      names.append(name)
    }
    return names
  }

  private func record(_ call: Call) throws(Raised) -> Value {
    let vm = call.vm
    try call.charge(reader.fieldCount * 4)
    try call.checkMemory(beside: reader.bytes.count)
    guard let names else {
      let list = vm.newList(capacity: reader.fieldCount)
      for index in 0..<reader.fieldCount { vm.listPush(list, try text(index, call)) }
      return .object(Tag.list, list)
    }
    let map = vm.newMap(capacity: names.count)
    for (index, name) in names.enumerated() { vm.set(map, name, try text(index, call)) }
    return .object(Tag.map, map)
  }

  private func text(_ index: Int, _ call: Call) throws(Raised) -> Value {
    var failure: Raised?
    let string = reader.field(index).withUnsafeBufferPointer { field -> Raw? in
      do throws(Raised) {
        return try call.firstInvalidByte(field) == nil ? try call.newString(field) : nil
      } catch {
        failure = error
        return nil
      }
    }
    if let failure { throw failure }
    guard let string else { throw call.fail("E_CSV", "line \(reader.recordLine): bytes that are no text in UTF-8") }
    return .object(Tag.string, string)
  }
}

/// A CSV file that is read record by record, as a script's stream holds it.
final class CSVFile: HostObject {
  private let file: FileBlocks
  private var records: CSVRecords
  private var offset = 0

  init(_ file: FileBlocks, hasHeader: Bool) {
    self.file = file
    records = CSVRecords(hasHeader: hasHeader)
  }

  var typeName: String { "csv file" }
  var memberNames: [String] { [] }
  func member(_ name: String, machine: Machine) throws(Raised) -> Value? { nil }

  /// The next record; the end of the stream behind the last one.
  func next(_ call: Call) throws(Raised) -> Value {
    while true {
      let isLast = file.isAtEnd
      var place = offset
      var found: Value?
      var failure: Raised?
      file.block.withUnsafeBufferPointer { block in
        do throws(Raised) { found = try records.next(block, &place, isLast: isLast, call) } catch { failure = error }
      }
      offset = place
      if let failure { throw failure }
      if let found { return found }
      if isLast { return .end }
      try file.readNext(call)
      offset = file.isFirst && file.block.starts(with: FileBlocks.byteOrderMark) ? 3 : 0
    }
  }
}
