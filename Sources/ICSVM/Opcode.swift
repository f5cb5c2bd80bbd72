// The table of opcodes.

/// The operations of the virtual machine, one row each: what it does, in terms of its operands.
///
/// An instruction is one 64-bit word, `op:8 | D:8 | A:16 | B:16 | C:16`, or `op:8 | D:8 | A:16 | wide:32`
/// (see `Instruction`). Some are followed by words that are not instructions; the row says so.
///
/// In the rows `R[x]` is a register, `K[x]` a constant of the running prototype, `sB`, `sC` and `sWide` are the
/// signed readings of a field. Register and constant operands hold the index times 16 (the size of a `Value`).
/// A jump's offset counts words from the word after the instruction. "Raises" names the error's code.
///
/// INVARIANT: the cases cover 0..<count without a gap. The loop turns a byte into a case without a check, which is
/// right as long as bytecode comes from this package's compiler alone.
package enum Opcode: UInt8, CaseIterable, Sendable {
  // MARK: Ends, moves and constants

  /// Ends the fiber: its result is R[A] of the frame below the first one. Only in the machine's own stub.
  case halt
  /// R[A] = R[B]
  case move
  /// R[A] = K[wide], `wide` being the index times 16.
  case loadConstant
  /// R[A] = the int sWide
  case loadInt
  /// R[A] = the value whose tag is B and whose bits are C: null (0, 0), false (1, 0), true (1, 1), unset (`Tag.unset`, 0).
  case loadSimple
  /// R[A] = base[-1], the value that a built-in method written in ICS was called on (prelude code only).
  case loadSelf
  /// R[A] = the global that link number `wide` names. Raises E_UNINITIALIZED while that is unset.
  case getGlobal
  /// The global that link number `wide` names = R[A].
  case setGlobal
  /// R[A] = the prelude's value number `wide`, made on first use.
  case getPrelude

  // MARK: Captured variables

  /// R[A] = a new cell that holds R[A]. From here on the register holds the cell, not the value.
  case newCell
  /// R[A] = the content of the cell in R[B]. Raises E_UNINITIALIZED while that is unset.
  case getCell
  /// The content of the cell in R[A] = R[B].
  case setCell
  /// R[A] = capture number B (not multiplied) of the running closure, captured by value.
  case getCapture
  /// R[A] = the content of the cell that is capture number B. Raises E_UNINITIALIZED while that is unset.
  case getCaptureCell
  /// The content of the cell that is capture number B = R[A].
  case setCaptureCell
  /// R[A] = a closure over child prototype number `wide` of the running program (index into `Program.prototypes`).
  case closure

  // MARK: Arithmetic

  /// R[A] = R[B] + R[C]: numbers, two strings, two lists. Raises E_TYPE, E_OVERFLOW.
  case add
  /// R[A] = R[B] - R[C]. Raises E_TYPE, E_OVERFLOW.
  case subtract
  /// R[A] = R[B] * R[C]. Raises E_TYPE, E_OVERFLOW.
  case multiply
  /// R[A] = R[B] / R[C], always a float. Raises E_TYPE, E_ZERO_DIVISION (two ints).
  case divide
  /// R[A] = R[B] ~/ R[C], ints, truncated. Raises E_TYPE, E_ZERO_DIVISION, E_OVERFLOW.
  case divideInt
  /// R[A] = R[B] % R[C], the sign of the dividend. Raises E_TYPE, E_ZERO_DIVISION.
  case remainder
  /// As the six above, with K[C] (a number) for R[C].
  case addConstant
  case subtractConstant
  case multiplyConstant
  case divideConstant
  case divideIntConstant
  case remainderConstant
  /// R[A] = R[B] + sC, for `x + 1` and `x - 1` alike.
  case addImmediate
  /// R[A] = -R[B]. Raises E_TYPE, E_OVERFLOW.
  case negate
  /// R[A] = whether R[B] is false or null.
  case not
  /// R[A] = the printed forms of the C values (C not multiplied) from R[B] on, joined: string interpolation.
  case concatenate

  // MARK: Jumps

  /// pc += sWide, forwards (or backwards without the cost of a loop turn: never emitted so).
  case jump
  /// pc += sWide, backwards: the turn of a loop. Pays fuel for its length.
  case loop
  /// if R[A] is true (neither false nor null): pc += sWide
  case jumpIfTrue
  /// if R[A] is false or null: pc += sWide
  case jumpIfFalse
  /// if R[A] is null: pc += sWide
  case jumpIfNull
  /// if R[A] is not null: pc += sWide
  case jumpIfNotNull
  /// if R[A] is not unset: pc += sWide. In a prologue: the argument was given, so its default is passed over.
  case jumpIfSet
  /// if R[A] is the end mark of a stream: pc += sWide (prelude code only).
  case jumpIfEnd

  // Comparison and jump in one. `jumpIfLess` and `jumpIfNotLess` are two operations, because of NaN. A target behind
  // the instruction pays fuel. Ordering raises E_TYPE for other operands than two numbers or two strings.

  /// if R[A] < R[C]: pc += sB
  case jumpIfLess
  /// if R[A] <= R[C]: pc += sB
  case jumpIfLessEqual
  /// if !(R[A] < R[C]): pc += sB
  case jumpIfNotLess
  /// if !(R[A] <= R[C]): pc += sB
  case jumpIfNotLessEqual
  /// if R[A] == R[C]: pc += sB
  case jumpIfEqual
  /// if R[A] != R[C]: pc += sB
  case jumpIfNotEqual
  /// if R[A] == K[C]: pc += sB. For strings and other constants.
  case jumpIfEqualConstant
  /// if R[A] != K[C]: pc += sB
  case jumpIfNotEqualConstant
  /// As above with the int sC on the right.
  case jumpIfLessImmediate
  case jumpIfLessEqualImmediate
  case jumpIfGreaterImmediate
  case jumpIfGreaterEqualImmediate
  case jumpIfNotLessImmediate
  case jumpIfNotLessEqualImmediate
  case jumpIfNotGreaterImmediate
  case jumpIfNotGreaterEqualImmediate
  case jumpIfEqualImmediate
  case jumpIfNotEqualImmediate

  // MARK: Loops

  /// `for i in a..<b`: R[A] holds a, R[A+1] holds b. Raises E_TYPE unless both are ints. if a >= b: pc += sWide
  case forRange
  /// The turn of that loop: R[A] += 1; if R[A] < R[A+1]: pc += sWide (backwards, pays fuel).
  case forRangeNext
  /// `for i in a...b`: as `forRange`, with b included.
  case forClosedRange
  /// The turn of that loop; ends without an overflow when b is the largest int.
  case forClosedRangeNext
  /// Begins a loop over R[B]: R[A] = R[B], R[A+1] = position, R[A+2] = the length that must not change.
  /// Uses R[A] ... R[A+3], and R[A+4] with D = 1. Raises E_TYPE when R[B] is not iterable.
  /// A `jump` to the loop's `iterateNext` follows.
  case iterate
  /// The next item into R[A+3] (for a map: its key), then pc += sWide (backwards, pays fuel). At the end: falls
  /// through past the next instruction. A stream is pulled by a call, which goes on at the next instruction, always
  /// an `iterateCheck`. With D = 1 (`for [k, v] in m`) a map's item goes to R[A+3] and R[A+4]; anything else's into
  /// R[A+3] with R[A+4] unset, and the loop's body begins with `unpackPair`. Raises E_MUTATED.
  case iterateNext
  /// After a stream was pulled: R[A+3] is the item, or the end mark: then falls through, else pc += sWide (backwards).
  case iterateCheck
  /// If R[A+4] is unset: R[A+3] must be a list of two items, which go to R[A+3] and R[A+4]. Raises E_MATCH.
  case unpackPair

  // MARK: Lists, maps, ranges

  /// R[A] = a list of the C values (C not multiplied) from R[B] on.
  case newList
  /// Appends the C values (C not multiplied) from R[B] on to the list R[A].
  case listAppend
  /// Appends the items of R[B] (a list or a range: see `materialize`) to the list R[A]. Raises E_TYPE.
  case listExtend
  /// Makes R[A] a list or a range: a stream is pulled to its end by a call whose result lands in R[A]; lists and
  /// ranges stay. Raises E_TYPE for anything else. (Spreads.)
  case materialize
  /// R[A] = a map of C values (C not multiplied) from R[B] on, under the keys of shape template `D | next word`:
  /// the next word is the template's index into `Program.shapeTemplates`.
  case newMap
  /// Copies the entries of the map R[B] into the map R[A]. Raises E_TYPE.
  case mapSpread
  /// R[A] = R[B] .. R[C] without its end (D = 0) or with it (D = 1). Raises E_TYPE.
  case newRange
  /// R[A] = R[B][R[C]]. Raises E_TYPE, E_INDEX, E_NULL.
  case getIndex
  /// R[A] = R[B][C], C an int 0...65535.
  case getIndexImmediate
  /// R[A][R[B]] = R[C]. Raises E_TYPE, E_INDEX, E_NULL.
  case setIndex
  /// R[A] = R[B].name, name being K[C]. One cache word follows (emit 0). Raises E_NULL, E_MEMBER.
  case getField
  /// R[A].name = R[C], name being K[B]. Two cache words follow (emit 0, 0). Raises E_NULL, E_MEMBER, E_TYPE.
  case setField
  /// R[A] = whether R[B] is in R[C]. Raises E_TYPE.
  case contains

  // MARK: Patterns

  /// Unless R[A] is a list of exactly C items, or at least C & 0x7FFF items when C has the bit 0x8000: pc += sB
  case jumpIfNotList
  /// Unless R[A] is a map: pc += sB
  case jumpIfNotMap
  /// Unless R[A] is a map that has the key K[C]: pc += sB
  case jumpIfMissing
  /// Raises E_MATCH unless R[A] is a list whose length fits C (as in `jumpIfNotList`).
  case expectList
  /// Raises E_NULL when R[A] is null, E_MATCH when it is not a map.
  case expectMap
  /// R[A] = a new list of the items of R[B] from index C (not multiplied) on.
  case listRest
  /// R[A] = a new map of the entries of R[B] without the keys of the list R[C].
  case mapRest
  /// Raises E_MATCH: no arm of `match` fits R[A].
  case raiseNoMatch

  // MARK: Calls

  /// Calls R[A] with the B arguments (B not multiplied) in R[A+1]...; the result lands in R[A].
  /// Raises E_TYPE, E_ARGUMENTS, E_DEPTH.
  case call
  /// Calls R[A] with the items of the list R[A+1] as arguments; the result lands in R[A].
  case callSpread
  /// Calls R[A] with as many of the B arguments in R[A+1]... as the function requires (a native: one). For built-ins
  /// that call a function back. The result lands in R[A].
  case callback
  /// Calls method K[C] of R[A] with the B arguments in R[A+1]...; the result lands in R[A]. For a map that is the
  /// function under that key, else the built-in method. Two cache words follow (emit all ones, 0). Raises E_MEMBER,
  /// E_NULL.
  case invoke
  /// As `invoke`, the arguments being the items of the list R[A+1]. Two cache words follow (emit all ones, 0).
  case invokeSpread
  /// Returns R[A].
  case `return`
  /// Returns null.
  case returnNull
  /// Pulls the stream R[B] once: R[A] = the item or the end mark. Both A and B stay clear of the call's registers:
  /// the callee's frame begins at R[A+1] (prelude code only).
  case streamNext
  /// R[A] = a stream whose next item is what calling R[B] without arguments gives, until that gives the end mark
  /// (prelude code only).
  case newStream
  /// Appends R[B] to the list R[A] (prelude code only: R[A] is a list).
  case listPush

  // MARK: Errors

  /// Throws R[A]: an error as it is, anything else wrapped (E_THROWN).
  case `throw`
  /// Throws the error R[A] again, keeping its place and stack. Ends `finally` blocks.
  case rethrow

  // MARK: Queries

  /// R[A] = whether R[B] passes the query operator D (`QueryOperator`) with R[C], in the sense of a local `where`.
  case queryTest
  /// R[A] = R[B].name for a path in a condition, name being K[C]; null when R[B] is null. Raises E_MEMBER, E_TYPE.
  case queryField
}

/// The comparison operators of `where` conditions; the raw value is the D field of `queryTest`.
package enum QueryOperator: UInt8, CaseIterable, Sendable {
  case equal, notEqual, less, greater, lessEqual, greaterEqual
  case isIn, isNotIn, contains, notContains, startsWith, endsWith

  /// The operator as scripts write it.
  package var spelling: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .greater: ">"
    case .lessEqual: "<="
    case .greaterEqual: ">="
    case .isIn: "in"
    case .isNotIn: "!in"
    case .contains: "~"
    case .notContains: "!~"
    case .startsWith: "^="
    case .endsWith: "$="
    }
  }
}
