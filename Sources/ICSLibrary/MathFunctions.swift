// `math`.

import ICSVM

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum MathFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "math.floor", "math.floor(x)", "The largest int that is not above a number.",
      example: "print(math.floor(2.7), math.floor(-2.1))  // expect: 2 -3",
      .native(1...1) { (call) throws(Raised) in try rounded(call, .down) }),
    BuiltIn(
      "math.ceil", "math.ceil(x)", "The smallest int that is not below a number.",
      example: "print(math.ceil(2.1), math.ceil(-2.7))  // expect: 3 -2",
      .native(1...1) { (call) throws(Raised) in try rounded(call, .up) }),
    BuiltIn(
      "math.round", "math.round(x)", "The nearest int; halves go away from zero.",
      example: "print(math.round(2.5), math.round(-2.5), math.round(2.4))  // expect: 3 -3 2",
      .native(1...1) { (call) throws(Raised) in try rounded(call, .toNearestOrAwayFromZero) }),
    BuiltIn(
      "math.trunc", "math.trunc(x)", "The int that is left when the digits behind the point are dropped.",
      example: "print(math.trunc(2.7), math.trunc(-2.7))  // expect: 2 -2",
      .native(1...1) { (call) throws(Raised) in try rounded(call, .towardZero) }),
    BuiltIn(
      "math.abs", "math.abs(x)", "A number without its sign. The least int has none: E_OVERFLOW.",
      example: "print(math.abs(-3), math.abs(-2.5))  // expect: 3 2.5",
      .native(1...1, abs)),
    BuiltIn(
      "math.min", "math.min(numbers...)", "The smallest of the numbers; null without any.",
      example: "print(math.min(3, 1.5, 2))  // expect: 1.5",
      .native(0...Int.max) { (call) throws(Raised) in try extreme(call, sign: -1) }),
    BuiltIn(
      "math.max", "math.max(numbers...)", "The largest of the numbers; null without any.",
      example: "print(math.max(3, 1.5, 2))  // expect: 3",
      .native(0...Int.max) { (call) throws(Raised) in try extreme(call, sign: 1) }),
    BuiltIn(
      "math.sqrt", "math.sqrt(x)", "The square root as a float; of a negative number it is nan.",
      example: "print(math.sqrt(16), math.sqrt(-1))  // expect: 4.0 nan",
      .native(1...1) { (call) throws(Raised) in .float(try call.double(0).squareRoot()) }),
    BuiltIn(
      "math.pow", "math.pow(base, exponent)",
      "A power: an int when both are ints and the exponent is not negative (E_OVERFLOW past the range), else a float.",
      example: "print(math.pow(2, 10), math.pow(2, -1), math.pow(2.0, 3))  // expect: 1024 0.5 8.0",
      .native(2...2, power)),
    BuiltIn(
      "math.exp", "math.exp(x)", "e to the power of a number.",
      example: "print(math.exp(0))  // expect: 1.0",
      .native(1...1) { (call) throws(Raised) in .float(exp(try call.double(0))) }),
    BuiltIn(
      "math.log", "math.log(x)", "The natural logarithm: -inf of 0, nan of a negative number.",
      example: "print(math.log(1), math.log(math.e))  // expect: 0.0 1.0",
      .native(1...1) { (call) throws(Raised) in .float(log(try call.double(0))) }),
    BuiltIn(
      "math.sin", "math.sin(x)", "The sine of an angle in radians.",
      example: "print(math.sin(0))  // expect: 0.0",
      .native(1...1) { (call) throws(Raised) in .float(sin(try call.double(0))) }),
    BuiltIn(
      "math.cos", "math.cos(x)", "The cosine of an angle in radians.",
      example: "print(math.cos(0))  // expect: 1.0",
      .native(1...1) { (call) throws(Raised) in .float(cos(try call.double(0))) }),
    BuiltIn(
      "math.tan", "math.tan(x)", "The tangent of an angle in radians.",
      example: "print(math.tan(0))  // expect: 0.0",
      .native(1...1) { (call) throws(Raised) in .float(tan(try call.double(0))) }),
    BuiltIn(
      "math.pi", "math.pi", "The circumference of a circle whose diameter is 1.",
      example: "print(math.pi)  // expect: 3.141592653589793",
      .value { _ in .float(Double.pi) }),
    BuiltIn(
      "math.e", "math.e", "The base of the natural logarithm.",
      example: "print(math.e)  // expect: 2.718281828459045",
      .value { _ in .float(M_E) }),
    BuiltIn(
      "math.is_nan", "math.is_nan(x)", "Whether a number is nan, which equals nothing, itself included.",
      example: "print(math.is_nan(0.0 / 0), math.is_nan(1))  // expect: true false",
      .native(1...1) { (call) throws(Raised) in .bool(try call.double(0).isNaN) }),
  ]

  private static func rounded(_ call: Call, _ rule: FloatingPointRoundingRule) throws(Raised) -> Value {
    let x = try call.double(0)
    if call[0].isInt { return call[0] }
    guard !x.isNaN else { throw call.fail("E_VALUE", "nan has no nearest int") }
    guard let result = Int(exactly: x.rounded(rule)) else {
      throw call.fail("E_OVERFLOW", "\(call.vm.describeNumber(x)) is out of the range of ints")
    }
    return .int(result)
  }

  private static func abs(_ call: Call) throws(Raised) -> Value {
    let x = try call.double(0)
    guard call[0].isInt else { return .float(x.magnitude) }
    guard let result = Int(exactly: call[0].asInt.magnitude) else {
      throw call.fail("E_OVERFLOW", "the absolute value of \(call[0].asInt) is out of the range of ints")
    }
    return .int(result)
  }

  private static func extreme(_ call: Call, sign: Int) throws(Raised) -> Value {
    guard call.count > 0 else { return .null }
    for index in 0..<call.count { _ = try call.double(index) }
    var best = call[0]
    for index in 0..<call.count {
      // Nan against anything: as in JavaScript, it wins.
      guard let order = call.vm.compareNumbers(call[index], best) else { return .float(.nan) }
      if order * sign > 0 { best = call[index] }
    }
    return best
  }

  private static func power(_ call: Call) throws(Raised) -> Value {
    let base = try call.double(0)
    let exponent = try call.double(1)
    guard call[0].isInt, call[1].isInt, call[1].asInt >= 0 else { return .float(pow(base, exponent)) }
    var result = 1
    var square = call[0].asInt
    var left = call[1].asInt
    // By squaring: at most 63 turns, since a base beyond -1...1 overflows before.
    while left > 0 {
      if left & 1 == 1 {
        let (product, overflow) = result.multipliedReportingOverflow(by: square)
        if overflow { throw overflowed(call) }
        result = product
      }
      left >>= 1
      if left > 0 {
        let (product, overflow) = square.multipliedReportingOverflow(by: square)
        if overflow { throw overflowed(call) }
        square = product
      }
    }
    return .int(result)
  }

  private static func overflowed(_ call: Call) -> Raised {
    call.fail(
      "E_OVERFLOW", "\(call[0].asInt) to the power of \(call[1].asInt) is out of the range of ints",
      help: "write \(call[0].asInt).0 to compute with floats")
  }
}

extension VM {
  /// A float as `print` shows it, for messages.
  func describeNumber(_ x: Double) -> String { printedForm(.float(x), maximumLength: 40) ?? "" }
}
