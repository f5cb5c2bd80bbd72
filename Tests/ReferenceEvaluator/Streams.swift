// Streams: lazy sequences that are pulled once.

final class StreamObject {
  /// The next item; nil at the end.
  let next: () throws -> Value?
  init(_ next: @escaping () throws -> Value?) { self.next = next }
}

extension Evaluator {
  /// `stream(source)`
  func stream(_ source: Value) throws -> Value {
    switch source {
    case .stream: return source
    case .function:
      return .stream(
        StreamObject { [unowned self] in
          let item = try call(source, [])
          return item.isNull ? nil : item
        })
    case .list(let list):
      var index = 0
      return .stream(
        StreamObject {
          guard index < list.items.count else { return nil }
          index += 1
          return list.items[index - 1]
        })
    case .range:
      var rest = rangeItems(source)[...]
      return .stream(StreamObject { rest.popFirst().map { .int($0) } })
    default: throw raise("E_TYPE")
    }
  }

  func streamMethod(_ name: String, _ source: StreamObject) -> Function? {
    /// A stream made of this one; the function gets an item and its number.
    func derived(_ f: Value, _ next: @escaping (_ answer: (Value) throws -> Value) throws -> Value?) -> Value {
      var index = 0
      return .stream(
        StreamObject { [unowned self] in
          try next { item in
            index += 1
            return try callBack(f, item, .int(index - 1))
          }
        })
    }
    func selection(_ wanted: Bool) -> Function {
      builtIn(name, 1...1) { arguments in
        derived(arguments[0]) { answer in
          while let item = try source.next() {
            try self.step()
            if try answer(item).isTrue == wanted { return item }
          }
          return nil
        }
      }
    }
    switch name {
    case "map":
      return builtIn(name, 1...1) { arguments in
        derived(arguments[0]) { answer in try source.next().map { try answer($0) } }
      }
    case "filter": return selection(true)
    case "reject": return selection(false)
    case "take_while":
      return builtIn(name, 1...1) { arguments in
        var isOver = false
        return derived(arguments[0]) { answer in
          guard !isOver, let item = try source.next() else { return nil }
          if try answer(item).isTrue { return item }
          isOver = true
          return nil
        }
      }
    case "take":
      return builtIn(name, 1...1) { arguments in
        var left = try count(arguments[0])
        return .stream(
          StreamObject {
            if left == 0 { return nil }
            left -= 1
            let item = try source.next()
            if item == nil { left = 0 }
            return item
          })
      }
    case "enumerate":
      return builtIn(name, 0...0) { _ in
        var index = -1
        return .stream(
          StreamObject {
            guard let item = try source.next() else { return nil }
            index += 1
            return .items([.int(index), item])
          })
      }
    case "chunk":
      return builtIn(name, 1...1) { arguments in
        let size = try count(arguments[0], atLeast: 1)
        var isOver = false
        return .stream(
          StreamObject {
            var part: [Value] = []
            while !isOver && part.count < size {
              if let item = try source.next() { part.append(item) } else { isOver = true }
            }
            return part.isEmpty ? nil : .items(part)
          })
      }
    case "to_list":
      return builtIn(name, 0...0) { _ in
        var items: [Value] = []
        try self.iterate(.stream(source)) { item in
          try self.step()
          items.append(item)
          return true
        }
        return .items(items)
      }
    case "first": return builtIn(name, 0...0) { _ in try source.next() ?? .null }
    case "each", "reduce", "find", "count": return pullingMethod(name, source)
    default: return nil
    }
  }

  private func pullingMethod(_ name: String, _ source: StreamObject) -> Function {
    /// Pulls item after item until `body` gives false.
    func pull(_ body: (Value, Value) throws -> Bool) throws {
      var index = 0
      try iterate(.stream(source)) { item in
        try step()
        index += 1
        return try body(item, .int(index - 1))
      }
    }
    switch name {
    case "each":
      return builtIn(name, 1...1) { arguments in
        try pull { item, index in
          _ = try self.callBack(arguments[0], item, index)
          return true
        }
        return .null
      }
    case "reduce":
      return builtIn(name, 2...2) { arguments in
        var result = arguments[0]
        try pull { item, index in
          result = try self.callBack(arguments[1], result, item, index)
          return true
        }
        return result
      }
    case "find":
      return builtIn(name, 1...1) { arguments in
        var found = Value.null
        try pull { item, index in
          let isFound = try self.callBack(arguments[0], item, index).isTrue
          if isFound { found = item }
          return !isFound
        }
        return found
      }
    default:
      return builtIn(name, 0...0) { _ in
        var count = 0
        try pull { _, _ in
          count += 1
          return true
        }
        return .int(count)
      }
    }
  }
}
