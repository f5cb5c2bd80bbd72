// An entry in the editor that the person has chosen: the setting, `VISUAL`, `EDITOR`, else `vi`.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum TextEditor {
  private static let maximumSize = 16 << 20

  /// Lets a text be changed; `nil` when there is no editor, or it gave up.
  static func edit(_ text: String) -> String? {
    var template = Array(((Environment["TMPDIR"] ?? "/tmp") + "/ics-XXXXXX.ics").utf8CString)
    let descriptor = mkstemps(&template, 4)
    let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    guard descriptor >= 0 else { return complain(String(cString: strerror(errno))) }
    defer { unlink(path) }
    var content = text + "\n"
    let failure = content.withUTF8 { FileDescriptor.write(descriptor, UnsafeRawBufferPointer($0)) }
    close(descriptor)
    if let failure { return complain("'\(path)' cannot be written: \(String(cString: strerror(failure)))") }
    let editor = Settings.shared[.editor] ?? Environment["VISUAL"] ?? Environment["EDITOR"] ?? "vi"
    StandardOutput.shared.flush()
    // The shell takes the editor's own arguments apart; the path is its first argument, whatever it is called.
    guard let child = ChildProcess.start(["/bin/sh", "-c", editor + " \"$1\"", "sh", path]) else {
      return complain("'\(editor)' cannot be started")
    }
    let status = child.wait()
    guard status == 0 else { return complain("'\(editor)' ended with \(status)") }
    do throws(InputError) {
      return String(decoding: try InputFile.read(path, limit: maximumSize), as: UTF8.self)
    } catch {
      return complain(error.message)
    }
  }

  private static func complain(_ reason: String) -> String? {
    Reporter().error("the entry was not changed: \(reason)")
    return nil
  }
}
