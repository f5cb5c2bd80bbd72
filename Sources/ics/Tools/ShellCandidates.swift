// What the shell offers behind the arguments of commands, asked of ics itself: topics, codes, accounts, runs.

import ArgumentParser
import Dispatch
import ICSDiagnostics
import ICSDurable
import IntercomAPI
import IntercomCatalogue
import Synchronization

/// Nothing here says why it offers nothing: somebody is typing, and the command itself will say it.
enum ShellCandidates {
  static let topics = CompletionKind.custom { _, _, _ in Catalogue.shared.webhookTopics.map(\.name) }
  static let codes = CompletionKind.custom { _, _, _ in ErrorCode.table.map(\.code.rawValue) }
  static let collections = CompletionKind.custom { _, _, _ in Catalogue.shared.collections }
  static let settings = CompletionKind.list(Setting.allCases.map(\.rawValue))
  static let accounts = CompletionKind.custom { _, _, _ in
    (try? AccountStore.ofThisUser.records().map(\.name)) ?? []
  }
  /// Paths without placeholders; those with ids are typed.
  static let paths = CompletionKind.custom { _, _, _ in
    var paths: Set<String> = []
    for operation in Catalogue.shared.operations where !operation.path.contains("{") { paths.insert(operation.path) }
    return paths.sorted()
  }
  static let runs = CompletionKind.custom { _, _, _ in
    numbers { store in
      var filter = RunFilter()
      filter.limit = maximumCount
      return try await store.runs(filter).map { "\($0.id)" }
    }
  }
  static let events = CompletionKind.custom { _, _, _ in
    numbers { store in
      var filter = EventFilter()
      filter.limit = maximumCount
      return try await store.events(filter).map { "\($0.id)" }
    }
  }

  private static let maximumCount = 100

  private final class Box: Sendable {
    let found = Mutex<[String]>([])
  }

  /// The parser asks on the main thread, which has nothing else to do; a store that is slow has nothing to offer.
  private static func numbers(
    _ read: @escaping @Sendable (any DurableStore) async throws -> [String]
  ) -> [String] {
    let box = Box()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      if let location = try? StoreLocation(nil), location.exists, let store = try? location.open() {
        let numbers = (try? await read(store)) ?? []
        box.found.withLock { $0 = numbers }
        await store.close()
      }
      done.signal()
    }
    _ = done.wait(timeout: .now() + 2)
    return box.found.withLock { $0 }
  }
}
