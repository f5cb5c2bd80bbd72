// Events and runs on the terminal and as JSON.

import ICSDiagnostics
import ICSDurable
import ICSJSON

extension RunState {
  /// The word that other programs rely on: a run that waits behind another is ready, one between two tries has failed.
  var word: String {
    switch self {
    case .queued: "ready"
    case .retrying: "failed"
    default: description
    }
  }

  /// The states that a word stands for; nil for no such word.
  static func named(_ word: String) -> Set<RunState>? {
    let found = allCases.filter { $0.word == word || $0.description == word }
    return found.isEmpty ? nil : Set(found)
  }

  /// The words for a message.
  static var words: [String] { ["ready", "running", "waiting", "done", "failed", "dead", "parked", "cancelled"] }
}

extension Timestamp {
  /// Seconds with three digits behind the point.
  var json: JSONValue { .double(Double(milliseconds) / 1000) }
  /// `2026-01-05 09:00:00`
  var shown: String { "\(description.prefix(10)) \(description.dropFirst(11).prefix(8))" }
}

extension Failure {
  var json: JSONValue {
    ["code": .string(code), "message": .string(message), "place": place.map(JSONValue.string) ?? .null]
  }

  var shown: String { "\(code): \(message)" + (place.map { " (\($0))" } ?? "") }
}

extension RunRecord {
  /// The fields that other programs rely on.
  func json(topic: String?) -> JSONObject {
    [
      "id": .int(id.rawValue), "state": .string(state.word), "hook": .string(hook),
      "topic": topic.map(JSONValue.string) ?? .null, "attempts": .int(attempt), "created_at": .int(createdAt.seconds),
      "event": event.map { .int($0.rawValue) } ?? .null, "job": .bool(isJob),
      "due_at": dueAt?.json ?? .null, "ended_at": endedAt?.json ?? .null, "error": failure?.json ?? .null,
      "reason": parked.map { .string($0.message) } ?? .null,
    ]
  }

  /// One line for people.
  func line(topic: String?) -> [String] {
    var note = ""
    switch state {
    case .retrying, .waiting: note = dueAt.map { "until \($0.shown)" } ?? ""
    case .dead: note = failure?.shown ?? ""
    case .parked: note = parked?.message ?? ""
    default: break
    }
    return [id.description, state.word, hook, topic ?? "", String(attempt), createdAt.shown, note]
  }
}

extension StepRecord {
  var json: JSONValue {
    [
      "ordinal": .string(ordinal.description), "kind": .string(kind.rawValue), "name": .string(name),
      "state": .string("\(state)"), "attempts": .int(attempt), "started_at": startedAt.json,
      "ended_at": endedAt?.json ?? .null, "due_at": dueAt?.json ?? .null, "place": .string(codeSpan),
      "input": input ?? .null, "output": result ?? .null, "error": failure?.json ?? .null,
    ]
  }
}

extension AttemptRecord {
  var json: JSONValue {
    [
      "number": .int(number), "state": .string(ending?.rawValue ?? "running"), "worker": .string(worker),
      "version": .string(String(program.prefix(12))), "started_at": startedAt.json, "ended_at": endedAt?.json ?? .null,
      "error": failure?.json ?? .null,
    ]
  }
}

extension EventRecord {
  /// The state of the run that needs most attention; an event without runs is done.
  var state: RunState {
    let order: [RunState] = [.dead, .parked, .retrying, .running, .ready, .queued, .waiting, .cancelled]
    let states = Set(runs.map(\.state))
    return order.first { states.contains($0) } ?? .done
  }

  func json(withBody: Bool = false) -> JSONObject {
    var object: JSONObject = [
      "id": .int(id.rawValue), "state": .string(state.word),
      "hook": runs.first.map { .string($0.hook) } ?? .null, "topic": .string(topic),
      "attempts": .int(runs.map(\.attempt).max() ?? 0), "created_at": .int(receivedAt.seconds),
      "notification": .string(externalID), "source": .string(source), "account": .string(tenant),
      "duplicates": .int(duplicates), "runs": .array(runs.map { .int($0.id.rawValue) }),
    ]
    // The body was JSON when it was stored.
    if withBody { object["body"] = (try? JSONValue(parsing: payload)) ?? .null }
    return object
  }

  var line: [String] {
    let hooks = runs.map { "\($0.hook) (run \($0.id))" }.joined(separator: ", ")
    return [id.description, state.word, topic, receivedAt.shown, hooks.isEmpty ? "no hook" : hooks]
  }
}

/// A table for people: columns as wide as their widest cell, the last one as it is.
enum Columns {
  static func write(_ header: [String], _ rows: [[String]]) {
    let rows = [header] + rows.map { $0.map { terminalSafe($0) } }
    let widths = header.indices.map { column in rows.map { displayWidth($0[column]) }.max() ?? 0 }
    var text = ""
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        if column < row.count - 1 {
          line += String(repeating: " ", count: max(0, widths[column] - displayWidth(cell)) + 2)
        }
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    StandardOutput.shared.write(text)
  }
}
