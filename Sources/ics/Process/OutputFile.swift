// Writing files that are named in arguments: a reader sees the old text or the new one, never half of either.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum OutputFile {
  /// Replaces a file in one step. Its mode and its owner stay as far as the system lets us; a link stays a link.
  static func write(_ text: String, to path: String) throws(InputError) {
    let target = Path.resolved(path) ?? path
    var facts = stat()
    let isThere = stat(target, &facts) == 0
    if isThere, access(target, W_OK) != 0 { throw error(path) }
    let temporary = target + ".ics-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isThere ? facts.st_mode & 0o7777 : 0o666)
    guard descriptor >= 0 else { throw error(path) }
    if isThere {
      // The mode of creation was cut by the mask; the group is kept where we may.
      _ = fchown(descriptor, facts.st_uid, facts.st_gid)
      _ = fchmod(descriptor, facts.st_mode & 0o7777)
    }
    var text = text
    let failure = text.withUTF8 { FileDescriptor.write(descriptor, UnsafeRawBufferPointer($0)) }
    let isSynced = fsync(descriptor) == 0 || errno == EINVAL
    close(descriptor)
    guard failure == nil, isSynced, rename(temporary, target) == 0 else {
      if let failure { errno = failure }
      let failed = error(path)
      unlink(temporary)
      throw failed
    }
  }

  private static func error(_ path: String) -> InputError {
    InputError(message: "cannot write '\(path)': \(String(cString: strerror(errno)))")
  }
}
