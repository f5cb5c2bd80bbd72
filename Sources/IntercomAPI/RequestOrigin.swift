// Which call of a program a request belongs to.

/// Tells requests for the same apart in a recording: two calls may send the same body and get different answers.
package enum RequestOrigin {
  /// The number of the call that the task works for; 0 when nobody counts.
  @TaskLocal package static var number = 0
}
