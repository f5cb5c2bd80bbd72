// `print`, `log` and `progress`: what leaves a script for people to read.

import ICSVM

enum OutputFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "print", "print(values...)",
      "Writes one line to standard output, the values separated by a space.",
      example: """
        print("a", 1, null, [2])  // expect: a 1 null [2]
        """,
      .native(0...Int.max, print)),
    BuiltIn(
      "log.debug", "log.debug(message, fields)",
      "Writes a line with a message and the entries of a map to standard error, for whoever looks for a mistake.",
      example: """
        log.debug("page read", {items: 50})
        """,
      .native(1...2) { (call) throws(Raised) in try log(call, .debug) }),
    BuiltIn(
      "log.info", "log.info(message, fields)",
      "Writes a line about what goes on to standard error. Known secrets are left out.",
      example: """
        log.info("imported", {contacts: 12})
        """,
      .native(1...2) { (call) throws(Raised) in try log(call, .info) }),
    BuiltIn(
      "log.warn", "log.warn(message, fields)",
      "Writes a line about something that may be wrong to standard error.",
      example: """
        log.warn("no email", {id: "abc"})
        """,
      .native(1...2) { (call) throws(Raised) in try log(call, .warn) }),
    BuiltIn(
      "log.error", "log.error(message, fields)",
      "Writes a line about something that went wrong to standard error. The script goes on.",
      example: """
        log.error("not sent", {id: "abc"})
        """,
      .native(1...2) { (call) throws(Raised) in try log(call, .error) }),
    BuiltIn(
      "progress", "progress(sequence, label:)",
      """
      The same sequence, with a progress bar on standard error while it is run through. Where nobody watches, it is the \
      sequence itself; under a bar it is a stream.
      """,
      example: """
        for x in progress([1, 2], label: "counting") { print(x) }
        // expect: 1
        // expect: 2
        """,
      .script(
        """
        (sequence, {label = ""}) => {
          let total = __progress_start(sequence, label)
          if total == false { return sequence }
          let source = stream(sequence)
          var done = 0
          __stream(() => {
            let item = __next(source)
            if __is_end(item) {
              __progress(label, done, total, true)
              return __end
            }
            __progress(label, done, total, false)
            done += 1
            item
          })
        }
        """)),
    BuiltIn(
      "__progress_start", "__progress_start(sequence, label)",
      "The length of a sequence, null when it is not known, false when nobody watches progress.",
      .native(2...2, progressStart)),
    BuiltIn(
      "__progress", "__progress(label, done, total, isFinished)", "Tells the host how far a sequence has got.",
      .native(4...4, reportProgress)),
  ]

  private static func print(_ call: Call) throws(Raised) -> Value {
    var buffer = TextBuffer()
    for index in 0..<call.count {
      if index > 0 { buffer.append(UInt8(ascii: " ")) }
      try call.print(call.arguments[index], into: &buffer)
    }
    buffer.append(UInt8(ascii: "\n"))
    let machine = call.machine
    try call.charge(8 + buffer.bytes.count >> 4)
    machine.outputBytes += buffer.bytes.count
    if let limit = machine.limits.output, machine.outputBytes > limit {
      call.vm.raiseLimit("E_MEMORY", "the script prints more than its limit of \(limit) bytes of output")
      throw Raised()
    }
    buffer.bytes.withUnsafeBufferPointer { machine.output($0) }
    return .null
  }

  private static func log(_ call: Call, _ level: LogLine.Level) throws(Raised) -> Value {
    let host = call.host
    var message = TextBuffer()
    try call.print(call[0], into: &message)
    var fields: [(name: String, json: String)] = []
    if call.has(1) {
      let map = try call.map(1)
      var position = 0
      while let entry = call.vm.mapEntry(map, at: position) {
        position = entry.next
        let name = call.vm.printedForm(entry.key, maximumLength: 200) ?? ""
        fields.append((name, host.redact(try fieldText(entry.value, call))))
      }
    }
    try call.charge(message.bytes.count >> 4 + fields.count * 8)
    host.log(
      LogLine(level: level, message: host.redact(String(decoding: message.bytes, as: UTF8.self)), fields: fields))
    return .null
  }

  /// A field as JSON; what JSON cannot say, as its printed form in quotes.
  private static func fieldText(_ value: Value, _ call: Call) throws(Raised) -> String {
    var writer = ValueWriter(call, indent: 0)
    switch writer.write(value) {
    case .written(let text): return swiftString(text)
    case .stopped: throw Raised()
    case .refused: break
    }
    var buffer = TextBuffer()
    var text = call.vm.printedForm(value, maximumLength: 4096) ?? "a value that is nested too deeply to print"
    text.withUTF8 { call.vm.appendQuoted($0, to: &buffer) }
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  private static func progressStart(_ call: Call) throws(Raised) -> Value {
    guard call[1].isString else {
      throw call.fail("E_TYPE", "'label' takes a string, and was given \(call.vm.describe(call[1]))")
    }
    let isSequence = call[0].isList || call[0].tag == Tag.range || call[0].tag == Tag.stream
    guard isSequence else { throw call.wrongType(0, "a list, a range or a stream") }
    guard call.host.progress != nil else { return .bool(false) }
    return Items(call[0], call.vm).map { .int($0.count) } ?? .null
  }

  private static func reportProgress(_ call: Call) throws(Raised) -> Value {
    call.host.progress?(
      ProgressReport(
        label: try call.text(0), done: try call.int(1), total: call[2].isInt ? call[2].asInt : nil,
        isFinished: call[3].isTrue))
    return .null
  }
}
