// How a task wakes the thread that waits in `poll`.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct WakePipe: Sendable {
  /// The end to poll.
  let reader: Int32
  private let writer: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    // Without descriptors nothing works, and the first read or write says so.
    _ = pipe(&ends)
    (reader, writer) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  /// Makes `reader` readable. From any thread.
  func ring() {
    var byte: UInt8 = 1
    _ = withUnsafeBytes(of: &byte) { FileDescriptor.write(writer, $0) }
  }

  /// Takes all rings so far.
  func silence() {
    var bytes: (UInt64, UInt64) = (0, 0)
    while read(reader, &bytes, 16) == 16 {}
  }
}
