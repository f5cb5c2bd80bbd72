// What SQLite says, in the store's own words.

import GRDB
import ICSDurable

/// Carries a store's error through functions that throw anything.
struct DurableErrorBox: Error {
  let error: DurableError
  init(_ error: DurableError) { self.error = error }
}

/// A journal entry or body that cannot be read: the run is parked, and nothing else suffers.
struct Unreadable: Error {
  var kind: ParkReason.Kind = .unreadable
  var message: String
  var ordinal: StepOrdinal?

  var reason: ParkReason { ParkReason(kind, message, at: ordinal) }
}

extension DurableError {
  /// What an error of the database or of our own means to the caller.
  init(_ error: any Error, path: String) {
    switch error {
    case let error as DurableError: self = error
    case let box as DurableErrorBox: self = box.error
    case let unreadable as Unreadable: self = .unavailable(.failing, detail: unreadable.message)
    case let error as DatabaseError:
      let detail = error.message ?? "SQLite's error \(error.extendedResultCode.rawValue)"
      switch error.resultCode {
      case .SQLITE_FULL: self = .unavailable(.full, detail: detail)
      case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
        self = .unavailable(.readOnly, detail: detail)
      case .SQLITE_BUSY, .SQLITE_LOCKED: self = .unavailable(.locked, detail: detail)
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, detail: detail)
      default: self = .unavailable(.failing, detail: detail)
      }
    default: self = .unavailable(.failing, detail: "\(error)")
    }
  }

  /// Whether another try with fewer operations may succeed: it is one operation's fault, not the disk's.
  var isOfOneOperation: Bool {
    if case .unavailable(.failing, _) = self { true } else { false }
  }
}
