// Something that is on or off, whoever looks at it from whatever thread.

import Synchronization

final class Switch: Sendable {
  private let state = Atomic<Bool>(false)

  var isOn: Bool { state.load(ordering: .relaxed) }
  func set(_ isOn: Bool) { state.store(isOn, ordering: .relaxed) }
}
