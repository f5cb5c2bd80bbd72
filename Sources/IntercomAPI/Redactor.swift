// Keeping secrets out of what is shown.

/// Replaces known secrets in texts, also where they stand in Base64, at any of its three alignments, or
/// percent-encoded. A secret that was split in two is not found.
public struct Redactor: Sendable {
  private let forms: [[UInt8]]
  private static let mask = Array("<secret>".utf8)

  /// Empty secrets are left out: they are everywhere.
  public init(secrets: [Secret]) {
    var forms: Set<[UInt8]> = []
    for secret in secrets where !secret.isEmpty {
      let bytes = Array(secret.reveal().utf8)
      forms.insert(bytes)
      forms.insert(Array(PercentEncoding.component(secret.reveal()).utf8))
      for alignment in 0..<3 { forms.formUnion(Self.base64Forms(of: bytes, alignment: alignment)) }
    }
    self.forms = forms.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
  }

  /// The text with every known secret masked.
  public func redact(_ text: String) -> String {
    guard !forms.isEmpty else { return text }
    let bytes = Array(text.utf8)
    guard forms.contains(where: { Self.firstIndex(of: $0, in: bytes, from: 0) != nil }) else { return text }
    return String(decoding: redact(bytes), as: UTF8.self)
  }

  /// The bytes with every known secret masked.
  public func redact(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for form in forms {
      var from = 0
      while let start = Self.firstIndex(of: form, in: bytes, from: from) {
        bytes.replaceSubrange(start..<start + form.count, with: Self.mask)
        from = start + Self.mask.count
      }
    }
    return bytes
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

  private static func firstIndex(of needle: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
    guard from + needle.count <= bytes.count else { return nil }
    return (from...bytes.count - needle.count).first { start in
      bytes[start] == needle[0] && bytes[start..<start + needle.count].elementsEqual(needle)
    }
  }
}
