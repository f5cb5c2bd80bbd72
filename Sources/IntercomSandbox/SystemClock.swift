// The time of this machine, the default of a sandbox's clock.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The machine's clock.
public enum SystemClock {
  /// Unix seconds.
  public static func seconds() -> Int { time(nil) }
}
