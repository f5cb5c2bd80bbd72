// Finds the comments in the gaps between tokens, for the formatter.

import ICSDiagnostics

/// A comment, with what the formatter has to know about its place.
struct Comment {
  var text: String
  /// How many line ends stand between it and what is before it.
  var linesBefore: Int
  /// Whether nothing else may follow it on its line.
  var endsLine: Bool
  /// Whether it stands at the end of a line that begins with something else.
  var isTrailing: Bool { linesBefore == 0 && endsLine }
}

enum CommentScanner {
  /// The comments before a token, and how many line ends stand between the last of them and the token.
  static func comments(before index: Int, in tree: SyntaxTree) -> (comments: [Comment], linesAfter: Int) {
    let bytes = tree.source.bytes
    let start = index == 0 ? startOfText(bytes) : Int(tree.tokens[index - 1].end)
    let end = Int(tree.tokens[index].start)
    var comments: [Comment] = []
    // Nothing stands before the first comment of a file, so that one is on a line of its own.
    var lines = index == 0 ? 1 : 0
    var position = start
    while position < end {
      switch bytes[position] {
      case UInt8(ascii: "\r") where position + 1 < end && bytes[position + 1] == UInt8(ascii: "\n"):
        position += 1
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        lines += 1
        position += 1
      case UInt8(ascii: "/"):
        let close = endOfComment(bytes, position, end)
        let isLine = bytes[position + 1] == UInt8(ascii: "/")
        comments.append(
          Comment(text: text(bytes[position..<close]), linesBefore: lines, endsLine: isLine))
        position = close
        lines = 0
        if !isLine, startsNewLine(bytes, position, end) { comments[comments.count - 1].endsLine = true }
      default:
        position += 1
      }
    }
    return (comments, lines)
  }

  /// The first line of a script that names its interpreter.
  static func hashBangLine(of source: SourceFile) -> String? {
    let start = source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard source.bytes[start...].starts(with: "#!".utf8) else { return nil }
    return text(source.bytes[start..<startOfText(source.bytes)])
  }

  private static func startOfText(_ bytes: [UInt8]) -> Int {
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard bytes[start...].starts(with: "#!".utf8) else { return start }
    while start < bytes.count, bytes[start] != UInt8(ascii: "\n"), bytes[start] != UInt8(ascii: "\r") { start += 1 }
    return start
  }

  private static func endOfComment(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int {
    var position = start
    if bytes[start + 1] == UInt8(ascii: "/") {
      while position < end, bytes[position] != UInt8(ascii: "\n"), bytes[position] != UInt8(ascii: "\r") {
        position += 1
      }
      return position
    }
    var depth = 0
    repeat {
      if position + 1 < end, bytes[position] == UInt8(ascii: "/"), bytes[position + 1] == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if position + 1 < end, bytes[position] == UInt8(ascii: "*"), bytes[position + 1] == UInt8(ascii: "/") {
        depth -= 1
        position += 2
      } else {
        position += 1
      }
    } while depth > 0 && position < end
    return position
  }

  private static func startsNewLine(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
    var position = start
    while position < end, bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\t") {
      position += 1
    }
    return position < end && (bytes[position] == UInt8(ascii: "\n") || bytes[position] == UInt8(ascii: "\r"))
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    var end = bytes.endIndex
    while end > bytes.startIndex, bytes[end - 1] == UInt8(ascii: " ") || bytes[end - 1] == UInt8(ascii: "\t") {
      end -= 1
    }
    return String(decoding: bytes[bytes.startIndex..<end], as: UTF8.self)
  }
}
