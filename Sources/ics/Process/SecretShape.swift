// What looks like a secret that the process does not know: pasted at the prompt, or put into an argument.

import IntercomAPI

enum SecretShape {
  /// How the names of secrets end.
  static let secretNames = ["token", "secret", "password", "api_key", "authorization"]

  /// The secrets in a text that say by themselves what they are: Intercom's access tokens, JSON Web Tokens, and what
  /// follows `Bearer`.
  static func found(in text: String) -> [Secret] {
    var secrets: [Secret] = []
    var previous = ""
    for word in words(in: text) {
      let isBearer = previous.lowercased() == "bearer" && word.utf8.count >= 8
      if isBearer || isToken(word) { secrets.append(Secret(word)) }
      previous = word
    }
    return secrets
  }

  /// Whether a word is an access token of Intercom's (Base64 of `tok:...`) or a JSON Web Token.
  static func isToken(_ word: String) -> Bool {
    if word.hasPrefix("dG9rO"), word.utf8.count >= 20 { return true }
    return word.hasPrefix("eyJ") && word.utf8.count >= 40 && word.split(separator: ".").count >= 2
  }

  /// The text with what is known as a secret, looks like one, or is given to a name such as `token` masked.
  static func masked(_ text: String) -> String {
    let secrets = found(in: text) + assigned(in: text)
    return Redactor(secrets: secrets).redact(KnownSecrets.redactor.redact(text))
  }

  /// String literals of eight bytes or more behind a name that says what they are: `token = "..."`, `password: "..."`.
  private static func assigned(in text: String) -> [Secret] {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    var secrets: [Secret] = []
    for index in stride(from: 1, to: parts.count, by: 2) where parts[index].utf8.count >= 8 {
      var before = parts[index - 1].lowercased()[...]
      // A JSON key has its quotes: then the text between the literals is `: ` alone, and the key is the literal before.
      if index >= 3, before.allSatisfy({ $0 == ":" || $0.isWhitespace }) {
        before = parts[index - 2].lowercased()[...] + "="
      }
      while before.last?.isWhitespace == true { before.removeLast() }
      guard let sign = before.last, sign == "=" || sign == ":" else { continue }
      before.removeLast()
      while before.last?.isWhitespace == true { before.removeLast() }
      if secretNames.contains(where: { before.hasSuffix($0) }) { secrets.append(Secret(String(parts[index]))) }
    }
    return secrets
  }

  /// Runs of the characters that tokens are made of.
  private static func words(in text: String) -> [String] {
    text.split { character in
      !(character.isASCII && (character.isLetter || character.isNumber || "+/=_-.:~".contains(character)))
    }.map(String.init)
  }
}
