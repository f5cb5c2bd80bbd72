// Turns a resolved tree into bytecode: one pass over each function, straight into the flat arrays of a `Program`.
//
// Functions are emitted one after the other, outer ones first; a closure instruction names the number that the
// resolver gave its function. So the words, constants and handlers of a function are contiguous without any copying.
//
// Registers: parameters first, then a stack of variables and temporaries. `free` is the first register that is not in
// use. An expression may use registers from `free` on, and leaves `free` as it found it.

import ICSDiagnostics
import ICSSyntax
import ICSVM

struct Emitter {
  let tree: SyntaxTree
  let prelude: PreludeNames
  let isPrelude: Bool
  /// Whether an observer is told about each statement.
  let isObserved: Bool
  /// Whether the program says where the variables of its functions are.
  let keepsLocals: Bool
  var resolved: ResolvedTree
  var program: Program
  var diagnostics: [Diagnostic] = []

  // MARK: The function that is being emitted

  var function: Int32 = 0
  /// Where its words begin in `program.code`.
  var codeStart = 0
  var free = 0
  /// The highest value that `free` has had.
  var high = 0
  /// Registers from here on are scratch: no variable that the current statement can read is in one of them.
  var scratchBase = 0
  /// A register below `scratchBase` that is scratch too: the target of the expression whose block is being emitted.
  var scratchTarget = -1
  /// The loops and `try` blocks around the current statement, inner ones last.
  var contexts: [Context] = []
  /// How many copies of `finally` blocks are nested in one another at the moment.
  var finallyDepth = 0
  var isTooLarge = false

  // MARK: Shared by all functions

  var strings = StringInterner()
  var constants = ConstantPool()
  /// By name: its index in `program.strings` + 1, 0 when it is not in there yet.
  var nameStrings: [UInt32]
  /// The links of `JumpList`s.
  var jumpLinks: [JumpLink] = []
  /// A stack for walking down left spines.
  var spine: [NodeID] = []
  /// The predicates of `where`, which are emitted after the functions of the tree.
  var predicates: [PendingPredicate] = []

  init(
    tree: SyntaxTree, resolved: consuming ResolvedTree, prelude: PreludeNames, isPrelude: Bool,
    isObserved: Bool = false,
    keepsLocals: Bool = false
  ) {
    self.isObserved = isObserved
    // Looking for what can be seen at each statement of a huge file would take longer than all the rest.
    self.keepsLocals = keepsLocals && resolved.bindings.count <= Self.maximumKeptBindings
    self.tree = tree
    self.prelude = prelude
    self.isPrelude = isPrelude
    self.resolved = resolved
    program = Program(source: tree.source, sourceMap: TreeSourceMap(tree: tree))
    nameStrings = Array(repeating: 0, count: tree.names.count)
    let words = tree.nodes.count
    program.code.reserveCapacity(words)
    program.sites.reserveCapacity(words)
  }

  /// Emits all functions.
  mutating func emit() {
    for (slot, index) in resolved.globals.enumerated() {
      let binding = resolved.bindings[Int(index)]
      program.globals.append(
        Global(name: string(binding.name), isExported: binding.flags.contains(.exported)))
      program.links.append(.own(UInt32(slot)))
    }
    for link in resolved.importedLinks { program.links.append(.imported(program: link.program, slot: link.slot)) }
    program.prototypes = Array(repeating: Prototype(), count: resolved.functions.count)
    for index in resolved.functions.indices { emitFunction(index) }
    // A predicate's own code has no predicates in it, so the list does not grow here.
    for predicate in predicates { emitPredicate(predicate) }
  }

  // MARK: Words

  /// The number that `TreeSourceMap` turns back into a place.
  @inline(__always)
  func site(_ node: NodeID, _ part: SitePart = .standard) -> UInt32 { node.rawValue << 2 | part.rawValue }

  @inline(__always)
  mutating func emit(_ op: Opcode, a: Int = 0, b: Int = 0, c: Int = 0, d: Int = 0, at site: UInt32) {
    program.code.append(Instruction.make(op, a: a, b: b, c: c, d: d))
    program.sites.append(site)
  }

