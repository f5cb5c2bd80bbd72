// Streams: a script's in Swift's hands, and Swift's in a script's.

import ICSVM
import Synchronization

/// A stream of a script as an asynchronous sequence. It is read once, by one reader.
///
///     for try await contact in try await script.run(as: ScriptStream<Contact>.self) { print(contact.name) }
public struct ScriptStream<Element: Decodable & Sendable>: AsyncSequence, Sendable {
  /// What a stream gives is read as this type.
  public typealias Element = Element
  let source: ScriptFunction

  var identity: ObjectIdentifier { ObjectIdentifier(source) }

  /// Starts to read.
  public func makeAsyncIterator() -> Iterator { Iterator(source: source) }

  /// Pulls one item after the other.
  public struct Iterator: AsyncIteratorProtocol {
    let source: ScriptFunction

    /// The next item; nil at the end. The script runs until it has it.
    public func next() async throws -> Element? { try await source.core.next(source.handle, as: Element.self) }
  }
}

extension ScriptStream: Codable {
  /// Takes a stream, list or range from a script; from any other decoder it is an error.
  public init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? ValueDecoder else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "a stream of a script"))
    }
    self = try Self.read(decoder.value, decoder.vm, decoder.path)
  }

  /// Gives the stream back to its script; any other encoder is an error.
  public func encode(to encoder: any Encoder) throws {
    guard let encoder = encoder as? ValueEncoder else {
      throw EncodingError.invalidValue(
        self, EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "a stream stays in its script"))
    }
    encoder.place.set(try write(encoder.vm, encoder.path), encoder.vm)
  }
}

extension ScriptStream: MachineReadable, MachineWritable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> ScriptStream {
    guard value.tag == Tag.stream, let core = vm.machine.context as? InstanceCore else {
      throw ConversionError(wanted: "a stream", value, vm, path)
    }
    return ScriptStream(source: ScriptFunction(core: core, handle: core.machine.retain(value)))
  }

  func write(_ vm: VM, _ path: ValuePath?) throws -> Value { try source.write(vm, path) }
}

/// A Swift sequence that a script pulls.
///
/// Items are asked for one at a time; a script's fibers that pull the same stream at once get an error, for the
/// sequence's iterator belongs to one of them.
final class SequencePuller<Items: AsyncSequence & Sendable>: Sendable where Items.Element: Encodable & Sendable {
  private let state: Mutex<State>

  private struct State {
    var iterator: Iterator?
    var isBusy = false
  }

  /// Goes from one task to the next with the pulls.
  // SAFETY: `isBusy` lets one pull have it at a time.
  private struct Iterator: @unchecked Sendable {
    var base: Items.AsyncIterator
  }

  init(_ items: Items) {
    let iterator = Iterator(base: items.makeAsyncIterator())
    state = Mutex(State(iterator: iterator))
  }

  func next() async throws -> Items.Element? {
    let taken = try state.withLock { state in
      if state.isBusy { throw HostError("E_VALUE", "two fibers read this stream at once") }
      state.isBusy = state.iterator != nil
      return state.iterator
    }
    guard var iterator = taken else { return nil }
    do {
      let item = try await iterator.base.next()
      let after = item == nil ? nil : iterator
      state.withLock { $0 = State(iterator: after) }
      return item
    } catch {
      state.withLock { $0 = State(iterator: nil) }
      throw error
    }
  }

  /// The stream value of a machine.
  static func value(of items: Items, _ vm: VM, title: String) -> Value {
    let puller = SequencePuller(items)
    let next = NativeFunction(
      "next", arity: 0...0,
      suspending: { _ in
        .operation {
          do {
            guard let item = try await puller.next() else {
              // A sequence that is cancelled just ends: the script must not take that for all there is.
              try Task.checkCancellation()
              return { _ in .end }
            }
            return { vm throws(Raised) in try Conversion.result(item, vm, title) }
          } catch {
            let failure = error
            return { vm throws(Raised) in throw Conversion.raise(failure, title, vm) }
          }
        }
      })
    return vm.newStream(pulling: next)
  }
}
