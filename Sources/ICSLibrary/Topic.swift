// Which rows belong together. A script that uses one built-in makes the rows of its topic and of no other.

import ICSVM

/// A group of built-ins that is described in one place and made at one time.
package enum Topic: String, CaseIterable, Sendable {
  case output, conversions, errors, tasks, sequences, json
  case csv, time, math, random, hashing, urls, regex, files, http
  case steps, queries
  case strings, lists, listFunctions, listShapes, maps, ranges, streams, taskMethods

  /// The rows of the topic.
  package var rows: [BuiltIn] {
    switch self {
    case .output: BuiltIn.output
    case .conversions: []
    case .errors: []
    case .tasks: []
    case .sequences: []
    case .json: []
    case .csv: []
    case .time: []
    case .math: []
    case .random: []
    case .hashing: []
    case .urls: []
    case .regex: []
    case .files: []
    case .http: []
    case .steps: []
    case .queries: []
    case .strings: []
    case .lists: []
    case .listFunctions: []
    case .listShapes: []
    case .maps: []
    case .ranges: []
    case .streams: []
    case .taskMethods: []
    }
  }

  /// The topics that hold a type's methods.
  static func methods(of tag: UInt8) -> [Topic] {
    switch tag {
    case Tag.string: [.strings]
    case Tag.list: [.lists, .listFunctions, .listShapes]
    case Tag.map: [.maps]
    case Tag.range: [.ranges, .listFunctions, .listShapes]
    case Tag.stream: [.streams]
    case Tag.task: [.taskMethods]
    default: []
    }
  }

  /// The names of the prelude, each with the topic that holds its row or, for a module, its members' rows.
  ///
  /// The order gives the names their numbers in compiled code; it need not be stable, since nothing keeps compiled code.
  static let prelude: [(name: String, topic: Topic)] = [
    ("print", .output), ("log", .output), ("progress", .output),
    ("len", .conversions), ("type", .conversions), ("str", .conversions), ("int", .conversions),
    ("float", .conversions), ("bool", .conversions), ("format", .conversions),
    ("error", .errors), ("assert", .errors),
    ("now", .tasks), ("sleep", .tasks), ("parallel", .tasks), ("spawn", .tasks),
    ("range", .sequences), ("stream", .sequences),
    ("json", .json), ("csv", .csv), ("time", .time), ("math", .math),
    ("random", .random), ("uuid", .random),
    ("hash", .hashing), ("base64", .hashing), ("url", .urls), ("regex", .regex),
    ("fs", .files), ("env", .files), ("args", .files), ("http", .http),
    ("__spawn", .tasks), ("__wait_any", .tasks), ("__is_done", .tasks), ("__cancel", .tasks), ("__result", .tasks),
    ("__step", .steps), ("__on", .steps), ("__every", .steps), ("__wait", .steps),
    ("__where", .queries), ("__key", .listShapes), ("__less", .listShapes), ("__host_where", .queries),
  ]
}
