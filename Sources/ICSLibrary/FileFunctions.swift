// `fs`, `env` and `args`: what a script sees of the computer it runs on, with the host's permission.

import ICSVM

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum FileFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "fs.read", "fs.read(path)",
      "The text of a file. Bytes that are no UTF-8 are E_IO, with their offset; `fs.lines` reads what is too large for memory.",
      example: #"""
        // print(fs.read("notes.txt").length)
        """#,
      capability: .files, .native(1...1, read)),
    BuiltIn(
      "fs.write", "fs.write(path, text)", "Writes a text to a file, which is made or replaced.",
      example: #"""
        // fs.write("out.txt", "done\n")
        """#,
      capability: .files, .native(2...2) { (call) throws(Raised) in try write(call, appends: false) }),
    BuiltIn(
      "fs.append", "fs.append(path, text)", "Adds a text at the end of a file, which is made when it is not there.",
      example: #"""
        // fs.append("log.txt", "one more line\n")
        """#,
      capability: .files, .native(2...2) { (call) throws(Raised) in try write(call, appends: true) }),
    BuiltIn(
      "fs.lines", "fs.lines(path)", "The lines of a text file as a stream, which reads the file piece by piece.",
      example: #"""
        // for line in fs.lines("big.log") { print(line.length) }
        """#,
      capability: .files,
      .script("(path) => { let file = __lines_open(path); __stream(() => __lines_next(file)) }")),
    BuiltIn(
      "fs.exists", "fs.exists(path)", "Whether there is a file or a folder of that name.",
      example: #"""
        // print(fs.exists("notes.txt"))
        """#,
      capability: .files,
      .native(1...1) { (call) throws(Raised) in .bool(try FileAccess(call).exists(try call.text(0))) }),
    BuiltIn(
      "fs.list", "fs.list(path)", "The names of what lies in a folder, sorted.",
      example: #"""
        // print(fs.list("."))
        """#,
      capability: .files,
      .native(1...1) { (call) throws(Raised) in
        call.makeList(try FileAccess(call).list(try call.text(0)).map { call.makeString($0) })
      }),
    BuiltIn(
      "env", "env(name)", "A variable of the environment; null when it is not set.",
      example: #"""
        // print(env("ICS_VAR_REGION") ?? "eu")
        """#,
      capability: .environment, .native(1...1, environment)),
    BuiltIn(
      "args", "args", "What stands behind the script's name on the command line, as a list of strings.",
      example: """
        print(args)  // expect: []
        """,
      .value(arguments)),
    BuiltIn(
      "__lines_open", "__lines_open(path)", "A file of `fs.lines`.", capability: .files,
      .native(1...1) { (call) throws(Raised) in call.machine.value(of: LineFile(try FileBlocks(call))) }),
    BuiltIn(
      "__lines_next", "__lines_next(file)", "The next line of a file of `fs.lines`.", capability: .files,
      .native(1...1) { (call) throws(Raised) in
        guard let file = call.machine.hostObject(call[0]) as? LineFile else { throw call.wrongType(0, "a file") }
        return try file.next(call)
      }),
  ]

  private static func read(_ call: Call) throws(Raised) -> Value {
    let file = try FileBlocks(call)
    var bytes: [UInt8] = []
    while !file.isAtEnd {
      try file.readNext(call)
      try call.reserve(bytes: bytes.count + file.block.count)
      bytes += file.isFirst && file.block.starts(with: FileBlocks.byteOrderMark) ? file.block[3...] : file.block[...]
    }
    if let bad = try call.firstInvalidByte(bytes) {
      throw call.fail("E_IO", "'\(file.path)' is no text in UTF-8: the byte at offset \(bad)")
    }
    return .object(Tag.string, try call.string(bytes))
  }

  private static func write(_ call: Call, appends: Bool) throws(Raised) -> Value {
    let text = Array(stringBuffer(try call.string(1)))
    try FileAccess(call).write(try call.text(0), text, appends: appends)
    return .null
  }

  private static func environment(_ call: Call) throws(Raised) -> Value {
    let name = try call.text(0)
    guard call.host.allowsVariable(name) else {
      throw call.fail(
        "E_PERMISSION", "the variable '\(name)' may not be read by this script",
        help: call.host.permissionHelp(.variable(name)))
    }
    return call.host.environment(name).map { call.makeString($0) } ?? .null
  }

  private static func arguments(_ machine: Machine) -> Value {
    let vm = machine.state
    let list = vm.newList(capacity: 4)
    let host = (machine.library as? Library)?.host
    for argument in host?.arguments ?? [] { vm.listPush(list, .object(Tag.string, vm.newString(argument))) }
    return .object(Tag.list, list)
  }
}
