// What libFuzzer calls. One binary holds all targets: building it is most of the cost. The environment variable
// ICS_FUZZ_TARGET picks one.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A target: bytes in; whatever should not happen ends the process.
struct FuzzTarget: Sendable {
  let name: String
  let run: @Sendable (UnsafeBufferPointer<UInt8>) -> Void

  static let all = [lexer, parser, formatter, program, json, regex]

  /// The target that the environment names.
  static let chosen: FuzzTarget = {
    let wanted = getenv("ICS_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = all.first(where: { $0.name == wanted }) else {
      fail("ICS_FUZZ_TARGET is one of \(all.map(\.name).joined(separator: ", "))")
    }
    return target
  }()
}

/// Reports a finding the way libFuzzer notices.
func fail(_ message: String) -> Never {
  // `stderr` is a global variable, which strict concurrency does not let through.
  let text = Array("FINDING: \(message)\n".utf8)
  _ = write(2, text, text.count)
  abort()
}

/// libFuzzer's entry point.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.chosen.run(UnsafeBufferPointer(start: start, count: count))
  return 0
}
