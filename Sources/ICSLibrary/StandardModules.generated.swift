// Written by scripts/embed-stdlib from stdlib/*.ics: change those.
// swift-format-ignore-file

/// The text of the standard modules, by the name that a script imports.
package enum StandardModules {
  /// Every module's name, in alphabetical order.
  package static let names: [String] = ["std/cli", "std/companies", "std/contacts", "std/dates", "std/messages", "std/retry", "std/table", "std/test", "std/text"]

  /// The text of a module, or `nil` when there is none of that name.
  package static func source(of name: String) -> String? {
    switch name {
    case "std/cli": return ####"""
// The command line of a script.

/// Reads `args` by a map of defaults, whose values say what each option takes: `--limit 20` or `--limit=20` for a
/// number or a string (also for null), `--dry-run` and `--no-dry-run` for a bool, `--tag a --tag b` for a list. What is
/// no option is collected under `rest`; `--` ends the options. An option that is not known, or a value that does not
/// fit, is E_ARGUMENTS.
///
///     >>> options({limit: 10, dry_run: false, tag: []}, from: ["--limit=20", "--dry-run", "in.csv", "--tag", "a"])
///     {limit: 20, dry_run: true, tag: ["a"], rest: ["in.csv"]}
export fn options(defaults, {from: words = args}) {
  let result = {...defaults.map_values(value => if type(value) == "list" { value.copy() } else { value }), rest: []}
  var i = 0
  while i < words.length {
    let word = words[i]
    i += 1
    if word == "--" {
      for rest in words.slice(i) { result.rest.push(rest) }
      break
    }
    if !word.starts_with("--") {
      result.rest.push(word)
      continue
    }
    let equals = word.index_of("=")
    let name = word.slice(2, equals ?? word.length).replace("-", "_")
    if equals == null && name.starts_with("no_") && defaults[name.slice(3)] in [true, false] {
      result[name.slice(3)] = false
      continue
    }
    if !defaults.has(name) { throw unknown(word, defaults) }
    let default_value = defaults[name]
    if default_value in [true, false] && equals == null {
      result[name] = true
      continue
    }
    let needs_next = equals == null
    if needs_next && i >= words.length { throw error("the option {{word}} needs a value", kind: "E_ARGUMENTS") }
    let text = if needs_next { words[i] } else { word.slice(equals + 1) }
    if needs_next { i += 1 }
    let value = converted(text, default_value, name)
    if type(default_value) == "list" { result[name].push(value) } else { result[name] = value }
  }
  result
}

fn flag(name) { "--" + name.replace("_", "-") }

fn unknown(word, defaults) {
  let known = defaults.keys().map(flag).join(", ")
  error("there is no option {{word}}; the options are {{known}}", kind: "E_ARGUMENTS")
}

fn converted(text, default_value, name) {
  try {
    match type(default_value) {
      "int" => int(text)
      "float" => float(text)
      "bool" => match text.lower() {
        "true" | "yes" | "1" => true
        "false" | "no" | "0" => false
      }
      _ => text
    }
  } catch {
    throw error("{{flag(name)}} takes {{type(default_value)}}, and was given '{{text}}'", kind: "E_ARGUMENTS")
  }
}

"""####
    case "std/companies": return ####"""
// Work with many companies.

/// Creates a company, or updates the one with the same `company_id`, and gives it.
///
///     upsert({company_id: "42", name: "Acme", plan: "pro"})
export fn upsert(company) {
  companies.create(company)
}

/// Creates or updates each company of a list or a stream, at most `limit` at a time, and gives them in order.
///
///     upsert_all([{company_id: "1", name: "Acme"}, {company_id: "2", name: "Initech"}])
export fn upsert_all(items, {limit = 8}) {
  parallel(items, company => companies.create(company), limit: limit)
}

/// Attaches each contact of a list or a stream to a company (a map with `id`, or an id). Gives how many there were.
///
///     attach_all(contacts where email $= "@acme.com", companies.find(company_id: "42"))
export fn attach_all(items, company, {limit = 8}) {
  let id = if type(company) == "map" { company.id } else { company }
  assert(id != null, "the company has no id")
  var count = 0
  for page in stream(items).chunk(200) {
    parallel(page, contact => contacts.attach_company(contact.id, {id: id}), limit: limit)
    count += page.length
  }
  count
}

"""####
    case "std/contacts": return ####"""
// Work with many contacts.

// The fields of a contact that are not custom attributes.
let own_fields = ["role", "external_id", "email", "phone", "name", "avatar", "signed_up_at", "last_seen_at", "owner_id",
  "unsubscribed_from_emails"]

/// Creates a contact, or updates the one with the same e-mail address (or `external_id`, with `by`), and gives it.
///
///     upsert({email: "ada@example.com", name: "Ada"})
export fn upsert(contact, {by = "email"}) {
  contacts.upsert(contact, by: by)
}

/// Creates or updates each contact of a list or a stream, at most `limit` at a time, and gives them in order.
///
///     upsert_all([{email: "ada@example.com"}, {email: "bo@example.com"}])
export fn upsert_all(items, {by = "email", limit = 8}) {
  parallel(items, item => contacts.upsert(item, by: by), limit: limit)
}

fn key_of(contact, by) {
  let key = contact[by]
  if key == null || key == "" { null } else { str(key).trim().lower() }
}

/// A list of contacts without those that have the same e-mail address (or another field, with `by`), whatever its case.
/// The first one stays, and takes over what it lacks from the later ones. Contacts without the field all stay.
///
///     >>> dedupe([{email: "a@x.com"}, {email: "A@x.com", name: "Ada"}, {name: "Bo"}])
///     [{email: "a@x.com", name: "Ada"}, {name: "Bo"}]
export fn dedupe(items, {by = "email"}) {
  let kept = []
  let places = {}
  for contact in items {
    let key = key_of(contact, by)
    let place = if key == null { null } else { places[key] }
    if place == null {
      if key != null { places[key] = kept.length }
      kept.push(contact.copy())
    } else {
      for [name, value] in contact { kept[place][name] ??= value }
    }
  }
  kept
}

/// Creates or updates contacts from a CSV file with a header. Columns that are no fields of a contact become custom
/// attributes; `rename` maps a column's name to another one, empty fields are left out. Gives
/// `{imported, failed}`, where `failed` lists `{row, message}`: a bad row does not stop the others.
///
///     import_csv("contacts.csv", rename: {"E-Mail": "email"})
export fn import_csv(path, {by = "email", rename = {}, role = "user", limit = 8}) {
  let failed = []
  var imported = 0
  var first_row = 1
  for rows in csv.read(path).chunk(200) {
    let outcomes = parallel(rows, row => {
      try {
        contacts.upsert(contact_of(row, rename, role), by: by)
        null
      } catch e {
        e.message
      }
    }, limit: limit)
    for [i, message] in outcomes.enumerate() {
      if message == null { imported += 1 } else { failed.push({row: first_row + i, message: message}) }
    }
    first_row += rows.length
  }
  return {imported, failed}
}

fn contact_of(row, rename, role) {
  let contact = {role: role}
  let custom = {}
  for [column, text] in row {
    if text == "" { continue }
    let name = rename[column] ?? column
    if name.starts_with("custom_attributes.") {
      custom[name.slice(18)] = text
    } else if !own_fields.contains(name) {
      custom[name] = text
    } else if name.ends_with("_at") {
      contact[name] = time.parse(text)
    } else if name == "unsubscribed_from_emails" {
      contact[name] = text.lower() == "true"
    } else {
      contact[name] = text
    }
  }
  if len(custom) > 0 { contact.custom_attributes = custom }
  contact
}

/// Writes contacts to a CSV file, page by page: all of them, or those of `source` (a search, a list). `fields` may name
/// custom attributes as `custom_attributes.plan`. Gives how many there were.
///
///     export_csv("users.csv", source: contacts where role == "user")
export fn export_csv(path, {fields = ["id", "role", "email", "name", "external_id", "created_at"], source = null}) {
  fs.write(path, csv.stringify([fields]))
  var count = 0
  for page in stream(source ?? contacts.list()).chunk(500) {
    fs.append(path, csv.stringify(page.map(contact => fields.map(field => field_of(contact, field)))))
    count += page.length
  }
  count
}

fn field_of(contact, path) {
  var value = contact
  for part in path.split(".") {
    value = value?[part]
  }
  value
}

/// Puts a tag, which is made when it is not there, on each contact of a list or a stream. Gives how many there were.
///
///     tag_all(contacts where custom_attributes.plan == "pro", "customer")
export fn tag_all(items, name, {limit = 8}) {
  let tag = tags.create({name: name})
  var count = 0
  for page in stream(items).chunk(200) {
    parallel(page, contact => contacts.attach_tag(contact.id, {id: tag.id}), limit: limit)
    count += page.length
  }
  count
}

/// Merges every lead into the user with the same e-mail address (or another field, with `by`). With `dry_run` nothing
/// is changed. Gives a list of `{key, into, merged}` with the ids.
///
///     merge_duplicates(dry_run: true)
export fn merge_duplicates({by = "email", source = null, dry_run = false}) {
  // Only what is needed of each contact is kept: a workspace has more contacts than a script has memory.
  let groups = {}
  for contact in source ?? contacts.list() {
    let key = key_of(contact, by)
    if key == null { continue }
    groups[key] ??= {users: [], leads: []}
    if contact.role == "user" { groups[key].users.push(contact.id) } else { groups[key].leads.push(contact.id) }
  }
  let merged = []
  for [key, group] in groups {
    // Two users with one address are different people or accounts: nobody can tell here which one is meant.
    if group.users.length != 1 || group.leads.length == 0 { continue }
    let into = group.users[0]
    if !dry_run {
      for lead in group.leads { contacts.merge(lead, into: into) }
    }
    merged.push({key: key, into: into, merged: group.leads})
  }
  merged
}

"""####
    case "std/dates": return ####"""
// Calendar arithmetic on timestamps. All take the zone whose calendar is meant; it is UTC unless said otherwise.

import { pluralize } from "std/text"

/// The start of the day in which a timestamp lies.
///
///     >>> time.format(start_of_day(time.parse("2024-05-01T15:30:00Z")))
///     "2024-05-01T00:00:00Z"
///     >>> time.format(start_of_day(time.parse("2024-05-01T23:30:00Z"), zone: "Europe/Berlin"))
///     "2024-05-01T22:00:00Z"
export fn start_of_day(ts, {zone = "UTC"}) {
  time.parse(time.format(ts, "yyyy-MM-dd", zone: zone), zone: zone)
}

fn days_in(year, month) {
  if month == 2 { return if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 29 } else { 28 } }
  if [4, 6, 9, 11].contains(month) { 30 } else { 31 }
}

fn two(n) { str(n).pad_start(2, "0") }

/// A timestamp `months` later (or earlier, when negative) at the same time of day. A day that the month does not have
/// becomes its last one.
///
///     >>> time.format(add_months(time.parse("2024-01-31T12:00:00Z"), 1))
///     "2024-02-29T12:00:00Z"
///     >>> time.format(add_months(time.parse("2024-01-31"), -2), "yyyy-MM-dd")
///     "2023-11-30"
export fn add_months(ts, months, {zone = "UTC"}) {
  let p = time.parts(ts, zone: zone)
  let month_count = p.year * 12 + p.month - 1 + months
  let year = month_count ~/ 12
  let month = month_count % 12 + 1
  let day = math.min(p.day, days_in(year, month))
  let date = "{{str(year).pad_start(4, "0")}}-{{two(month)}}-{{two(day)}}"
  time.parse("{{date}}T{{two(p.hour)}}:{{two(p.minute)}}:{{two(p.second)}}", zone: zone)
}

/// How many midnights lie between two timestamps: 1 from late yesterday to early today. Negative when `b` is earlier.
///
///     >>> days_between(time.parse("2024-02-28T23:00:00Z"), time.parse("2024-03-01T01:00:00Z"))
///     2
export fn days_between(a, b, {zone = "UTC"}) {
  // Rounded: a day with a change of the clocks has 23 or 25 hours.
  math.round((start_of_day(b, zone: zone) - start_of_day(a, zone: zone)) / 1d)
}

let units = [[365d, "year"], [30d, "month"], [7d, "week"], [1d, "day"], [1h, "hour"], [1m, "minute"], [1s, "second"]]

/// How long ago a timestamp is, or how far ahead, in words. `from` is what counts as now.
///
///     >>> humanize(1000, from: 1000 + 5m)
///     "5 minutes ago"
///     >>> humanize(1000 + 3d, from: 1000)
///     "in 3 days"
///     >>> humanize(1000, from: 1002)
///     "just now"
export fn humanize(ts, {from: base = now()}) {
  let distance = math.abs(ts - base)
  if distance < 5 { return "just now" }
  let [seconds, unit] = units.find(u => distance >= u[0])
  let amount = pluralize(math.floor(distance / seconds), unit)
  if ts < base { "{{amount}} ago" } else { "in {{amount}}" }
}

let month_names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
let year_first = regex('^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$')
let day_first = regex('^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$')
let month_first = regex('^(\d{1,2})/(\d{1,2})/(\d{4})$')
let day_and_name = regex('^(\d{1,2})(?:\.|st|nd|rd|th)?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})$')
let name_and_day = regex('^([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$')

fn month_number(name) {
  let index = month_names.index_of(name.slice(0, 3).lower())
  if index == null { null } else { index + 1 }
}

// The [year, month, day] that a text says, or null.
fn date_parts(text) {
  if let m = year_first.match(text) { return m.groups }
  if let m = day_first.match(text) { return [m.groups[2], m.groups[1], m.groups[0]] }
  if let m = month_first.match(text) { return [m.groups[2], m.groups[0], m.groups[1]] }
  if let m = day_and_name.match(text) { return [m.groups[2], month_number(m.groups[1]), m.groups[0]] }
  if let m = name_and_day.match(text) { return [m.groups[2], month_number(m.groups[0]), m.groups[1]] }
  null
}

/// The timestamp of a date as people write it: ISO 8601, `1.5.2024` (day first), `5/1/2024` (month first), `1 May
/// 2024`, `May 1, 2024`, `today`, `yesterday`, `tomorrow`. Any other text is E_VALUE.
///
///     >>> time.format(parse_date("May 1, 2024"), "yyyy-MM-dd")
///     "2024-05-01"
///     >>> parse_date("1.5.2024") == parse_date("5/1/2024")
///     true
export fn parse_date(text, {zone = "UTC"}) {
  let said = text.trim()
  let word = said.lower()
  let days = {yesterday: -1, today: 0, tomorrow: 1}[word]
  // From noon, so that a day with 23 or 25 hours is still the next one.
  if days != null { return start_of_day(start_of_day(now(), zone: zone) + 12h + days * 1d, zone: zone) }
  if let [year, month, day] = date_parts(said) {
    if month != null { return time.parse("{{year}}-{{two(month)}}-{{two(day)}}", zone: zone) }
  }
  time.parse(said, zone: zone)
}

"""####
    case "std/messages": return ####"""
// Messages to many contacts.

/// Sends a message to each contact of a list or a stream, at most `rate` a second. `body` (and `subject`) is a text, or
/// a function that makes it of the contact; a contact for whom it gives null is left out. With `dry_run` nothing is
/// sent, and what would be is printed. Gives `{sent, skipped, failed}`, where `failed` lists `{id, message}`: one that
/// fails does not stop the others.
///
///     broadcast(contacts where role == "user", c => "Hi {{first_name(c.name) ?? "there"}}!", dry_run: true)
export fn broadcast(to, body, {from: sender = null, type: kind = "in_app", subject = null, template = null, rate = 10,
  dry_run = false}) {
  assert(rate > 0, "a broadcast needs a rate above 0")
  let failed = []
  var sent = 0
  var skipped = 0
  for contact in to {
    let text = text_for(contact, body)
    if text == null {
      skipped += 1
      continue
    }
    let title = text_for(contact, subject)
    if dry_run {
      print("would send to {{contact.email ?? contact.id}}: {{if title == null { "" } else { title + " | " }}}{{text}}")
      sent += 1
      continue
    }
    if sent + failed.length > 0 { sleep(1 / rate) }
    try {
      messages.send({from: sender, to: contact, body: text, type: kind, subject: title, template: template})
      sent += 1
    } catch e {
      failed.push({id: contact.id, message: e.message})
    }
  }
  return {sent, skipped, failed}
}

fn text_for(contact, source) {
  if type(source) == "function" { source(contact) } else { source }
}

"""####
    case "std/retry": return ####"""
// Trying again what may fail.

/// Calls a function until it succeeds, at most `times` times, and gives its value. Between two attempts it waits
/// `backoff` seconds, twice as long each time. With `on`, a list of error kinds, every other error is thrown at once.
/// The last error is thrown as it is.
///
///     >>> retry(() => 42)
///     42
///     >>> let calls = [0]
///     >>> retry(() => { calls[0] += 1; if calls[0] < 3 { throw "not yet" }; calls[0] }, times: 5, backoff: 0)
///     3
export fn retry(action, {times = 3, backoff = 1s, on: kinds = null}) {
  assert(times >= 1, "retry takes at least one attempt")
  var attempt = 1
  var pause = backoff
  while true {
    try {
      return action()
    } catch e {
      if attempt >= times || kinds != null && !kinds.contains(e.kind) { throw e }
    }
    sleep(pause)
    attempt += 1
    pause *= 2
  }
}

"""####
    case "std/table": return ####"""
// Lists of maps for people.

import { truncate } from "std/text"

let control_characters = regex('[\x00-\x1f\x7f-\u009f\u202a-\u202e\u2066-\u2069]')

fn cell(value, width) {
  let text = if value == null { "" } else { str(value) }
  truncate(control_characters.replace(text, " "), width)
}

/// Prints a list of maps as a table. The columns are the maps' keys, or those that `columns` names; numbers stand on
/// the right, and what is longer than `width` is cut.
///
///     table([{name: "Ada", plan: "pro", age: 36}, {name: "Bo", age: 7}])
///
///     name  plan  age
///     ────  ────  ───
///     Ada   pro    36
///     Bo            7
export fn table(rows, {columns = null, width = 40}) {
  for line in table_lines(rows, columns: columns, width: width) { print(line) }
}

/// The lines that `table` prints.
///
///     >>> table_lines([{name: "Ada", age: 36}])
///     ["name  age", "────  ───", "Ada    36"]
export fn table_lines(rows, {columns = null, width = 40}) {
  let names = columns ?? rows.flat_map(row => row.keys()).unique()
  if names.length == 0 { return [] }
  let titles = names.map(name => cell(name, width))
  let cells = rows.map(row => names.map(name => cell(row[name], width)))
  let widths = titles.map((title, i) => [title, ...cells.map(line => line[i])].map(text => text.length).max())
  let is_number = names.map(name => rows.any(row => row[name] != null)
    && rows.all(row => row[name] == null || ["int", "float"].contains(type(row[name]))))
  let line = texts => texts.map((text, i) =>
    if is_number[i] { text.pad_start(widths[i], " ") } else { text.pad_end(widths[i], " ") }).join("  ").trim_end()
  [line(titles), line(widths.map(w => "─".repeat(w))), ...cells.map(line)]
}

"""####
    case "std/test": return ####"""
// Tests of scripts, as scripts: a failed one is reported and the others still run; the program then ends with 1.

/// Runs a test and prints whether it passed.
///
///     >>> test("sums", () => expect(1 + 1).to_equal(2))
export fn test(name, body) {
  try {
    body()
    print("ok      {{name}}")
  } catch e {
    print("FAILED  {{name}}: {{e.message}}")
    // A task that nobody waits for: its error is reported at the end, with its place, and makes the program fail.
    spawn(() => { throw e })
  }
}

fn shown(value) { str([value]).slice(1, -1) }

fn check(holds, message) {
  if !holds { throw error(message, kind: "E_ASSERT") }
}

/// What a test expects of a value: `to_equal(x)`, `to_be_true()`, `to_be_false()`, `to_be_null()`, `to_contain(x)`,
/// `to_match(pattern)`, and for a function `to_throw(kind)`.
///
///     >>> expect([1, 2]).to_contain(2)
///     null
///     >>> try { expect(1).to_equal(2) } catch e { e.message }
///     "expected 2, and got 1"
export fn expect(value) {
  return {
    to_equal: wanted => check(value == wanted, "expected {{shown(wanted)}}, and got {{shown(value)}}"),
    to_be_true: () => check(value == true, "expected true, and got {{shown(value)}}"),
    to_be_false: () => check(value == false, "expected false, and got {{shown(value)}}"),
    to_be_null: () => check(value == null, "expected null, and got {{shown(value)}}"),
    to_contain: item => check(item in value, "expected {{shown(value)}} to contain {{shown(item)}}"),
    to_match: pattern => check(
      regex(pattern).test(value), "expected {{shown(value)}} to match {{shown(pattern)}}"),
    to_throw: (kind = null) => {
      let thrown = try { value(); null } catch e { e }
      check(thrown != null, "expected an error, and there was none")
      let found = "{{thrown.kind}}: {{thrown.message}}"
      check(kind == null || thrown.kind == kind, "expected an error {{kind}}, and got {{found}}")
    }
  }
}

"""####
    case "std/text": return ####"""
// Words and names for messages.

/// The first name in a full name; null when there is none, so that `??` can say something else.
///
///     >>> first_name("  Ada Lovelace ")
///     "Ada"
///     >>> first_name(null) ?? "there"
///     "there"
///     >>> first_name("Dr. Grace Hopper")
///     "Grace"
export fn first_name(name) {
  if name == null { return null }
  let titles = ["mr", "mrs", "ms", "mx", "dr", "prof", "sir"]
  name.words().find(word => !(titles.contains(word.lower().replace(".", ""))) && !word.ends_with(","))
}

/// A text with a capital letter at the start of every word and small letters behind it.
///
///     >>> title_case("ada LOVELACE")
///     "Ada Lovelace"
export fn title_case(text) {
  text.split(" ").map(word => word.slice(0, 1).upper() + word.slice(1).lower()).join(" ")
}

let plain_letters = {
  "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "a", "á": "a", "à": "a", "â": "a",
  "ã": "a", "ç": "c", "č": "c", "ć": "c", "ď": "d", "é": "e", "è": "e", "ê": "e", "ë": "e", "ě": "e", "ę": "e", "ą": "a",
  "í": "i", "ì": "i", "î": "i", "ï": "i", "ł": "l", "ñ": "n", "ń": "n", "ň": "n", "ó": "o", "ò": "o", "ô": "o", "õ": "o",
  "ř": "r", "š": "s", "ś": "s", "ş": "s", "ť": "t", "ú": "u", "ù": "u", "û": "u", "ů": "u", "ý": "y", "ÿ": "y", "ž": "z",
  "ź": "z", "ż": "z", "ğ": "g", "ı": "i"
}
let not_in_slugs = regex('[^a-z0-9]+')

/// A text as part of an address: small letters and digits with single hyphens between them.
///
///     >>> slug("Crème brûlée, please!")
///     "creme-brulee-please"
export fn slug(text) {
  let plain = text.lower().chars().map(letter => plain_letters[letter] ?? letter).join("")
  let dashed = not_in_slugs.replace(plain, "-")
  let start = if dashed.starts_with("-") { 1 } else { 0 }
  let end = if dashed.length > start && dashed.ends_with("-") { dashed.length - 1 } else { dashed.length }
  dashed.slice(start, end)
}

/// An e-mail address that can be shown: the first letter of the name and the domain.
///
///     >>> mask_email("ada@example.com")
///     "a***@example.com"
export fn mask_email(email) {
  let at = email.index_of("@")
  if at == null || at == 0 { return "***" }
  email.slice(0, 1) + "***" + email.slice(at)
}

/// A text of at most `length` characters. A longer one is cut and ends with `ending`.
///
///     >>> truncate("a long sentence", 8)
///     "a long …"
///     >>> truncate("short", 8)
///     "short"
export fn truncate(text, length, {ending = "…"}) {
  if text.length <= length { return text }
  if ending.length >= length { return ending.slice(0, math.max(length, 0)) }
  text.slice(0, length - ending.length) + ending
}

/// A text in lines of at most `width` characters, broken between words. Longer words stand alone.
///
///     >>> wrap("one two three four", 9)
///     ["one two", "three", "four"]
export fn wrap(text, width) {
  let lines = []
  var line = ""
  for word in text.words() {
    if line == "" {
      line = word
    } else if line.length + 1 + word.length <= width {
      line = "{{line}} {{word}}"
    } else {
      lines.push(line)
      line = word
    }
  }
  if line != "" { lines.push(line) }
  lines
}

/// A number with its noun. Without `plural` an `s` is added, or `es` and `ies` where English wants them.
///
///     >>> pluralize(1, "contact")
///     "1 contact"
///     >>> pluralize(3, "company")
///     "3 companies"
///     >>> pluralize(2, "person", "people")
///     "2 people"
export fn pluralize(count, singular, plural = null) {
  let noun = if count == 1 { singular } else { plural ?? plural_of(singular) }
  "{{count}} {{noun}}"
}

fn plural_of(noun) {
  let before_last = noun.slice(-2, -1)
  if noun.ends_with("y") && !(before_last in "aeiou") { return noun.slice(0, -1) + "ies" }
  if ["s", "x", "z", "ch", "sh"].any(ending => noun.ends_with(ending)) { return noun + "es" }
  noun + "s"
}

"""####
    default: return nil
    }
  }
}
