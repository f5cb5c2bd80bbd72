import Testing

@testable import ICSLibrary

/// Calendars, zones and texts of time.
@Suite struct TimeTests {
  private let zones = TimeZones()

  private func zone(_ name: String) throws -> TimeZoneRules { try #require(zones.zone(name)) }

  @Test("days and dates are each other's inverse over ten thousand years")
  func calendar() {
    for days in stride(from: -719_162, through: 2_932_896, by: 97) {
      let (year, month, day) = civilDate(days)
      #expect(dayNumber(year, month, day) == days)
    }
    #expect(CivilTime(localSeconds: 0) == CivilTime(year: 1970, month: 1, day: 1))
    #expect(CivilTime(localSeconds: -1) == CivilTime(year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59))
    #expect(CivilTime(year: 2024, month: 2, day: 29).weekday == 4)
  }

  @Test("weeks are those of ISO 8601")
  func weeks() {
    #expect(CivilTime(year: 2021, month: 1, day: 3).week == (2020, 53))
    #expect(CivilTime(year: 2024, month: 12, day: 30).week == (2025, 1))
    #expect(CivilTime(year: 2024, month: 5, day: 1).week == (2024, 18))
  }

  @Test("a zone's offset follows its table, and its rule behind the table")
  func offsets() throws {
    let berlin = try zone("Europe/Berlin")
    #expect(berlin.period(at: 1_711_846_799).offset == 3600)
    #expect(berlin.period(at: 1_711_846_800).offset == 7200)
    // 2100-07-01 and 2100-01-01: behind every table.
    #expect(berlin.period(at: 4_118_083_200).abbreviation == "CEST")
    #expect(berlin.period(at: 4_102_444_800).abbreviation == "CET")
    #expect(try zone("Australia/Sydney").period(at: 4_102_444_800).abbreviation == "AEDT")
    #expect(try zone("Asia/Kathmandu").period(at: 0).offset == 19_800)
    #expect(try zone("America/New_York").period(at: 1_714_559_400).offset == -14_400)
  }

  @Test("a local time that comes twice is the first, one that is skipped is moved on")
  func changes() throws {
    let berlin = try zone("Europe/Berlin")
    let autumn = CivilTime(year: 2024, month: 10, day: 27, hour: 2, minute: 30).localSeconds
    #expect(berlin.time(ofLocal: autumn) == autumn - 7200)
    let spring = CivilTime(year: 2024, month: 3, day: 31, hour: 2, minute: 30).localSeconds
    #expect(berlin.time(ofLocal: spring) == spring - 3600)
  }

  @Test(
    "rules in POSIX's form",
    arguments: [
      ("CET-1CEST,M3.5.0,M10.5.0/3", 1_720_000_000, 7200), ("EST5EDT,M3.2.0,M11.1.0", 1_704_067_200, -18_000),
      ("<+0330>-3:30", 0, 12_600), ("IST-1GMT0,M10.5.0,M3.5.0/1", 1_704_067_200, 0),
      ("XXX3YYY2,J60,J300", 1_720_000_000, -7200),
    ])
  func footers(_ text: String, _ time: Int, _ offset: Int) throws {
    #expect(try #require(TimeZoneFooter(text)).period(at: time).offset == offset)
  }

  @Test(
    "damaged rules and files are refused",
    arguments: ["", "1", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "<CET-1"])
  func badFooters(_ text: String) {
    #expect(TimeZoneFooter(text) == nil)
    #expect(TimeZoneRules(name: "x", file: Array(("TZif2" + text).utf8)) == nil)
  }

  @Test("every prefix of a zone's file is refused or read, without a trap")
  func truncatedFiles() throws {
    var file = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
    file += [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4]
    file += [0, 0, 0, 0, 0] + [0, 0, 14, 16, 0, 0] + Array("CET\0".utf8)
    for length in 0...file.count { _ = TimeZoneRules(name: "x", file: Array(file.prefix(length))) }
    for index in file.indices {
      var damaged = file
      damaged[index] = 0xFF
      _ = TimeZoneRules(name: "x", file: damaged)
    }
  }

  @Test(
    "names that are no zones",
    arguments: ["", "../../etc/passwd", "Mars/Olympus", "/etc/localtime", "Europe", "a\0b", "+25:00"])
  func unknownZones(_ name: String) {
    #expect(zones.zone(name) == nil)
  }

  @Test(
    "ISO 8601 is read in all its common forms",
    arguments: [
      ("1970-01-02", 86_400.0), ("19700102", 86_400), ("1970-01-01T01:00Z", 3600), ("1970-01-01 01:00:00", 3600),
      ("1970-01-01T00:00:00.25Z", 0.25), ("1970-01-01T02:00:00+02:00", 0), ("1970-01-01T020000+0200", 0),
      ("2000-02-29", 951_782_400), ("0001-01-01", -62_135_596_800),
    ])
  func reading(_ text: String, _ expected: Double) throws {
    var reader = TimeText(text)
    let found = reader.reading()
    let reading = try #require(found)
    #expect(Double(reading.civil.localSeconds - (reading.offset ?? 0)) + reading.fraction == expected)
  }

  @Test(
    "what is no time is refused",
    arguments: [
      "", "x", "2024", "2024-13-01", "2023-02-29", "2024-05-01T24:00", "2024-05-01T10:60", "2024-05-01T10:00:00+25:00",
      "2024-05-01T10:00:00Zx", "2024-5-1", "2024-05-01T10:00:00.", "2024-05-01T1",
    ])
  func notATime(_ text: String) {
    var reader = TimeText(text)
    let found = reader.reading()
    #expect(found == nil)
  }
}
