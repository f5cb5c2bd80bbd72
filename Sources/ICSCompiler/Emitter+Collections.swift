// List and map literals, and the lists and maps that calls and queries are made of.

import ICSSyntax
import ICSVM

/// Builds a map in parts: runs of entries with known keys become `newMap`s, the first of which is the map.
struct MapBuilder {
  /// Where the map is: a scratch register.
  let target: Int
  let site: UInt32
  /// Whether the map exists.
  var isMade = false
  /// The keys of the run whose values are in consecutive registers.
  var keys: [UInt32] = []
  /// The first of these registers.
  var first = 0

  init(target: Int, site: UInt32) {
    self.target = target
    self.site = site
  }
}

extension Emitter {
  // MARK: Lists

  mutating func list(_ node: NodeID, into target: Int) {
    let result = scratch(target)
    list(of: tree.elements(of: node), into: result, at: site(node))
    move(target, result, at: site(node))
  }

  /// Makes a list of expressions and spreads in a scratch register. Named arguments at the end are left out.
  mutating func list(of elements: some Collection<NodeID>, into target: Int, at site: UInt32) {
    let mark = free
    // A short list at the top of the registers is built from its own register on.
    let first = target == free - 1 ? target : free
    free = first
    var count = 0
    var isMade = false
    for element in elements {
      let kind = tree.kind(of: element)
      if kind == .namedArgument { break }
      if count == Self.maximumRun || kind == .spread {
        flush(&count, target, mark: mark, first: isMade ? mark : first, &isMade, at: site)
      }
      if kind == .spread {
        spread(element, into: target)
        free = mark
      } else {
        let register = allocate()
        expression(element, into: register)
        count += 1
      }
    }
    if count > 0 || !isMade { flush(&count, target, mark: mark, first: isMade ? mark : first, &isMade, at: site) }
    free = mark
  }

  /// Puts the items in the registers from `first` on into the list, which the first run makes.
  private mutating func flush(
    _ count: inout Int, _ target: Int, mark: Int, first: Int, _ isMade: inout Bool, at site: UInt32
  ) {
    if !isMade {
      emit(.newList, a: target * 16, b: first * 16, c: count, at: site)
      isMade = true
    } else if count > 0 {
      emit(.listAppend, a: target * 16, b: first * 16, c: count, at: site)
    }
    count = 0
    free = mark
  }

  private mutating func spread(_ node: NodeID, into list: Int) {
    let mark = free
    let register = allocate()
    let operand = tree.operand(of: node)
    expression(operand, into: register)
    emit(.materialize, a: register * 16, at: site(node))
    emit(.listExtend, a: list * 16, b: register * 16, at: site(node))
    free = mark
  }

  // MARK: Maps

  mutating func map(_ node: NodeID, into target: Int) {
    let mark = free
    let result = scratch(target)
    var builder = MapBuilder(target: result, site: site(node))
    for element in tree.elements(of: node) {
      guard tree.kind(of: element) == .mapEntry else {
        flush(&builder)
        let register = allocate()
        expression(tree.operand(of: element), into: register)
        emit(.mapSpread, a: result * 16, b: register * 16, at: site(element))
        free = register
        continue
      }
      let (key, value) = tree.mapEntry(element)
      switch tree.kind(of: key) {
      case .key, .string:
        let register = nextEntry(&builder, key: string(ofKey: key))
        expression(value, into: register)
      default:
        flush(&builder)
        let keyMark = free
        let keyNode = tree.kind(of: key) == .computedKey ? tree.operand(of: key) : key
        let keyRegister = operand(keyNode)
        let valueRegister = operand(value)
        emit(.setIndex, a: result * 16, b: keyRegister * 16, c: valueRegister * 16, at: site(element))
        free = keyMark
      }
    }
    finish(&builder)
    move(target, result, at: site(node))
    free = mark
  }

  /// The register for the value of the next entry.
  mutating func nextEntry(_ builder: inout MapBuilder, key: UInt32) -> Int {
    // In one run each key stands once. A later value replaces the earlier one when the runs are put together.
    if builder.keys.count == Self.maximumRun || builder.keys.contains(key) { flush(&builder) }
    if builder.keys.isEmpty { builder.first = free }
    builder.keys.append(key)
    return allocate()
  }

  /// Ends the builder's run, so that the map exists and has the entries so far.
  private mutating func flush(_ builder: inout MapBuilder) {
    if builder.keys.isEmpty, builder.isMade { return }
    let first = builder.keys.isEmpty ? free : builder.first
    let run = builder.isMade ? first : builder.target
    newMap(builder.keys, from: first, into: run, at: builder.site)
    if builder.isMade {
      emit(.mapSpread, a: builder.target * 16, b: run * 16, at: builder.site)
    }
    builder.isMade = true
    builder.keys.removeAll(keepingCapacity: true)
    free = first
  }

  mutating func finish(_ builder: inout MapBuilder) { flush(&builder) }

  /// Emits a `newMap` of the values in consecutive registers.
  private mutating func newMap(_ keys: [UInt32], from first: Int, into target: Int, at site: UInt32) {
    let template = program.shapeTemplates.count
    program.shapeTemplates.append(ShapeTemplate(keys: keys))
    emit(.newMap, a: target * 16, b: first * 16, c: keys.count, at: site)
    emitExtra(UInt64(template), at: site)
  }

  /// Makes a map of named arguments in a scratch register.
  mutating func options(_ arguments: some Collection<NodeID>, into target: Int, at site: UInt32) {
    var builder = MapBuilder(target: target, site: site)
    for argument in arguments where tree.kind(of: argument) == .namedArgument {
      let (name, value) = tree.namedArgument(argument)
      let register = nextEntry(&builder, key: string(name))
      expression(value, into: register)
    }
    finish(&builder)
  }
}
