// What the resolver finds out about a tree, in arrays beside the tree: the names' meanings, the variables, the
// functions and what they capture.

import ICSSyntax

/// What a name or a function in the tree stands for: one word for each node.
struct Resolution {
  var rawValue: UInt32

  static var none: Resolution { Resolution(rawValue: 0) }
  static func binding(_ index: Int) -> Resolution { Resolution(rawValue: UInt32(index) + 1) }
  static func function(_ index: Int) -> Resolution { Resolution(rawValue: UInt32(index) + 1) }
  static func prelude(_ index: Int) -> Resolution { Resolution(rawValue: UInt32(index) | 0x8000_0000) }
  static func intrinsic(_ it: Intrinsic) -> Resolution { Resolution(rawValue: UInt32(it.rawValue) | 0x4000_0000) }
  /// For a `member` of an imported module: the number of its link among `ResolvedTree.importedLinks`.
  static func link(_ index: Int) -> Resolution { Resolution(rawValue: UInt32(index) + 1) }

  /// The number of the binding, function or link.
  var index: Int? { rawValue == 0 || rawValue & 0xC000_0000 != 0 ? nil : Int(rawValue) - 1 }
  var preludeIndex: Int? { rawValue & 0x8000_0000 == 0 ? nil : Int(rawValue & 0x7FFF_FFFF) }
  var intrinsic: Intrinsic? {
    rawValue & 0xC000_0000 == 0x4000_0000 ? Intrinsic(rawValue: UInt8(truncatingIfNeeded: rawValue)) : nil
  }
}

/// What a block needs at its start; the resolution of a `block` or `program`.
struct BlockNeeds: OptionSet {
  let rawValue: UInt32
  /// It declares functions, which are made at its start.
  static let functions = BlockNeeds(rawValue: 1)
  /// It has variables that a function may read before their declaration ran: their cells are made at its start.
  static let earlyCells = BlockNeeds(rawValue: 2)
}

/// The names that code of the prelude is compiled with, besides those of the prelude itself.
enum Intrinsic: UInt8, CaseIterable {
  case selfValue, call, push, stream, next, end, isEnd

  var spelling: String {
    switch self {
    case .selfValue: "__self"
    case .call: "__call"
    case .push: "__push"
    case .stream: "__stream"
    case .next: "__next"
    case .end: "__end"
    case .isEnd: "__is_end"
    }
  }
}

/// How a name was declared.
enum BindingKind: UInt8 {
  case constant, variable, parameter, loop, caught, matched, function, imported, module
}

/// Where a variable lives.
enum Storage: UInt8 {
  /// In a register; other functions capture its value.
  case register
  /// In a cell that a register holds; other functions capture the cell.
  case cell
  /// In a global slot of this program: `location` is the slot.
  case global
  /// In a global slot of another program: `location` is the number among `importedLinks`.
  case imported
  /// A module: `location` is the number among `ResolvedTree.modules`.
  case module
  /// Imported from a module that has errors of its own. There is no code for it.
  case broken
}

/// A declared name.
struct Binding {
  struct Flags: OptionSet {
    let rawValue: UInt8
    /// The resolver is past its declaration.
    static let initialized = Flags(rawValue: 1)
    /// A function inside that of its declaration uses it.
    static let captured = Flags(rawValue: 2)
    /// Assigned to after its declaration.
    static let assigned = Flags(rawValue: 4)
    /// A function that may run before the declaration uses it.
    static let readEarly = Flags(rawValue: 8)
    static let used = Flags(rawValue: 16)
    static let exported = Flags(rawValue: 32)
    /// Declared by a statement of the file itself.
    static let topLevel = Flags(rawValue: 64)
    /// At the prompt: declared by an earlier entry, with `var`.
    static let assignable = Flags(rawValue: 128)
  }

  var name: NameID
  /// The declaring `namePattern`, `function`, `restParameter` or `restPattern`.
  var node: NodeID
  var function: Int32
  /// The number of the block's scope.
  var scope: Int32
  var kind: BindingKind
  var storage = Storage.register
  var flags: Flags = []
  /// The register, slot, link or module: see `Storage`. Registers are set while emitting.
  var location: Int32 = -1
  /// Its number among the captures of the function that is being emitted.
  var captureIndex: Int32 = -1
  /// The binding of the same name outside; -1 for none.
  var shadowed: Int32
}

/// A function of the tree: the file, a `function`, a `lambda`, a `step` or a hook.
struct FunctionInfo {
  var node: NodeID
  /// The function around it; -1 for the file.
  var parent: Int32
  /// For a declared function its binding, else -1.
  var binding: Int32 = -1
  /// For a declared function the scope at whose start it is made, else -1.
  var hoistScope: Int32 = -1
  /// The first and last of its captures in `ResolvedTree.captures`; -1 for none.
  var firstCapture: Int32 = -1
  var lastCapture: Int32 = -1
  var captureCount: Int32 = 0
  /// A variable is assigned inside an expression (in an `if` that is an operand, say): operands must be copied.
  var assignsInExpressions = false
}

/// One captured variable of a function, in a list through `next`.
struct CaptureEntry {
  var binding: Int32
  var next: Int32
}

/// Everything the resolver gives to the emitter.
struct ResolvedTree {
  /// By node.
  var resolutions: [Resolution]
  var bindings: [Binding] = []
  /// In the order in which they were met: a function comes after the one around it. Number 0 is the file.
  var functions: [FunctionInfo] = []
  var captures: [CaptureEntry] = []
  /// The variables of other programs that this one reads: program and slot.
  var importedLinks: [ImportedLink] = []
  var modules: [ModuleInterface] = []
  /// The bindings that live in global slots, in slot order.
  var globals: [Int32] = []
}

struct ImportedLink: Hashable {
  var program: UInt32
  var slot: UInt32
}
