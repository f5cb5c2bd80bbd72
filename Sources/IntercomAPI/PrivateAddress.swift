// Which addresses belong to this machine or to a network behind it.

import NIOCore

/// Addresses that a host of the internet does not have: this machine, private networks, links, and what tunnels to them.
enum PrivateAddress {
  /// Whether a connection to this address stays on this machine or in a private network.
  static func contains(_ address: SocketAddress) -> Bool {
    switch address {
    case .v4(let address): containsV4(withUnsafeBytes(of: address.address.sin_addr) { Array($0) })
    case .v6(let address): containsV6(withUnsafeBytes(of: address.address.sin6_addr) { Array($0) })
    case .unixDomainSocket: true
    }
  }

  /// Whether a URL's host says itself what it leads to: a written address, or `localhost`. Whoever allowed that one meant
  /// it; a name may come to mean anything.
  static func isExplicit(host: String) -> Bool {
    if host == "localhost" || host.hasPrefix("[") { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
  }

  // The special-purpose registries of RFC 6890, as far as they are not for everybody.

  static func containsV4(_ bytes: [UInt8]) -> Bool {
    switch (bytes[0], bytes[1]) {
    case (0, _), (10, _), (127, _), (169, 254), (192, 168), (198, 18...19): true
    case (100, 64...127), (172, 16...31): true
    case (192, 0): bytes[2] == 0 || bytes[2] == 2
    case (224..., _): true
    default: false
    }
  }

  static func containsV6(_ bytes: [UInt8]) -> Bool {
    let isZero = bytes[..<10].allSatisfy { $0 == 0 }
    // `::`, `::1`, and IPv4 in the form `::a.b.c.d` or `::ffff:a.b.c.d`.
    if isZero, bytes[10] == bytes[11], bytes[10] == 0 || bytes[10] == 0xFF { return containsV4(Array(bytes[12...])) }
    // IPv4 behind a translator (64:ff9b::/96) or a tunnel (2002::/16).
    if bytes[..<4] == [0, 0x64, 0xFF, 0x9B] { return containsV4(Array(bytes[12...])) }
    if bytes[..<2] == [0x20, 0x02] { return containsV4(Array(bytes[2..<6])) }
    // Unique local, link local, site local, multicast.
    return bytes[0] & 0xFE == 0xFC || bytes[0] == 0xFE && bytes[1] & 0x80 == 0x80 || bytes[0] == 0xFF
  }
}
