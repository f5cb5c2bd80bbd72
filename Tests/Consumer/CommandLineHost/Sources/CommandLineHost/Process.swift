// What this process takes from the system.

import CMemory

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum Process {
  /// The bytes that are allocated; 0 where the C library does not count them.
  static var allocatedBytes: Int { Int(allocated_bytes()) }

  /// The threads, those that wait included; 0 where the system does not list them.
  static var threads: Int {
    guard let folder = opendir("/proc/self/task") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return count
  }

  static var cores: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }
}
