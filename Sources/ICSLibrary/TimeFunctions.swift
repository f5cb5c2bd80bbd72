// `time`: timestamps as text and back, in any zone of the system's database.

import ICSVM

enum TimeFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "time.format", "time.format(ts, pattern, zone:)",
      """
      A timestamp as text: ISO 8601, or by a pattern of Unicode's (`yyyy-MM-dd HH:mm:ss`, `EEE d MMM`, `XXX`, text in \
      single quotes). The zone is UTC unless `zone` names another, as in `Europe/Berlin` or `+02:00`.
      """,
      example: #"""
        print(time.format(0))  // expect: 1970-01-01T00:00:00Z
        print(time.format(1714559400, "EEE d MMM yyyy, HH:mm", zone: "Europe/Berlin"))  // expect: Wed 1 May 2024, 12:30
        """#,
      .native(1...3, format)),
    BuiltIn(
      "time.parse", "time.parse(text, zone:)",
      """
      The timestamp of a date or time in ISO 8601: an int, or a float when there are parts of a second. Without an \
      offset in the text it is in the zone that `zone` names, else in UTC. Any other text is E_VALUE.
      """,
      example: #"""
        print(time.parse("1970-01-02"), time.parse("1970-01-01T01:00:00+01:00"))  // expect: 86400 0
        """#,
      .native(1...2, parse)),
    BuiltIn(
      "time.parts", "time.parts(ts, zone:)",
      "The parts of a timestamp: `year month day hour minute second weekday`, where Monday is 1. In UTC unless `zone` says.",
      example: #"""
        let p = time.parts(0)
        print(p.year, p.month, p.day, p.weekday)  // expect: 1970 1 1 4
        """#,
      .native(1...2, parts)),
  ]

  private static func format(_ call: Call) throws(Raised) -> Value {
    let hasPattern = call.has(1) && !call[1].isMap
    let options = try call.options(at: hasPattern ? 2 : 1, "zone", "pattern")
    let time = try timestamp(call, zone: try zone(options, call))
    let given = hasPattern ? call[1] : call.option("pattern", of: options)
    if given.isNull { return call.makeString(time.iso) }
    guard given.isString else {
      throw call.fail("E_TYPE", "a pattern is a string, and this is \(call.vm.describe(given))")
    }
    let pattern = swiftString(given.address)
    try call.charge(pattern.utf8.count * 4 + 50)
    do throws(TimePattern.Unknown) {
      return call.makeString(try TimePattern(pattern).format(time))
    } catch {
      throw call.fail(
        "E_VALUE", "'\(error.field)' means nothing in a pattern of time.format",
        help: "put text between single quotes: 'at'")
    }
  }

  private static func parse(_ call: Call) throws(Raised) -> Value {
    let text = try call.text(0)
    let zone = try zone(try call.options(at: 1, "zone"), call)
    try call.charge(text.utf8.count + 50)
    var reader = TimeText(text)
    guard let reading = reader.reading() else {
      throw call.fail(
        "E_VALUE", "'\(text.prefix(60))' is no date or time of ISO 8601",
        help: "write it as 2024-05-01 or 2024-05-01T09:30:00Z")
    }
    let local = reading.civil.localSeconds
    let seconds = reading.offset.map { local - $0 } ?? zone.time(ofLocal: local)
    return reading.fraction == 0 ? .int(seconds) : .float(Double(seconds) + reading.fraction)
  }

  private static func parts(_ call: Call) throws(Raised) -> Value {
    let civil = try timestamp(call, zone: try zone(try call.options(at: 1, "zone"), call)).civil
    let vm = call.vm
    let map = vm.newMap(capacity: 7)
    vm.set(map, "year", .int(civil.year))
    vm.set(map, "month", .int(civil.month))
    vm.set(map, "day", .int(civil.day))
    vm.set(map, "hour", .int(civil.hour))
    vm.set(map, "minute", .int(civil.minute))
    vm.set(map, "second", .int(civil.second))
    vm.set(map, "weekday", .int(civil.weekday))
    return .object(Tag.map, map)
  }

  /// The first argument, which must be a timestamp of the years 1 to 9999.
  private static func timestamp(_ call: Call, zone: TimeZoneRules) throws(Raised) -> ZonedTime {
    guard call[0].isNumber else { throw call.wrongType(0, "a timestamp") }
    let (seconds, nanoseconds) = call[0].isInt ? (call[0].asInt, 0) : parts(of: call[0].asFloat) ?? (.max, 0)
    guard CivilTime.range.contains(seconds), CivilTime.range.contains(seconds + zone.period(at: seconds).offset) else {
      throw call.fail(
        "E_VALUE", "a timestamp lies in the years 1 to 9999, and this one is \(call.vm.printedForm(call[0]) ?? "not")")
    }
    return ZonedTime(time: seconds, nanoseconds: nanoseconds, zone: zone)
  }

  /// The whole seconds of a timestamp and the nanoseconds above them; nil when they are no ints. A float of today holds a
  /// quarter of a microsecond: what lies below that is not there, so that `.123` reads as 123 milliseconds and not 122.
  private static func parts(of time: Double) -> (seconds: Int, nanoseconds: Int)? {
    let floor = time.rounded(.down)
    guard let seconds = Int(exactly: floor) else { return nil }
    var step = 1
    while Double(step) < time.ulp * 1e9, step < 1_000_000_000 { step *= 10 }
    let nanoseconds = Int(((time - floor) * 1e9 / Double(step)).rounded()) * step
    return nanoseconds < 1_000_000_000 ? (seconds, nanoseconds) : (seconds + 1, 0)
  }

  private static func zone(_ options: Value, _ call: Call) throws(Raised) -> TimeZoneRules {
    let name = call.option("zone", of: options)
    if name.isNull { return .utc }
    guard name.isString else { throw call.fail("E_TYPE", "a zone is a string, and this is \(call.vm.describe(name))") }
    let library = call.library
    let key = ObjectIdentifier(TimeZones.self)
    let zones = library.state[key] as? TimeZones ?? TimeZones()
    library.state[key] = zones
    try call.charge(200)
    guard let zone = zones.zone(swiftString(name.address)) else {
      throw call.fail(
        "E_VALUE", "there is no time zone '\(swiftString(name.address).prefix(60))'",
        help: "zones are named as in 'Europe/Berlin', 'UTC' or '+02:00'")
    }
    return zone
  }
}
