// Keeping secrets out of what is shown.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Replaces known secrets in texts, also where they stand in Base64, at any of its three alignments, percent-encoded, or
/// escaped as in JSON. A secret that was split in two is not found.
///
/// A secret of one or two bytes is not masked: it is in every text, and masking it would hide nothing but the text.
public struct Redactor: Sendable {
  private let forms: [[UInt8]]
  private static let mask = Array("<secret>".utf8)
  /// The shortest secret that is masked, in bytes.
  public static let minimumLength = 3
  /// A shorter encoded form says too little to be taken for the secret.
  private static let minimumEncodedLength = 4

  /// Knows these secrets; `minimumLength` says which are too short to be masked.
  public init(secrets: [Secret]) {
    var forms: Set<[UInt8]> = []
    for secret in secrets {
      let bytes = Array(secret.reveal().utf8)
      guard bytes.count >= Self.minimumLength else { continue }
      var encoded: Set<[UInt8]> = [
        Array(PercentEncoding.component(secret.reveal()).utf8), Self.escaped(bytes),
      ]
      for alignment in 0..<3 { encoded.formUnion(Self.base64Forms(of: bytes, alignment: alignment)) }
      forms.formUnion(encoded.filter { $0.count >= Self.minimumEncodedLength })
      forms.insert(bytes)
    }
    self.forms = forms.sorted { $0.count > $1.count }
  }

  /// Whether there is nothing to mask.
  public var isEmpty: Bool { forms.isEmpty }

  /// The text with every known secret masked.
  public func redact(_ text: String) -> String {
    guard !forms.isEmpty else { return text }
    var text = text
    return text.withUTF8 { bytes in
      guard forms.contains(where: { Self.firstIndex(of: $0, in: bytes, from: 0) != nil }) else { return nil }
      return String(decoding: redact(Array(bytes)), as: UTF8.self)
    } ?? text
  }

  /// The bytes with every known secret masked.
  public func redact(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for form in forms {
      let masked = bytes.withUnsafeBufferPointer { Self.masked(form, in: $0) }
      if let masked { bytes = masked }
    }
    return bytes
  }

  /// Whether a text holds a known secret.
  package func finds(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    forms.contains { Self.firstIndex(of: $0, in: bytes, from: 0) != nil }
  }

  /// The bytes without a form of a secret; `nil` when it is not in them.
  private static func masked(_ form: [UInt8], in bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard var start = firstIndex(of: form, in: bytes, from: 0) else { return nil }
    var result: [UInt8] = []
    var position = 0
    while true {
      result += bytes[position..<start]
      result += mask
      position = start + form.count
      guard let next = firstIndex(of: form, in: bytes, from: position) else { break }
      start = next
    }
    return result + bytes[position...]
  }

  /// The text as it stands in a JSON string.
  private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte -> [UInt8] in
      byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), byte] : [byte]
    }
  }

  /// What of a text's Base64 depends on the secret alone, when the secret stands `alignment` bytes behind a multiple
  /// of three: the characters at both ends that mix it with its neighbours are left away.
  private static func base64Forms(of bytes: [UInt8], alignment: Int) -> [[UInt8]] {
    let padded = [UInt8](repeating: 0, count: alignment) + bytes
    let text = Base64.encode(padded).utf8.filter { $0 != UInt8(ascii: "=") }
    let leading = [0, 2, 3][alignment]
    let trailing = padded.count % 3 == 0 ? 0 : 1
    guard text.count > leading + trailing else { return [] }
    let standard = Array(text[leading..<text.count - trailing])
    let urlSafe = standard.map { byte -> UInt8 in
      byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
    }
    return [standard, urlSafe]
  }

  private static func firstIndex(of needle: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, let first = needle.first else { return nil }
    var position = start
    while position + needle.count <= bytes.count {
      let rest = bytes.count - needle.count + 1 - position
      guard let found = memchr(base + position, Int32(first), rest) else { return nil }
      let offset = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      if memcmp(found, needle, needle.count) == 0 { return offset }
      position = offset + 1
    }
    return nil
  }
}
