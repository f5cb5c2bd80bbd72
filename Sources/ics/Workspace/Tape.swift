// `--record` and `--replay`: what a run is written to, or answered from.

import ICSJSON
import IntercomAPI
import IntercomScript

/// The recording of a run, in one of its two directions, or none.
struct Tape: Sendable {
  /// Where exchanges go.
  let recorder: Recorder?
  /// What answers requests.
  let recording: Recording?
  /// The time of a replay.
  let clock: ReplayClock?
  private let file: RecordingFile?
  /// What chance begins with.
  let seed: UInt64

  /// Neither recorded nor replayed.
  static let none = Tape(recorder: nil, recording: nil, clock: nil, file: nil, seed: 0)

  private init(recorder: Recorder?, recording: Recording?, clock: ReplayClock?, file: RecordingFile?, seed: UInt64) {
    (self.recorder, self.recording, self.clock, self.file, self.seed) = (recorder, recording, clock, file, seed)
  }

  /// A recording can be many times larger than a script.
  private static let maximumSize = 1 << 30

  /// Writes a recording to a file, which is opened at once and emptied when there is something to write.
  static func recording(to path: String) throws(InputError) -> Tape {
    let file = try RecordingFile(path)
    var generator = SystemRandomNumberGenerator()
    let seed = generator.next()
    let facts: JSONObject = [
      "made_by": .string("ics \(Version.number)"), "random_seed": .int(Int(truncatingIfNeeded: seed)),
    ]
    let recorder = Recorder(secrets: KnownSecrets.all, facts: facts) { file.write($0) }
    return Tape(recorder: recorder, recording: nil, clock: nil, file: file, seed: seed)
  }

  /// Answers from a recording.
  static func replaying(_ path: String) throws(InputError) -> Tape {
    let bytes = try InputFile.read(path, limit: maximumSize)
    let recording: Recording
    do throws(APIError) {
      recording = try Recording(bytes, secrets: KnownSecrets.all)
    } catch {
      throw InputError(message: "cannot replay '\(path)': \(error.message)", isMissing: false)
    }
    let seed = UInt64(truncatingIfNeeded: recording.facts["random_seed"]?.intValue ?? 0)
    return Tape(recorder: nil, recording: recording, clock: ReplayClock(recording.times), file: nil, seed: seed)
  }

  /// Makes a session's chance and time those of the recording.
  func apply(to configuration: inout SessionConfiguration) {
    guard recorder != nil || recording != nil else { return }
    configuration.randomSeed = seed
    configuration.deliversInOrder = true
    if let clock {
      configuration.wallClock = { clock.wallTime() }
      configuration.clock = { clock.nanoseconds() }
      configuration.sleepUntil = { await clock.sleep(until: $0) }
    } else if recorder != nil {
      let wallClock = configuration.wallClock
      configuration.wallClock = { wallTime(wallClock) }
    }
  }

  /// Unix seconds: those of a replay, else those of a clock, which a recording keeps.
  func wallTime(_ system: () -> Double) -> Double {
    if let clock { return clock.wallTime() }
    let time = system()
    // Scripts see whole seconds; a time beyond what a number holds is no time.
    if let recorder, let seconds = Int(exactly: time.rounded(.down)) { recorder.record(time: seconds) }
    return time
  }

  /// Ends a recording. Gives why it is not complete, if it is not.
  func finish() -> String? {
    recorder?.finish()
    return file?.problem
  }

  /// Leaves a file as it was: the script did not run.
  func discard() { file?.discard() }
}