  @inline(__always)
  mutating func emit(_ op: Opcode, a: Int = 0, wide: Int, d: Int = 0, at site: UInt32) {
    program.code.append(Instruction.make(op, a: a, wide: wide, d: d))
    program.sites.append(site)
  }

  /// A word that is no instruction.
  @inline(__always)
  mutating func emitExtra(_ word: UInt64, at site: UInt32) {
    program.code.append(word)
    program.sites.append(site)
  }

  /// The position of the next word, within the function.
  @inline(__always)
  var here: Int { program.code.count - codeStart }

  mutating func move(_ target: Int, _ source: Int, at site: UInt32) {
    if target != source { emit(.move, a: target * 16, b: source * 16, at: site) }
  }

  mutating func loadNull(_ target: Int, at site: UInt32) {
    emit(.loadSimple, a: target * 16, b: Int(Tag.null), c: 0, at: site)
  }

  mutating func loadBool(_ target: Int, _ value: Bool, at site: UInt32) {
    emit(.loadSimple, a: target * 16, b: Int(Tag.bool), c: value ? 1 : 0, at: site)
  }

  mutating func loadInt(_ target: Int, _ value: Int, at site: UInt32) {
    if Int32(exactly: value) != nil {
      emit(.loadInt, a: target * 16, wide: value, at: site)
    } else {
      loadConstant(target, .int(value), at: site)
    }
  }

  mutating func loadConstant(_ target: Int, _ constant: Constant, at site: UInt32) {
    emit(.loadConstant, a: target * 16, wide: self.constant(constant) * 16, at: site)
  }

  // MARK: Registers

  @inline(__always)
  mutating func allocate() -> Int {
    let register = free
    free += 1
    if free > high { raiseHigh() }
    return register
  }

  private mutating func raiseHigh() {
    high = free
    if high > Instruction.maximumIndex { tooLarge("it needs more than \(Instruction.maximumIndex) registers at once") }
  }

  /// Whether a register may hold intermediate results: nothing in the current statement reads a variable from it.
  @inline(__always)
  func isScratch(_ register: Int) -> Bool { register >= scratchBase || register == scratchTarget }

  /// A register for intermediate results on the way to `target`: that itself when it is scratch.
  @inline(__always)
  mutating func scratch(_ target: Int) -> Int { isScratch(target) ? target : allocate() }

  // MARK: Constants

  mutating func constant(_ constant: Constant) -> Int {
    constants.index(of: constant, in: &program.constants)
  }

  /// The operand for a constant; nil when the function has too many to name it in 16 bits.
  mutating func operand(_ constant: Constant) -> Int? {
    let index = self.constant(constant)
    return index <= Instruction.maximumIndex ? index * 16 : nil
  }

  /// The index of a name's text in the program's strings.
  mutating func string(_ name: NameID) -> UInt32 {
    let known = nameStrings[Int(name.rawValue)]
    if known != 0 { return known - 1 }
    let index = strings.index(of: tree.names.bytes(of: name), in: &program.strings)
    nameStrings[Int(name.rawValue)] = index + 1
    return index
  }

  mutating func string(_ text: String) -> UInt32 { strings.index(of: text.utf8, in: &program.strings) }

  /// The index of the text of a `string` or `key` node.
  mutating func string(ofKey node: NodeID) -> UInt32 {
    if tree.kind(of: node) == .key { return string(tree.name(of: node)) }
    return strings.index(of: tree.stringBytes(node), in: &program.strings)
  }

  // MARK: Limits

  /// Reports, once, that the current function does not fit the format of the bytecode.
  mutating func tooLarge(_ reason: String) {
    if isTooLarge { return }
    isTooLarge = true
    // A predicate is no function of the tree.
    let node = function < 0 ? resolved.functions[0].node : resolved.functions[Int(function)].node
    let isFile = function <= 0
    report(
      isFile ? "this file is too large: \(reason)" : "this function is too large: \(reason)",
      at: isFile ? .zero : tree.mainSpan(of: node), help: "split it into several functions")
  }

  mutating func report(_ message: String, at span: Span, help: String? = nil) {
    diagnostics.append(Diagnostic(.syntax, message, source: tree.source, span: span, help: help))
  }
}
