// What the compiler gives to a machine: a file as code, constants, sites and links.

import ICSDiagnostics

/// One compiled file: what the compiler gives and every machine loads. Immutable, shared freely between threads.
///
/// Everything is in flat arrays that the prototypes cut slices from, so that compiling a large file makes a handful of
/// allocations and a machine can load a function when it is first needed.
package struct Program: Sendable {
  /// The file that was compiled.
  package var source: SourceFile
  /// A module of the standard library: its errors point at the call of the script, as the prelude's do.
  package var isStandard = false
  /// The compiled functions; number 0 is the top level of the file, a function without parameters.
  package var prototypes: [Prototype] = []
  /// The instructions of all prototypes.
  package var code: [UInt64] = []
  /// For each word of `code` the number that `sourceMap` turns into a place in the source.
  package var sites: [UInt32] = []
  /// The constants of all prototypes.
  package var constants: [Constant] = []
  /// The texts that constants, names and keys refer to.
  package var strings = StringTable()
  /// The keys of the map literals, each a list of `strings` indexes; `newMap` names one.
  package var shapeTemplates: [ShapeTemplate] = []
  /// What the operands of `getGlobal` and `setGlobal` stand for.
  package var links: [GlobalLink] = []
  /// The top-level variables that live in global slots, in slot order.
  package var globals: [Global] = []
  /// What the closures take along, of all prototypes.
  package var captures: [Capture] = []
  /// The `try` blocks of all prototypes.
  package var handlers: [Handler] = []
  /// In programs that are observed: what `__observe` is called with the numbers of.
  package var marks: [Mark] = []
  /// In programs that keep their locals: what can be seen in which part of `code`.
  package var localScopes: [LocalScope] = []
  /// Finds the place in the source for an instruction; asked only when an error is made.
  package var sourceMap: any SourceMap

  /// A program without code.
  package init(source: SourceFile, sourceMap: any SourceMap) {
    self.source = source
    self.sourceMap = sourceMap
  }
}

/// One compiled function.
package struct Prototype: Sendable {
  /// The name for messages and stacks: an index into `Program.strings`; `fn` for a lambda, the file's for the top.
  package var name: UInt32 = 0
  /// Where its words are in `Program.code`.
  package var code: Range<Int32> = 0..<0
  /// Where its constants are in `Program.constants`. At most `Instruction.maximumIndex + 1` by 16-bit operands.
  package var constants: Range<Int32> = 0..<0
  /// Where its captures are in `Program.captures`.
  package var captures: Range<Int32> = 0..<0
  /// Where its handlers are in `Program.handlers`, inner ones before outer ones.
  package var handlers: Range<Int32> = 0..<0
  /// How many registers a frame needs, arguments included; the machine adds what calls need above.
  package var registerCount: Int32 = 0
  /// Parameters that take one argument each, defaults included, without the rest parameter.
  package var parameterCount: Int32 = 0
  /// How many of them must be given. A missing optional argument arrives as unset in its register.
  package var requiredCount: Int32 = 0
  /// How many arguments a built-in passes at most that calls it back, where that is more than `requiredCount`: a
  /// function of one map pattern, `({name}) => name`, takes the item apart although it may be called without one.
  package var callbackCount: Int32 = 0
  /// The arguments past `parameterCount` arrive as a list in the register after the parameters.
  package var hasRest = false
  /// Code of the prelude: it does not appear in stacks, and its errors point at the call of the script.
  package var isInternal = false
  /// The place of the declaration, for `sourceMap`.
  package var site: UInt32 = 0

  /// An empty one, to be filled.
  package init() {}
}

/// A constant before it is a value of some machine's heap.
package enum Constant: Hashable, Sendable {
  case int(Int)
  /// The bit pattern, so that `-0.0` and `0.0` stay two constants.
  case float(UInt64)
  /// An index into `Program.strings`.
  case string(UInt32)
  case null
  case bool(Bool)
}

/// What one variable of an enclosing function contributes to a new closure.
package struct Capture: Sendable, BitwiseCopyable {
  /// From a register of the function that makes the closure, or from that function's own captures.
  package var fromRegister: Bool
  /// The register's index (not multiplied) or the capture's number. Whether the value or a cell is in there is the
  /// compiler's business: the machine copies it.
  package var index: UInt16

  /// A variable that a closure takes along.
  package init(fromRegister: Bool, index: UInt16) {
    self.fromRegister = fromRegister
    self.index = index
  }
}

