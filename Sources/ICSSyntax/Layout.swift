// The printing half of the formatter: a list of pieces of text and places where a line may break, laid out within a
// width. Groups break all at once or not at all.

/// Text with possible line breaks, as the formatter produces it.
enum LayoutOp {
  case text(String)
  /// A space, if the line goes on.
  case space
  /// A place to break when its group is broken: else `flat` is printed. `keepsBlank`: an empty line stands there.
  case line(flat: String, keepsBlank: Bool)
  /// A line break in any case.
  case hard(keepsBlank: Bool)
  /// Everything up to the matching `end` breaks together. `isForced`: it breaks even if it would fit.
  case begin(isForced: Bool)
  case end
  case indent
  case dedent
  /// As `indent` and `dedent`, when the group around them is broken.
  case indentIfBroken
  case dedentIfBroken
  /// Printed when the group around it is broken, or when it is not.
  case ifBroken(String)
  case ifFlat(String)
  /// A comment at the end of a line; it ends the line.
  case trailing(String)
  /// A comment on lines of its own.
  case ownLine(String, keepsBlank: Bool)
}

struct Layout {
  static let width = 100
  private static let indentation = 2

  private let ops: [LayoutOp]
  private var output = ""
  private var column = 0
  private var indent = 0
  /// How many line ends are due before the next text: 2 for an empty line between.
  private var pendingLines = 0
  private var pendingSpace = false
  /// Whether each open group is broken, innermost last.
  private var broken: [Bool] = [true]

  static func print(_ ops: [LayoutOp]) -> String {
    var layout = Layout(ops: ops)
    for index in ops.indices { layout.print(index) }
    return layout.output.isEmpty ? "" : layout.output + "\n"
  }

  private init(ops: [LayoutOp]) { self.ops = Self.breakingAtComments(ops) }

  /// The innermost group around a comment that ends its line breaks.
  private static func breakingAtComments(_ ops: [LayoutOp]) -> [LayoutOp] {
    var ops = ops
    var open: [Int] = []
    for index in ops.indices {
      switch ops[index] {
      case .begin: open.append(index)
      case .end: open.removeLast()
      case .trailing, .ownLine: if let group = open.last { ops[group] = .begin(isForced: true) }
      default: break
      }
    }
    return ops
  }

  private var isBroken: Bool { broken.last ?? true }

  private mutating func print(_ index: Int) {
    switch ops[index] {
    case .text(let text): write(text)
    case .space: pendingSpace = true
    case .line(let flat, let keepsBlank):
      if isBroken {
        breakLine(keepsBlank: keepsBlank)
      } else if flat == " " {
        pendingSpace = true
      }
    case .hard(let keepsBlank): breakLine(keepsBlank: keepsBlank)
    case .begin(let isForced): broken.append(isForced || !fits(from: index))
    case .end: broken.removeLast()
    case .indent: indent += 1
    case .dedent: indent -= 1
    case .indentIfBroken: indent += isBroken ? 1 : 0
    case .dedentIfBroken: indent -= isBroken ? 1 : 0
    case .ifBroken(let text): if isBroken { write(text) }
    case .ifFlat(let text): if !isBroken { write(text) }
    case .trailing(let text):
      // A comment that follows another one, or that starts the file, has a line of its own.
      if pendingLines == 0, !output.isEmpty { output += " " + text } else { write(text) }
      pendingLines = max(pendingLines, 1)
    case .ownLine(let text, let keepsBlank):
      breakLine(keepsBlank: keepsBlank)
      write(text)
      pendingLines = 1
    }
  }

  private mutating func breakLine(keepsBlank: Bool) {
    guard !output.isEmpty else { return }
    pendingLines = max(pendingLines, keepsBlank ? 2 : 1)
  }

  private mutating func write(_ text: String) {
    if pendingLines > 0 {
      output += String(repeating: "\n", count: pendingLines)
      column = indent * Self.indentation
      output += String(repeating: " ", count: column)
    } else if pendingSpace {
      output += " "
      column += 1
    }
    pendingLines = 0
    pendingSpace = false
    output += text
    if let end = text.utf8.lastIndex(of: UInt8(ascii: "\n")) {
      column = text[end...].unicodeScalars.count - 1
    } else {
      column += text.unicodeScalars.count
    }
  }

  /// Whether a group fits on the rest of the line, with what follows it up to the next place where a line may break.
  private func fits(from start: Int) -> Bool {
    var room = Self.width - (pendingLines > 0 ? indent * Self.indentation : column + (pendingSpace ? 1 : 0))
    var depth = 0
    var index = start
    var forced: [Bool] = []
    while index < ops.count, room >= 0 {
      switch ops[index] {
      case .begin(let isForced):
        if depth <= 0, index != start { return true }
        depth += 1
        forced.append(isForced && index != start)
      case .end:
        depth -= 1
        _ = forced.popLast()
      case .text(let text), .ifFlat(let text):
        let firstLine = text.utf8.firstIndex(of: UInt8(ascii: "\n")).map { text[..<$0] } ?? text[...]
        room -= firstLine.unicodeScalars.count
        if firstLine.endIndex != text.endIndex { return room >= 0 }
      case .space: room -= 1
      case .line(let flat, _):
        if depth <= 0 ? isBroken : forced.last == true { return true }
        room -= flat.utf8.count
      case .hard, .ownLine: return true
      case .trailing: return true
      case .indent, .dedent, .indentIfBroken, .dedentIfBroken, .ifBroken: break
      }
      index += 1
    }
    return room >= 0
  }
}
