// The operators of a local `where`. A missing field or null matches no ordering and no text operator; text is compared
// without regard to case, as the API does.

extension VM {
  @inline(never)
  func queryTest(_ op: QueryOperator, _ a: Value, _ b: Value) -> Truth {
    switch op {
    case .equal: return Truth(isEqual(a, b))
    case .notEqual: return Truth(!isEqual(a, b))
    case .less: return order(op, a, b) { $0 < 0 }
    case .greater: return order(op, a, b) { $0 > 0 }
    case .lessEqual: return order(op, a, b) { $0 <= 0 }
    case .greaterEqual: return order(op, a, b) { $0 >= 0 }
    case .isIn: return contains(a, in: b)
    case .isNotIn:
      switch contains(a, in: b) {
      case .yes: return .no
      case .no: return .yes
      case .failed: return .failed
      }
    case .contains: return text(a, b, orItem: true) { findBytes($1, in: $0, from: 0) != nil }
    case .notContains:
      // Null matches no text operator, this one neither.
      if a.isNull || b.isNull { return .no }
      switch text(a, b, orItem: true, { findBytes($1, in: $0, from: 0) != nil }) {
      case .yes: return .no
      case .no: return .yes
      case .failed: return .failed
      }
    case .startsWith: return text(a, b, orItem: false) { $0.starts(with: $1) }
    case .endsWith: return text(a, b, orItem: false) { $0.suffix($1.count).elementsEqual($1) && $0.count >= $1.count }
    }
  }

  private func order(_ op: QueryOperator, _ a: Value, _ b: Value, _ fits: (Int) -> Bool) -> Truth {
    if a.isNull || b.isNull { return .no }
    if a.isNumber && b.isNumber { return Truth(compareNumbers(a, b).map(fits) ?? false) }
    if a.isString && b.isString { return Truth(fits(compareStrings(a.address, b.address))) }
    raiseOperandTypes(op.orderSpelling, a, b)
    return .failed
  }

  private func text(
    _ a: Value, _ b: Value, orItem: Bool,
    _ fits: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
  ) -> Truth {
    if a.isNull || b.isNull { return .no }
    if orItem && a.isList {
      let items = listItems(a.address)
      for index in 0..<listCount(a.address) where folded(items[index], b) { return .yes }
      return .no
    }
    guard a.isString && b.isString else {
      raise("E_TYPE", "this operator compares text, and was given \(describe(a)) and \(describe(b))")
      return .failed
    }
    let left = Array(swiftString(a.address).lowercased().utf8)
    let right = Array(swiftString(b.address).lowercased().utf8)
    return left.withUnsafeBufferPointer { l in right.withUnsafeBufferPointer { r in Truth(fits(l, r)) } }
  }

  /// Equality without regard to the case of text.
  private func folded(_ a: Value, _ b: Value) -> Bool {
    if a.isString && b.isString {
      // Scalar by scalar: Swift's own equality is that of NFC.
      return swiftString(a.address).lowercased().utf8.elementsEqual(swiftString(b.address).lowercased().utf8)
    }
    return isEqual(a, b)
  }

  /// A step of a field path in a condition.
  @inline(never)
  func queryField(_ target: ValuePointer, _ object: Value, _ name: Raw) -> Bool {
    if object.isNull {
      target.pointee = .null
      return true
    }
    var cache: UInt64 = 0
    return slowGetField(target, object, name, &cache)
  }
}

extension QueryOperator {
  /// An operator of order as the script writes it.
  fileprivate var orderSpelling: String {
    switch self {
    case .greater: ">"
    case .lessEqual: "<="
    case .greaterEqual: ">="
    default: "<"
    }
  }
}
