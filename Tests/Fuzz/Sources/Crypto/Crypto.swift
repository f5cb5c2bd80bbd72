// A stand-in for swift-crypto with the few names that ICSLibrary uses. The hashes are not what is fuzzed: each is a
// checksum of the right length.

/// A hash function, as ICSLibrary uses one.
public protocol HashFunction {
  init()
  static var digestLength: Int { get }
  var checksum: UInt64 { get set }
}

extension HashFunction {
  public mutating func update(bufferPointer: UnsafeRawBufferPointer) {
    for byte in bufferPointer { checksum = (checksum ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  public static func hash(data: [UInt8]) -> [UInt8] {
    var hash = Self()
    data.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize()
  }

  public func finalize() -> [UInt8] {
    (0..<Self.digestLength).map { UInt8(truncatingIfNeeded: checksum >> UInt64($0 % 8 * 8)) }
  }
}

public struct SHA256: HashFunction {
  public static let digestLength = 32
  public var checksum: UInt64 = 0xCBF2_9CE4_8422_2325
  public init() {}
}

public enum Insecure {
  public struct SHA1: HashFunction {
    public static let digestLength = 20
    public var checksum: UInt64 = 0xCBF2_9CE4_8422_2325
    public init() {}
  }

  public struct MD5: HashFunction {
    public static let digestLength = 16
    public var checksum: UInt64 = 0xCBF2_9CE4_8422_2325
    public init() {}
  }
}

public struct SymmetricKey {
  let data: [UInt8]
  public init(data: some Sequence<UInt8>) { self.data = Array(data) }
}

public struct HMAC<H: HashFunction> {
  private var hash = H()
  public init(key: SymmetricKey) { update(data: key.data) }
  public mutating func update(data: some Sequence<UInt8>) {
    Array(data).withUnsafeBytes { hash.update(bufferPointer: $0) }
  }
  public func finalize() -> [UInt8] { hash.finalize() }
}
