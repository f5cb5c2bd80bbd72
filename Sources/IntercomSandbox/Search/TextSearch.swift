// Words in texts, as an SQL function.

import GRDB

enum TextSearch {
  /// `sandbox_has_word(text, word)`: whether one of the text's words is this one. Case does not count.
  static let hasWord = DatabaseFunction("sandbox_has_word", argumentCount: 2, pure: true) { values in
    guard let text = String.fromDatabaseValue(values[0]), let word = String.fromDatabaseValue(values[1]) else {
      return false
    }
    return words(text).contains(word.lowercased())
  }

  /// A text's words in lower case, without markup.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var current = ""
    var isInTag = false
    for character in text {
      if character == "<" { isInTag = true }
      if !isInTag, character.isLetter || character.isNumber || character == "'" {
        current.append(character)
      } else if !current.isEmpty {
        words.append(current.lowercased())
        current = ""
      }
      if character == ">" { isInTag = false }
    }
    if !current.isEmpty { words.append(current.lowercased()) }
    return words
  }
}
