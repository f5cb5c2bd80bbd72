// What of a notification's body is the same each time that Intercom delivers it.

import ICSLibrary

extension WebhookNotification {
  /// The SHA-256 digest of the body without what changes from delivery to delivery.
  ///
  /// The bytes are taken as they came: writing the JSON anew would cost more than everything else about it.
  var contentHash: [UInt8] {
    let ranges = Self.deliveryMembers(of: body)
    guard !ranges.isEmpty else { return ContentDigest.sha256Bytes(body) }
    var content: [UInt8] = []
    content.reserveCapacity(body.count)
    var end = 0
    for range in ranges {
      content += body[end..<range.lowerBound]
      end = range.upperBound
    }
    content += body[end...]
    return ContentDigest.sha256Bytes(content)
  }

  private static let deliveryNames = ["delivery_attempts", "delivery_status", "delivered_at"].map { Array($0.utf8) }

  /// Where the outermost object has them, each with the comma that is one too many without it.
  ///
  /// The body was parsed before, so what stands where need not be checked again.
  private static func deliveryMembers(of body: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var depth = 0
    var index = 0
    /// The beginning of the present member's name, quotation mark included; nil before it.
    var name: Int?
    var isDelivery = false
    /// The comma in front of the present member, and whether there is one before it that stays.
    var comma = 0
    var staysAny = false
    while index < body.count {
      switch body[index] {
      case UInt8(ascii: "\""):
        let start = index
        index += 1
        while index < body.count, body[index] != UInt8(ascii: "\"") {
          index += body[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        if depth == 1, name == nil {
          name = start
          isDelivery = deliveryNames.contains { body[min(start + 1, index)..<min(index, body.count)].elementsEqual($0) }
        }
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
        if depth == 1, let start = name {
          let isFollowed = body[index] == UInt8(ascii: ",")
          if isDelivery {
            ranges.append(staysAny ? comma..<index : start..<(isFollowed ? index + 1 : index))
          } else {
            staysAny = true
          }
          comma = index
          name = nil
        }
        if body[index] != UInt8(ascii: ",") { depth -= 1 }
      default: break
      }
      index += 1
    }
    return ranges
  }
}
