import ICSDiagnostics
import Testing

@Suite struct ErrorCodeTests {
  @Test("the table has every code of the reference once")
  func complete() {
    let codes = ErrorCode.table.map(\.code.rawValue)
    #expect(Set(codes).count == codes.count)
    let reference = """
      E_USAGE E_SYNTAX E_UNKNOWN_NAME E_DUPLICATE_NAME E_ASSIGN_LET E_IMPORT E_IMPORT_CYCLE E_QUERY E_TYPE E_NULL \
      E_MEMBER E_INDEX E_ARGUMENTS E_VALUE E_MATCH E_MUTATED E_ASSERT E_UNINITIALIZED E_OVERFLOW E_ZERO_DIVISION E_ERROR \
      E_THROWN E_DEPTH E_FUEL E_MEMORY E_TIME_LIMIT E_CANCELLED E_PERMISSION E_JSON E_CSV E_IO E_STEP E_AUTH E_RATE_LIMIT \
      E_NOT_FOUND E_CONFLICT E_INVALID_REQUEST E_TIMEOUT E_NETWORK E_HTTP W_BIDI W_CONFUSABLE W_DUPLICATE_KEY \
      W_UNUSED W_UNREACHABLE
      """
    #expect(Set(codes) == Set(reference.split(separator: " ").map(String.init)))
  }

  @Test("every row is filled in", arguments: ErrorCode.table.map(\.code))
  func rows(code: ErrorCode) throws {
    let entry = try #require(code.entry)
    #expect(!entry.meaning.isEmpty && !entry.meaning.contains("\n") && entry.meaning.last != ".")
    #expect(entry.explanation.count > 100 && entry.explanation.hasSuffix(".") && !entry.explanation.contains("\n"))
    #expect(!entry.example.isEmpty)
    #expect(entry.text.hasPrefix("\(code): \(entry.meaning)\n\n"))
  }

  @Test("what is found before running ends the process with 2, wrong usage with 64, everything else with 1")
  func exitStatus() {
    #expect(ErrorCode.syntax.exitStatus == 2)
    #expect(ErrorCode.query.exitStatus == 2)
    #expect(ErrorCode.usage.exitStatus == 64)
    #expect(ErrorCode.null.exitStatus == 1)
    #expect(ErrorCode.fuel.exitStatus == 1)
    #expect(ErrorCode("E_OWN_KIND").exitStatus == 1)
    #expect(Diagnostic(.duplicateKey, "twice").exitStatus == 0)
    #expect(Diagnostic(code: "E_SYNTAX", message: "no").exitStatus == 2)
  }

  @Test("codes of warnings make warnings")
  func severity() {
    #expect(Diagnostic(.bidi, "hidden").severity == .warning)
    #expect(Diagnostic(.type, "wrong").severity == .error)
    #expect(ErrorCode("E_OWN_KIND").entry == nil)
  }
}
