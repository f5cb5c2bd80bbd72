// The time of this machine, the default of a sandbox's clock.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The machine's clock. Not public: a default value names it.
@usableFromInline
enum SystemClock {
  /// Unix seconds.
  @usableFromInline
  static func seconds() -> Int { time(nil) }
}
