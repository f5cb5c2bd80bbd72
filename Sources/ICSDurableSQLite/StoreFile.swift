// The file of a store before SQLite sees it: whose it is, and on what disk.

import Foundation
import ICSDurable
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which process this is: what a lease says about who has it.
struct ProcessIdentity: Sendable, Hashable {
  /// The machine's start, the process's number and when it began: no two processes have all three in common.
  let text: String

  static let current = ProcessIdentity(text: "\(bootID)/\(getpid())/\(startTime(of: getpid()) ?? 0)")

  /// Whether the process that wrote a lease is still there. When that cannot be known, it is taken for alive.
  static func isAlive(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 3, let pid = pid_t(parts[1]), pid > 0 else { return true }
    guard parts[0] == bootID else { return false }
    guard kill(pid, 0) == 0 || errno == EPERM else { return false }
    guard let start = startTime(of: pid), let recorded = Int(parts[2]), recorded != 0 else { return true }
    return start == recorded
  }

  private static let bootID: String = {
    let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)  // Linux alone has it.
    return text.map { String($0.prefix(8)) } ?? ""
  }()

  /// When a process began, in the kernel's ticks; `nil` where that cannot be found out.
  private static func startTime(of pid: pid_t) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
    // The second field is the program's name in parentheses, which may hold anything.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? Int(fields[19]) : nil
  }
}

/// The lock that makes a process the one that serves a store. It is the kernel's: it ends with the process, however
/// that ends.
final class OwnerLock: Sendable {
  /// -1 once it is given back.
  private let descriptor: Mutex<Int32>

  private init(descriptor: Int32) { self.descriptor = Mutex(descriptor) }

  deinit { release() }

  /// Gives the lock back.
  func release() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
  }

  /// Takes the lock of the store at a path.
  ///
  /// - Parameter byForce: Whether another process keeps it from no one: it keeps the lock of a file that is not there
  ///   any more, and whoever comes next sees this one's.
  /// - Throws: ``DurableError/owned(path:pid:)`` when another process has it.
  static func take(for path: String, byForce: Bool) throws(DurableError) -> OwnerLock {
    if byForce { unlink(path + ".lock") }
    let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .unavailable(errno == ENOSPC ? .full : .readOnly, detail: "\(path).lock: \(systemMessage())")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let pid = readPID(descriptor)
      close(descriptor)
      throw .owned(path: path, pid: pid)
    }
    let lock = OwnerLock(descriptor: descriptor)
    let text = Array("\(getpid())\n".utf8)
    // The number is for people; the lock holds without it.
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    return lock
  }

  /// Who has the lock of the store at a path; `nil` when nobody has.
  static func holder(of path: String) -> Int? {
    let descriptor = open(path + ".lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
    return readPID(descriptor)
  }

  private static func readPID(_ descriptor: Int32) -> Int {
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return Int(text.prefix { $0.isNumber }) ?? 0
  }
}

/// The folder and the file.
enum StoreFile {
  /// Makes the file if there is none, readable for its owner alone: it holds what customers wrote.
  static func prepare(_ path: String) throws(DurableError) {
    let folder = (path as NSString).deletingLastPathComponent
    if let type = networkFileSystem(at: folder.isEmpty ? "." : folder) {
      throw .networkFileSystem(path: path, type: type)
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .unavailable(errno == ENOSPC ? .full : .readOnly, detail: "\(path): \(systemMessage())")
    }
    close(descriptor)
  }

  /// The kind of the network file system that a folder is on; `nil` on a disk of this machine.
  static func networkFileSystem(at folder: String) -> String? {
    #if canImport(Darwin)
      var information = statfs()
      guard statfs(folder, &information) == 0 else { return nil }
      return information.f_flags & UInt32(MNT_LOCAL) == 0 ? "network" : nil
    #else
      // Without the list, which every Linux has, nothing is known against the folder.
      guard let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) else { return nil }
      return networkFileSystem(of: URL(fileURLWithPath: folder).resolvingSymlinksInPath().path, mounts: mounts)
    #endif
  }

  /// The kind of the network file system that a folder is on, by the lines of `/proc/self/mountinfo`.
  ///
  /// - Source: `proc_pid_mountinfo(5)`.
  static func networkFileSystem(of folder: String, mounts: String) -> String? {
    var best: (point: String, type: String)?
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { continue }
      let point = fields[4].replacing("\\040", with: " ")
      let isAbove = point == "/" || folder == point || folder.hasPrefix(point + "/")
      // Of two mounts at one place the later one is seen.
      if isAbove, point.utf8.count >= (best?.point.utf8.count ?? 0) { best = (String(point), String(fields[dash + 1])) }
    }
    return best.flatMap { network.contains($0.type) ? $0.type : nil }
  }

  /// The file systems whose files are on another machine.
  private static let network: Set = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "ocfs2", "gpfs", "coda",
    "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse",
  ]
}

private func systemMessage() -> String { String(cString: strerror(errno)) }