/// `try` blocks: an error raised by a word in `range` goes on at `target` with the error in `register`.
package struct Handler: Sendable, BitwiseCopyable {
  /// Word offsets within the prototype's code: from `start` up to and without `end`.
  package var start: Int32
  /// Behind the last word that it covers.
  package var end: Int32
  /// Where the program goes on.
  package var target: Int32
  /// The register's index (not multiplied).
  package var register: UInt16
  /// A `finally`: it runs for a cancelled fiber too, and ends with `rethrow`. A `catch` does not see a cancellation.
  package var isFinally: Bool

  /// A `try` block.
  package init(range: Range<Int32>, target: Int32, register: UInt16, isFinally: Bool) {
    start = range.lowerBound
    end = range.upperBound
    self.target = target
    self.register = register
    self.isFinally = isFinally
  }
}

/// The keys of a map literal, in order, each once.
package struct ShapeTemplate: Sendable {
  /// Indexes into `Program.strings`.
  package var keys: [UInt32]

  /// A layout of these keys.
  package init(keys: [UInt32]) { self.keys = keys }
}

/// What a `getGlobal` operand stands for.
package enum GlobalLink: Hashable, Sendable {
  /// A global of this program, by slot.
  case own(UInt32)
  /// A global of another program of the same unit: its number in `Unit.programs`, and the slot there.
  case imported(program: UInt32, slot: UInt32)
}

/// A top-level variable in a global slot.
package struct Global: Sendable {
  /// An index into `Program.strings`.
  package var name: UInt32
  /// Whether modules that import this one see it.
  package var isExported: Bool

  /// A top-level variable.
  package init(name: UInt32, isExported: Bool) {
    self.name = name
    self.isExported = isExported
  }
}

/// A script with all its modules: run in order, each once. The script itself is the last.
package struct Unit: Sendable {
  /// In the order in which they run.
  package var programs: [Program]

  /// Programs that belong together.
  package init(programs: [Program]) { self.programs = programs }
}

/// Texts, back to back in one array of UTF-8 bytes.
package struct StringTable: Sendable {
  /// All texts, back to back.
  package var bytes: [UInt8] = []
  /// Where each text is in `bytes`.
  package var extents: [Extent] = []

  /// From the first byte of a text to the one behind its last. Not a `Range`: that a bound is comparable costs the
  /// runtime half a million instructions to find out, in every script.
  package struct Extent: Sendable {
    /// The offset of the text's first byte.
    package var lowerBound: Int32
    /// The offset behind its last.
    package var upperBound: Int32

    /// The offsets in `bytes`.
    package var offsets: Range<Int> { Int(lowerBound)..<Int(upperBound) }
  }

  /// An empty one, to be filled.
  package init() {}

  /// Adds a text without looking whether it is there already.
  package mutating func append(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
    let start = Int32(bytes.count)
    bytes.append(contentsOf: text)
    extents.append(Extent(lowerBound: start, upperBound: Int32(bytes.count)))
    return UInt32(extents.count - 1)
  }

  /// Adds a text, and gives its index.
  package mutating func append(_ text: [UInt8]) -> UInt32 { text.withUnsafeBufferPointer { append($0) } }

  /// The text with an index.
  package subscript(index: UInt32) -> String {
    String(decoding: bytes[extents[Int(index)].offsets], as: UTF8.self)
  }
}

/// Finds places in a source for the site numbers of a program.
package protocol SourceMap: Sendable {
  func site(_ number: UInt32) -> Site
}

/// A place in a source that an error can point at.
package struct Site: Sendable {
  /// What the arrow points at: for a member access the member's name, for a call the whole call, for an operator
  /// the whole expression.
  package var span: Span
  /// The expression that it was done to: the object of a member access or of an index, the callee, the left operand.
  package var subject: Span?
  /// The right operand, or the index.
  package var second: Span?
  /// What of the subject was asked for, where that is less than `span`: a method's name, an index in its brackets.
  package var access: Span?

  /// A place with what belongs to it.
  package init(span: Span, subject: Span? = nil, second: Span? = nil, access: Span? = nil) {
    self.span = span
    self.subject = subject
    self.second = second
    self.access = access
  }
}
