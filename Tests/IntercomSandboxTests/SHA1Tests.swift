import Testing

@testable import IntercomSandbox

struct SHA1Tests {
  @Test("digests and codes agree with RFC 3174 and RFC 2202")
  func vectors() {
    func hex(_ bytes: [UInt8]) -> String { Hex.text(bytes) }
    #expect(hex(SHA1.digest(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(hex(SHA1.digest([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(
      hex(SHA1.digest([UInt8](repeating: UInt8(ascii: "a"), count: 1000))) == "291e9a6c66994949b57ba5e650361e98fc36b1ba"
    )
    #expect(
      hex(SHA1.hmac(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
        == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    #expect(
      hex(
        SHA1.hmac(
          Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8), key: [UInt8](repeating: 0xAA, count: 80)
        ))
        == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
  }

  @Test("a date of any century is written in the civil calendar")
  func dates() {
    #expect(ISODate.text(0) == "1970-01-01T00:00:00.000Z")
    #expect(ISODate.text(951_782_399) == "2000-02-28T23:59:59.000Z")
    #expect(ISODate.text(1_709_164_800) == "2024-02-29T00:00:00.000Z")
    #expect(ISODate.text(-1) == "1969-12-31T23:59:59.000Z")
  }
}
