// The machine's clocks, for those who serve.

import ICSDurable

extension Timestamp {
  /// What the wall clock says.
  package static var now: Timestamp { SystemClock().now().wall }
}

extension Moment {
  /// Both clocks.
  package static var now: Moment { SystemClock().now() }
}
