// `csv`: RFC 4180.

import ICSVM

enum CSVFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "csv.parse", "csv.parse(text, header:)",
      """
      The records of a CSV text: maps by the names in the first line, or lists with `header: false`. All fields are \
      strings. Blank lines are skipped; a record with another number of fields than the first is E_CSV, with its line.
      """,
      example: #"""
        print(csv.parse("name,age\nAda,36"))  // expect: [{name: "Ada", age: "36"}]
        print(csv.parse("a,b\n1,\"2,3\"", header: false))  // expect: [["a", "b"], ["1", "2,3"]]
        """#,
      .native(1...2, parse)),
    BuiltIn(
      "csv.stringify", "csv.stringify(rows)",
      """
      The CSV text of a list of maps (the header is the keys of all of them, in the order in which they first appear) \
      or of a list of lists; a stream is made a list first. Null is an empty field; lines end with CRLF.
      """,
      example: #"""
        print(csv.stringify([{name: "Ada", note: "a,b"}]).lines())  // expect: ["name,note", "Ada,\"a,b\""]
        """#,
      .script("(rows) => __csv_stringify(if type(rows) == \"stream\" { rows.to_list() } else { rows })")),
    BuiltIn(
      "csv.read", "csv.read(path, header:)",
      "The records of a CSV file as a stream, which reads the file piece by piece.",
      example: #"""
        // for contact in csv.read("contacts.csv") { print(contact.email) }
        """#,
      capability: .files,
      .script("(path, options = {}) => { let file = __csv_open(path, options); __stream(() => __csv_next(file)) }")),
    BuiltIn(
      "csv.write", "csv.write(path, rows)",
      """
      Writes a list or a stream of maps or of lists to a CSV file, as `csv.stringify` writes it. The file is made or \
      replaced.
      """,
      example: #"""
        // csv.write("out.csv", [{name: "Ada"}])
        """#,
      capability: .files,
      .script("(path, rows) => __csv_write(path, if type(rows) == \"stream\" { rows.to_list() } else { rows })")),
    BuiltIn("__csv_stringify", "__csv_stringify(rows)", "The CSV text of a list.", .native(1...1, stringify)),
    BuiltIn(
      "__csv_write", "__csv_write(path, rows)", "Writes a list to a CSV file.", capability: .files,
      .native(2...2, write)),
    BuiltIn(
      "__csv_open", "__csv_open(path, options)", "A file of `csv.read`.", capability: .files,
      .native(2...2) { (call) throws(Raised) in
        let hasHeader = try header(of: try call.options(at: 1, "header"), call)
        return call.machine.value(of: CSVFile(try FileBlocks(call), hasHeader: hasHeader))
      }),
    BuiltIn(
      "__csv_next", "__csv_next(file)", "The next record of a file of `csv.read`.", capability: .files,
      .native(1...1) { (call) throws(Raised) in
        guard let file = call.machine.hostObject(call[0]) as? CSVFile else { throw call.wrongType(0, "a csv file") }
        return try file.next(call)
      }),
  ]

  private static func header(of options: Value, _ call: Call) throws(Raised) -> Bool {
    let value = call.option("header", of: options)
    if value.isNull { return true }
    guard value.isBool else {
      throw call.fail("E_TYPE", "'header' takes a bool, and was given \(call.vm.describe(value))")
    }
    return value.isTrue
  }

  private static func parse(_ call: Call) throws(Raised) -> Value {
    let text = stringBuffer(try call.string(0))
    var records = CSVRecords(hasHeader: try header(of: try call.options(at: 1, "header"), call))
    let list = call.vm.newList(capacity: 4)
    var offset = text.starts(with: FileBlocks.byteOrderMark) ? 3 : 0
    while let record = try records.next(text, &offset, isLast: true, call) { call.vm.listPush(list, record) }
    return .object(Tag.list, list)
  }

  private static func stringify(_ call: Call) throws(Raised) -> Value {
    let bytes = try CSVWriter(call).text(of: call[0])
    try call.reserve(bytes: bytes.count)
    return .object(Tag.string, try call.string(bytes))
  }

  private static func write(_ call: Call) throws(Raised) -> Value {
    let bytes = try CSVWriter(call).text(of: call[1])
    try FileAccess(call).write(try call.text(0), bytes, appends: false)
    return .null
  }
}

/// Writes records as CSV.
struct CSVWriter {
  private let call: Call
  private var output: [UInt8] = []

  init(_ call: Call) { self.call = call }

  /// The text of a list of maps or a list of lists.
  consuming func text(of value: Value) throws(Raised) -> [UInt8] {
    guard value.isList else {
      throw call.fail("E_TYPE", "CSV is written from a list, and this is \(call.vm.describe(value))")
    }
    let rows = Items(value, call.vm)
    guard let rows, rows.count > 0 else { return [] }
    if rows[0].isMap {
      try write(maps: rows)
    } else {
      for index in 0..<rows.count { try write(list: rows[index]) }
    }
    return output
  }

  private mutating func write(maps rows: Items) throws(Raised) {
    let vm = call.vm
    // A map of the machine as an ordered set of keys.
    let keys = vm.newMap()
    for index in 0..<rows.count {
      guard rows[index].isMap else { throw mixed(rows[index], wanted: "a map") }
      try call.charge(vm.mapCount(rows[index].address) + 1)
      var position = 0
      while let entry = vm.mapEntry(rows[index].address, at: position) {
        position = entry.next
        vm.mapSet(keys, entry.key, .null)
      }
    }
    var columns: [Value] = []
    var position = 0
    while let entry = vm.mapEntry(keys, at: position) {
      position = entry.next
      columns.append(entry.key)
    }
    for (index, key) in columns.enumerated() { try write(field: key, isFirst: index == 0, isOnly: columns.count == 1) }
    endRecord()
    for index in 0..<rows.count {
      try call.charge(1)
      for (place, key) in columns.enumerated() {
        let value = vm.mapGet(rows[index].address, key) ?? .null
        try write(field: value, isFirst: place == 0, isOnly: columns.count == 1)
      }
      endRecord()
    }
  }

  private mutating func write(list: Value) throws(Raised) {
    guard let fields = Items(list, call.vm) else { throw mixed(list, wanted: "a list") }
    for index in 0..<fields.count { try write(field: fields[index], isFirst: index == 0, isOnly: fields.count == 1) }
    endRecord()
  }

  private func mixed(_ value: Value, wanted: String) -> Raised {
    call.fail("E_TYPE", "every record of this CSV is \(wanted), and this one is \(call.vm.describe(value))")
  }

  private mutating func write(field value: Value, isFirst: Bool, isOnly: Bool) throws(Raised) {
    if !isFirst { output.append(UInt8(ascii: ",")) }
    let start = output.count
    if !value.isNull {
      var buffer = TextBuffer()
      try call.print(value, into: &buffer)
      let needsQuotes = buffer.bytes.contains {
        $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13
      }
      if needsQuotes {
        output.append(UInt8(ascii: "\""))
        for byte in buffer.bytes {
          if byte == UInt8(ascii: "\"") { output.append(byte) }
          output.append(byte)
        }
        output.append(UInt8(ascii: "\""))
      } else {
        output += buffer.bytes
      }
    }
    // A record of one empty field would be a blank line.
    if isOnly, output.count == start { output += Array("\"\"".utf8) }
    try call.charge((output.count - start) / 2 + 2)
    // About once for each 64 KB written: the array doubles as it grows.
    if output.count & 0xFFFF < output.count - start + 1 { try call.reserve(bytes: output.count * 2) }
  }

  private mutating func endRecord() { output += [13, 10] }
}
