// Cron lines: what they mean, and what they refuse.

import ICSDurable
import Testing

@Suite("Cron")
struct CronTests {
  private func time(_ text: String) throws -> Timestamp {
    let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count >= 5)
    let civil = CivilTime(
      year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4],
      second: numbers.count > 5 ? numbers[5] : 0)
    return Timestamp(seconds: civil.secondsSince1970)
  }

  private func text(_ time: Timestamp?) -> String? {
    time.map { String($0.description.prefix(19)).replacing("T", with: " ") }
  }

  @Test(
    "the next time",
    arguments: [
      ("* * * * *", "2026-01-05 09:00:00", "2026-01-05 09:01:00"),
      ("* * * * * *", "2026-01-05 09:00:00", "2026-01-05 09:00:01"),
      ("*/15 * * * *", "2026-01-05 09:15:00", "2026-01-05 09:30:00"),
      ("*/15 * * * *", "2026-12-31 23:59:59", "2027-01-01 00:00:00"),
      ("30 */10 * * * *", "2026-01-05 09:00:31", "2026-01-05 09:10:30"),
      ("0 9 * * 1-5", "2026-01-02 09:00:00", "2026-01-05 09:00:00"),
      ("0 9 * * mon-fri", "2026-01-02 09:00:00", "2026-01-05 09:00:00"),
      ("0 9 * * MON", "2026-01-05 08:59:59", "2026-01-05 09:00:00"),
      ("0 0 * * 7", "2026-01-05 00:00:00", "2026-01-11 00:00:00"),
      ("0 0 * * 0", "2026-01-05 00:00:00", "2026-01-11 00:00:00"),
      ("0 0 * * 5-7", "2026-01-10 00:00:00", "2026-01-11 00:00:00"),
      ("0 0 1 * *", "2026-01-01 00:00:00", "2026-02-01 00:00:00"),
      ("0 0 31 * *", "2026-01-31 00:00:00", "2026-03-31 00:00:00"),
      ("0 0 29 2 *", "2026-01-01 00:00:00", "2028-02-29 00:00:00"),
      ("0 0 29 2 *", "2096-03-01 00:00:00", "2104-02-29 00:00:00"),
      ("0 12 13 * 5", "2026-01-01 00:00:00", "2026-01-02 12:00:00"),
      ("0 12 13 * 5", "2026-01-09 12:00:00", "2026-01-13 12:00:00"),
      ("0 12 */13 * 5", "2026-01-01 12:00:00", "2026-02-27 12:00:00"),
      ("5,10,15 1,2 * jan,mar *", "2026-01-31 02:15:00", "2026-03-01 01:05:00"),
      ("10/20 * * * *", "2026-01-05 09:10:00", "2026-01-05 09:30:00"),
      ("0-30/10 4 * * *", "2026-01-05 04:30:00", "2026-01-06 04:00:00"),
      ("59 23 31 12 *", "2026-12-31 23:59:00", "2027-12-31 23:59:00"),
      ("0 0 29 2 1", "2026-01-01 00:00:00", "2026-02-02 00:00:00"),
      ("@hourly", "2026-01-05 09:00:00", "2026-01-05 10:00:00"),
      ("@yearly", "2026-01-05 09:00:00", "2027-01-01 00:00:00"),
      ("@weekly", "2026-01-05 09:00:00", "2026-01-11 00:00:00"),
      ("  0   9  *  *  *  ", "2026-01-05 09:00:00", "2026-01-06 09:00:00"),
      ("0 3 * * *", "2038-01-19 03:14:08", "2038-01-20 03:00:00"),
      ("0 3 * * *", "2106-02-07 06:28:16", "2106-02-08 03:00:00"),
    ])
  func next(line: String, after: String, expected: String) throws {
    let found = try Cron(line).next(after: time(after), in: NamedZone.utc)
    #expect(text(found) == expected)
  }

  @Test(
    "both changes of the clock, in Berlin",
    arguments: [
      // Summer: at 01:00 UTC, 02:00 becomes 03:00. What is skipped fires once, at its end.
      ("30 2 * * *", "2026-03-28 22:00:00", "2026-03-29 01:00:00"),
      ("30 2 * * *", "2026-03-29 01:00:00", "2026-03-30 00:30:00"),
      ("0 2 * * *", "2026-03-28 22:00:00", "2026-03-29 01:00:00"),
      ("0 3 * * *", "2026-03-28 22:00:00", "2026-03-29 01:00:00"),
      // Winter: at 01:00 UTC, 03:00 becomes 02:00. What comes twice fires the first time.
      ("30 2 * * *", "2026-10-24 22:00:00", "2026-10-25 00:30:00"),
      ("30 2 * * *", "2026-10-25 00:30:00", "2026-10-26 01:30:00"),
      ("30 3 * * *", "2026-10-24 22:00:00", "2026-10-25 02:30:00"),
      ("59 1 * * *", "2026-10-24 22:00:00", "2026-10-24 23:59:00"),
      // Every quarter of an hour is every quarter of an hour.
      ("*/15 * * * *", "2026-03-29 00:45:00", "2026-03-29 01:00:00"),
      ("*/15 * * * *", "2026-10-25 00:45:00", "2026-10-25 01:00:00"),
      ("*/15 * * * *", "2026-10-25 01:00:00", "2026-10-25 01:15:00"),
      ("0 * * * *", "2026-10-25 00:00:00", "2026-10-25 01:00:00"),
    ])
  func clockChanges(line: String, after: String, expected: String) throws {
    let zone = try #require(NamedZone("Europe/Berlin"))
    #expect(try text(Cron(line).next(after: time(after), in: zone)) == expected)
  }

  @Test(
    "other zones",
    arguments: [
      ("America/New_York", "30 2 * * *", "2026-03-08 05:00:00", "2026-03-08 07:00:00"),
      ("America/New_York", "30 1 * * *", "2026-11-01 04:00:00", "2026-11-01 05:30:00"),
      ("America/New_York", "30 1 * * *", "2026-11-01 05:30:00", "2026-11-02 06:30:00"),
      ("Asia/Kathmandu", "0 9 * * *", "2026-01-05 00:00:00", "2026-01-05 03:15:00"),
      ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03 12:00:00", "2026-10-03 15:30:00"),
      ("Pacific/Kiritimati", "0 0 1 1 *", "2026-06-01 00:00:00", "2026-12-31 10:00:00"),
    ])
  func zones(name: String, line: String, after: String, expected: String) throws {
    let zone = try #require(NamedZone(name))
    #expect(try text(Cron(line).next(after: time(after), in: zone)) == expected)
  }

  @Test("a year of a daily line fires each day once, whatever the clock does", arguments: ["30 2 * * *", "0 3 * * *"])
  func everyDay(line: String) throws {
    let zone = try #require(NamedZone("Europe/Berlin"))
    let cron = try Cron(line)
    var now = try time("2026-01-01 12:00")
    var days: Set<Int> = []
    for _ in 0..<365 {
      now = try #require(cron.next(after: now, in: zone))
      days.insert((now.seconds + zone.offset(atUTC: now.seconds)) / 86_400)
    }
    #expect(days.count == 365)
    #expect(try text(now) == text(time(line.hasPrefix("0") ? "2027-01-01 02:00" : "2027-01-01 01:30")))
  }

  @Test(
    "what is no cron line is refused, with what is wrong",
    arguments: [
      "", "* * * *", "* * * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * 0 *",
      "* * * * 8", "-1 * * * *", "+1 * * * *", "5-1 * * * *", "*/0 * * * *", "*/-5 * * * *", "1,,2 * * * *",
      ", * * * *",
      "a * * * *", "* * * foo *", "1.5 * * * *", "@reboot", "@", "* * L * *", "* * * * 1#2",
      "99999999999999999999 * * * *",
      "0 0 30 2 *", "0 0 31 4,6,9,11 *", "٣ * * * *",
    ])
  func malformed(line: String) {
    #expect(throws: Cron.Malformed.self) { try Cron(line) }
  }

  @Test("an unknown zone is none")
  func unknownZone() {
    #expect(NamedZone("Europe/Atlantis") == nil)
    #expect(NamedZone("UTC") != nil)
  }
}
