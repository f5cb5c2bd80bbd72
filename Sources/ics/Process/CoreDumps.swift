// A crash leaves no file with the process's memory: tokens are in it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum CoreDumps {
  /// Sets the largest core file to nothing, for this process and those that it starts. A system that does not let it has
  /// said so to its administrator; there is nothing else to do.
  static func forbid() {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    #if canImport(Glibc)
      _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    #else
      _ = setrlimit(RLIMIT_CORE, &limit)
    #endif
  }
}
