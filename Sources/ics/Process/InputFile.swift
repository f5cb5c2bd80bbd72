// Reading the files that are named in arguments.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a file of the command line cannot be read; a sentence for people.
struct InputError: Error {
  let message: String
  /// Whether the file is not there or cannot be read; else it is there and of no use.
  var isMissing = true
}

enum InputFile {
  /// The bytes of a file, of a pipe that has a name, or, as `-`, of standard input.
  static func read(_ path: String, limit: Int) throws(InputError) -> [UInt8] {
    if path == "-" { return try readAll(STDIN_FILENO, name: "standard input", limit: limit) }
    // Opened once and read from the descriptor: what is at the path may change meanwhile.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw error(path) }
    defer { close(descriptor) }
    return try readAll(descriptor, name: path, limit: limit)
  }

  private static func readAll(_ descriptor: Int32, name: String, limit: Int) throws(InputError) -> [UInt8] {
    var facts = stat()
    let size = fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : 0
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(size, limit) + 1)
    var piece = [UInt8](repeating: 0, count: min(max(size + 1, 4096), 1 << 20))
    while true {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, &piece, piece.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, &piece, piece.count)
      #else
        let count = Darwin.read(descriptor, &piece, piece.count)
      #endif
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw error(name)
      }
      bytes += piece[..<count]
      guard bytes.count <= limit else {
        throw InputError(message: "'\(name)' is too large: more than \(limit) bytes")
      }
    }
  }

  private static func error(_ path: String) -> InputError {
    switch errno {
    case ENOENT: InputError(message: "there is no file '\(path)'")
    case EISDIR: InputError(message: "'\(path)' is a folder, not a file")
    case let code: InputError(message: "cannot read '\(path)': \(String(cString: strerror(code)))")
    }
  }
}
