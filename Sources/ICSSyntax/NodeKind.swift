// The kinds of nodes of a syntax tree, with what each keeps in its fields. `SyntaxTree+Expressions.swift` and its
// neighbours decode them; nothing else should.

/// What a node of the tree is, and what its fields hold.
///
/// Every node has `token`, its main token, and two numbers, `a` and `b`. In the comments below
///
/// - *node* is a `NodeID`; *node?* is one or `NodeID.none`;
/// - *name* is a `NameID` in its canonical form (equal names are equal in NFC); *spelling* is a `NameID` as written;
/// - *list* is an index into `extra`, where a count stands, followed by that many nodes;
/// - *record(...)* is an index into `extra`, where the fields stand in the order given.
package enum NodeKind: UInt8, Sendable {
  /// Stands where something could not be parsed. Only in trees with errors.
  case missing

  // MARK: Statements. Every expression is a statement too.

  /// A file. a: list of statements.
  case program
  /// `{ ... }` with statements. token: `{`; a: list of statements.
  case block
  /// `[export] let|var pattern = value`. token: `let` or `var`; a: pattern; b: value.
  case variable
  /// `[export] fn name(...) { }`. token: the name; a: list of `parameter` and `restParameter`; b: block.
  case function
  /// `import "path" as name`. token: `import`; a: `string`; b: `namePattern`.
  case importModule
  /// `import { x, y as z } from "path"`. token: `import`; a: list of `importedName`; b: `string`.
  case importNames
  /// One name of `importNames`. token: the name there; a: name there; b: `namePattern` of the name here.
  case importedName
  /// `for pattern in sequence { }`. token: `for`; a: record(pattern, sequence, block).
  case forLoop
  /// `while condition { }`. token: `while`; a: condition; b: block.
  case whileLoop
  /// token: `return`; a: value, node?.
  case returnStatement
  /// token: `break`.
  case breakStatement
  /// token: `continue`.
  case continueStatement
  /// token: `throw`; a: value.
  case throwStatement
  /// `target = value` or `target += value`. token: the operator; a: `name`, `member`, `index` or, after an error,
  /// `missing`; b: value.
  case assignment
  /// `on topic "name" where condition as pattern, event { }`. token: `on`; a: record(`topic` or string, name: string
  /// node?, condition node?, item pattern node?, event `namePattern` node?, block).
  case onHook
  /// `contact.user.created` after `on`. token: its first name. Its text is that of the node's span without space.
  case topic
  /// `every schedule, option: value "name" { }`. token: `every`; a: record(schedule, list of `namedArgument`, name:
  /// string node?, block).
  case everyHook
  /// `wait 2d`. token: `wait`; a: duration.
  case waitStatement

  // MARK: Literals and names

  /// token: `null`.
  case nullLiteral
  /// token: `true`.
  case trueLiteral
  /// token: `false`.
  case falseLiteral
  /// token: the digits (a minus before them is part of the node and the value); a, b: low and high half of the Int64.
  case integer
  /// As `integer`, with the bit pattern of the Double.
  case float
  /// A string without interpolation, or a piece of text in one. token: the string token; a, b: where its decoded
  /// text is (`stringValue(_:)`).
  case string
  /// A string with `{{ }}`. token: its first token; a: list of pieces: `string` for text (never empty, never two in
  /// a row), everything else is an expression whose printed form goes there.
  case interpolation
  /// A variable that is read. token: the name; a: name.
  case name
  /// `[...]`. token: `[`; a: list of expressions and `spread`.
  case list
  /// `{...}`. token: `{`; a: list of `mapEntry` and `spread`.
  case map
  /// token: first of the key; a: key (`key`, `string`, `interpolation` or `computedKey`); b: value. `{email}` has a
  /// `key` and a `name` of the same token.
  case mapEntry
  /// A key that is written as a name, keywords too. token: the name; a: spelling.
  case key
  /// `[expression]` as a key. token: `[`; a: expression.
  case computedKey
  /// `...expression` in a list, a map or a call. token: `...`; a: expression.
  case spread

  // MARK: Operators

  /// `(expression)`. token: `(`; a: expression.
  case parenthesized
  /// token: `-` or `!`; a: operand.
  case unary
  /// Arithmetic, comparison, `in` and `!in`. token: the operator; a: left; b: right. Left chains can be millions
  /// long, while every other nesting is limited by `SyntaxTree.maximumDepth`: walk them with a loop, not by recursion.
  case binary
  /// `a && b`. Fields as `binary`.
  case logicalAnd
  /// `a || b`. Fields as `binary`.
  case logicalOr
  /// `a ?? b`. Fields as `binary`.
  case coalesce
  /// `a..<b` or `a...b`. Fields as `binary`.
  case range

  // MARK: Postfix

  /// `callee(...)`. token: `(`; a: callee; b: list of expressions, `spread` and, after them, `namedArgument`.
  case call
  /// `name: value` in a call or after `step` and `every`. token: the name; a: spelling; b: value.
  case namedArgument
  /// `object.name`. token: the name; a: object; b: spelling.
  case member
  /// `object?.name`. Fields as `member`. Always somewhere under an `optionalChain`.
  case optionalMember
  /// `object[index]`; a slice when the index is a range. token: `[`; a: object; b: index.
  case index
  /// `object?[index]`. Fields as `index`. Always somewhere under an `optionalChain`.
  case optionalIndex
  /// Around the longest chain of members, indexes and calls with a `?.` or `?[` in it: where the chain ends up when
  /// one of those finds null. token: that of a; a: the chain.
  case optionalChain

  // MARK: Expressions with bodies

  /// `x => body`, `(x, y) => body`. token: `=>`; a: list of `parameter` and `restParameter`; b: `block` or expression.
  case lambda
  /// `pattern [= default]`. token: first of the pattern; a: pattern; b: default, node?.
  case parameter
  /// `...name`, the last parameter. token: the name; a: name; `_` binds nothing.
  case restParameter
  /// `if ... else if ... else ...`, flat. token: `if`; a: list of `ifBranch` and `ifLetBranch`; b: last block, node?.
  case ifExpression
  /// token: `if`; a: condition; b: block.
  case ifBranch
  /// `if let pattern = value { }`. token: `let`; a: record(pattern, value, block).
  case ifLetBranch
  /// `match subject { arms }`. token: `match`; a: subject; b: list of `matchArm`.
  case matchExpression
  /// `pattern | pattern if guard => body`. token: `=>`; a: list of patterns; b: record(guard node?, body), the body
  /// being a `block` or any simple statement.
  case matchArm
  /// `try { } catch name { } finally { }`. token: `try`; a: record(block, catch pattern node?, catch block node?,
  /// finally block node?). The catch pattern is a `namePattern` or a `wildcardPattern`.
  case tryExpression
  /// `step name, option: value { }`. token: `step`; a: record(name, list of `namedArgument`, block).
  case step
  /// `collection where condition`. token: `where`; a: collection; b: condition.
  case whereExpression

  // MARK: Conditions of `where`, which are no expressions

  /// `path operator value`. token: the operator; a: `fieldPath`; b: expression, evaluated once.
  case fieldComparison
  /// `a && b`. token: the operator; a, b: conditions. Left chains can be long.
  case conditionAnd
  /// `a || b`. Fields as `conditionAnd`.
  case conditionOr
  /// `!condition`. token: `!`; a: condition.
  case conditionNot
  /// `(condition)`. token: `(`; a: condition.
  case conditionGroup
  /// `custom_attributes.plan`, `custom_attributes["Plan X"]`, `it`. token: the first name; a: list of `key` and
  /// `string`; never empty. The first is `it` for the whole item.
  case fieldPath

  // MARK: Patterns

  /// `_`. token: it.
  case wildcardPattern
  /// A name that is bound. token: the name; a: name.
  case namePattern
  /// A literal to compare with. token: that of the literal; a: literal expression.
  case literalPattern
  /// `[a, b, ...rest]`. token: `[`; a: list of patterns, a `restPattern` at most as the last.
  case listPattern
  /// `{a, b: pattern = default, ...rest}`. token: `{`; a: list of `fieldPattern`, a `restPattern` at most as the last.
  case mapPattern
  /// token: the key; a: `key` or `string`; b: record(pattern, default node?).
  case fieldPattern
  /// `...name`. token: the name; a: name; `_` binds nothing.
  case restPattern
}
