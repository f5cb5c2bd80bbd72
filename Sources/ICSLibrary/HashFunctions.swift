// `hash`: digests as lower-case hexadecimal text.

import Crypto
import ICSVM

enum HashFunctions {
  static let rows: [BuiltIn] =
    [
      BuiltIn(
        "hash.sha256", "hash.sha256(text)", "The SHA-256 digest of a text's UTF-8 bytes.",
        example: """
          print(hash.sha256("abc").slice(0, 16))  // expect: ba7816bf8f01cfea
          """,
        .native(1...1) { (call) throws(Raised) in try digest(call, SHA256.self) }),
      BuiltIn(
        "hash.sha1", "hash.sha1(text)",
        "The SHA-1 digest of a text's UTF-8 bytes: for services that ask for it, not for secrets.",
        example: """
          print(hash.sha1("abc"))  // expect: a9993e364706816aba3e25717850c26c9cd0d89d
          """,
        .native(1...1) { (call) throws(Raised) in try digest(call, Insecure.SHA1.self) }),
      BuiltIn(
        "hash.md5", "hash.md5(text)",
        "The MD5 digest of a text's UTF-8 bytes: for services that ask for it, not for secrets.",
        example: """
          print(hash.md5("abc"))  // expect: 900150983cd24fb0d6963f7d28e17f72
          """,
        .native(1...1) { (call) throws(Raised) in try digest(call, Insecure.MD5.self) }),
      BuiltIn(
        "hash.hmac_sha256", "hash.hmac_sha256(key, text)",
        "The HMAC-SHA-256 of a text under a key, as services sign their messages.",
        example: """
          print(hash.hmac_sha256("key", "text").length)  // expect: 64
          """,
        .native(2...2, hmac)),
    ] + Base64Functions.rows

  private static func digest<H: HashFunction>(_ call: Call, _ type: H.Type) throws(Raised) -> Value {
    var hasher = H()
    try forEachPiece(of: stringBuffer(try call.string(0)), call) { hasher.update(bufferPointer: $0) }
    return hexadecimal(Array(hasher.finalize()), call)
  }

  /// In pieces, so that a limit or an interruption is noticed in a long text.
  private static func forEachPiece(
    of text: UnsafeBufferPointer<UInt8>, _ call: Call, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(Raised) {
    let piece = 1 << 16
    for start in stride(from: 0, to: text.count, by: piece) {
      let end = min(start + piece, text.count)
      try call.charge((end - start) / 4)
      body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[start..<end])))
    }
  }

  private static func hmac(_ call: Call) throws(Raised) -> Value {
    let key = stringBuffer(try call.string(0))
    try call.charge(key.count / 4)
    var hasher = HMAC<SHA256>(key: SymmetricKey(data: key))
    try forEachPiece(of: stringBuffer(try call.string(1)), call) { hasher.update(data: $0) }
    return hexadecimal(Array(hasher.finalize()), call)
  }

  private static func hexadecimal(_ bytes: [UInt8], _ call: Call) -> Value {
    let text = bytes.flatMap { [hexDigit($0 >> 4), hexDigit($0 & 15)] }
    return .object(Tag.string, text.withUnsafeBufferPointer { call.vm.newString($0) })
  }
}
