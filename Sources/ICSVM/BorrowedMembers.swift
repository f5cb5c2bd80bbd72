// What other languages call the members of values.

/// The member of ours that does what a member of another language's does; nil when the type has none.
///
/// - Parameter known: The names of the members that the value has.
func borrowedMember(_ name: String, among known: [String]) -> String? {
  candidates(for: name).first { known.contains($0) }
}

/// Names of ours for a name of another language, the best first.
private func candidates(for name: String) -> [String] {
  switch name {
  case "size", "count", "len": ["length"]
  case "toUpperCase", "upcase", "uppercased", "uppercase": ["upper"]
  case "toLowerCase", "downcase", "lowercased", "lowercase": ["lower"]
  case "strip", "trimmed": ["trim"]
  case "lstrip", "trimLeft": ["trim_start"]
  case "rstrip", "trimRight": ["trim_end"]
  case "substring", "substr", "sub": ["slice"]
  case "includes", "include", "contain", "has": ["contains", "has"]
  case "gsub", "replaceAll", "replace_all": ["replace"]
  case "explode": ["split"]
  case "characters": ["chars"]
  case "append", "add", "unshift", "extend": ["push", "concat", "merge"]
  case "splice", "removeAt": ["remove_at"]
  case "shift": ["remove_at"]
  case "forEach", "for_each", "foreach": ["each"]
  case "collect", "select": ["map", "filter"]
  case "where", "keep", "grep": ["filter"]
  case "compact", "compactMap": ["filter"]
  case "fold", "inject", "foldl": ["reduce"]
  case "some": ["any"]
  case "every": ["all"]
  case "detect": ["find"]
  case "uniq", "distinct": ["unique"]
  case "sorted": ["sort"]
  case "reversed": ["reverse"]
  case "order_by", "orderBy": ["sort_by"]
  case "limit", "head", "prefix": ["take"]
  case "skip", "tail", "offset": ["drop"]
  case "items", "pairs": ["entries"]
  case "hasOwnProperty", "contains", "containsKey": ["has"]
  case "remove", "del": ["delete", "remove_at"]
  case "assign", "update": ["merge"]
  case "clone", "dup": ["copy"]
  case "toArray", "toList", "list", "all": ["to_list"]
  default: [snakeCase(name)]
  }
}

/// `indexOf` as `index_of`.
private func snakeCase(_ name: String) -> String {
  var result = ""
  for character in name {
    if character.isUppercase { result += "_" + character.lowercased() } else { result.append(character) }
  }
  return result
}
