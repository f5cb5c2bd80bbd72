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
    case .output: OutputFunctions.rows
    case .conversions: Conversions.rows
    case .errors: ErrorFunctions.rows
    case .tasks: TaskFunctions.rows
    case .sequences: SequenceFunctions.rows
    case .json: JSONFunctions.rows
    case .csv: CSVFunctions.rows
    case .time: TimeFunctions.rows
    case .math: MathFunctions.rows
    case .random: RandomFunctions.rows
    case .hashing: HashFunctions.rows
    case .urls: URLFunctions.rows
    case .regex: RegexFunctions.rows
    case .files: FileFunctions.rows
    case .http: HTTPFunctions.rows
    case .steps: StepFunctions.rows
    case .queries: QueryFunctions.rows
    case .strings: StringMethods.rows
    case .lists: ListMethods.rows
    case .listFunctions: ListFunctions.rows
    case .listShapes: ListShapes.rows
    case .maps: MapMethods.rows
    case .ranges: RangeMethods.rows
    case .streams: StreamMethods.rows
    case .taskMethods: TaskFunctions.methods
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
    ("print", .output), ("log", .output), ("progress", .output), ("__progress_start", .output), ("__progress", .output),
    ("len", .conversions), ("type", .conversions), ("str", .conversions), ("int", .conversions),
    ("float", .conversions), ("bool", .conversions), ("format", .conversions),
    ("error", .errors), ("assert", .errors),
    ("now", .tasks), ("sleep", .tasks), ("parallel", .tasks), ("spawn", .tasks),
    ("range", .sequences), ("stream", .sequences), ("__describe", .sequences),
    ("json", .json), ("csv", .csv), ("time", .time), ("math", .math),
    ("random", .random), ("uuid", .random),
    ("hash", .hashing), ("base64", .hashing), ("url", .urls), ("regex", .regex),
    ("fs", .files), ("env", .files), ("args", .files), ("http", .http),
    ("__csv_open", .csv), ("__csv_next", .csv), ("__csv_stringify", .csv), ("__csv_write", .csv),
    ("__lines_open", .files), ("__lines_next", .files),
    ("__spawn", .tasks), ("__wait_any", .tasks), ("__is_done", .tasks), ("__cancel", .tasks), ("__workers", .tasks),
    ("__parallel_done", .tasks),
    ("__step", .steps), ("__within", .steps), ("__check_step", .steps), ("__on", .steps), ("__every", .steps),
    ("__wait", .steps),
    ("__where", .queries), ("__is_host", .queries), ("__module", .queries),
    ("__extend", .listShapes), ("__sum", .listShapes), ("__extreme", .listShapes), ("__sort", .listShapes),
    ("__sort_by", .listShapes), ("__unique_by", .listShapes), ("__pick", .maps), ("__size", .streams),
  ]
}
