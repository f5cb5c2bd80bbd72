import Testing

@testable import ICSLibrary

/// The reader of CSV, whole and in pieces.
@Suite struct CSVTests {
  private func records(_ text: String, pieces: Int) throws -> [[String]] {
    let bytes = Array(text.utf8)
    var reader = CSVReader()
    var records: [[String]] = []
    var start = 0
    while true {
      let end = min(start + pieces, bytes.count)
      let isLast = end == bytes.count
      var offset = 0
      let piece = Array(bytes[start..<end])
      try piece.withUnsafeBufferPointer { piece in
        while try reader.next(piece, &offset, isLast: isLast) {
          records.append((0..<reader.fieldCount).map { String(decoding: reader.field($0), as: UTF8.self) })
        }
      }
      if isLast { return records }
      start = end
    }
  }

  @Test(
    "records are the same in pieces of any size",
    arguments: [
      ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]), ("a\rb\nc", [["a"], ["b"], ["c"]]), ("\n\na\n\n", [["a"]]),
      ("\"a,\"\"b\"\"\",\"x\ny\"\n,", [["a,\"b\"", "x\ny"], ["", ""]]), ("\"\"", [[""]]), ("", []),
      ("a,", [["a", ""]]),
      ("é,😀\r\n", [["é", "😀"]]),
    ])
  func pieces(_ text: String, _ expected: [[String]]) throws {
    for size in [1, 2, 3, 7, 1000] { #expect(try records(text, pieces: size) == expected) }
  }

  @Test(
    "mistakes are reported with their line",
    arguments: [
      ("a\n\"b", 2), ("a\n\"b\"c\n", 2), ("x\ny\na\"b", 3), ("\"a\nb\"\n\"c\n\n", 3),
    ])
  func mistakes(_ text: String, _ line: Int) {
    do {
      _ = try records(text, pieces: 5)
      Issue.record("it was read")
    } catch {
      #expect((error as? CSVError)?.line == line)
    }
  }
}
