// Swift objects that scripts hold: methods and properties by name.

import ICSVM

/// A Swift class whose objects scripts may hold.
///
///     final class Cart: ScriptObject {
///       static let scriptMembers = ObjectMembers<Cart>("cart") { members in
///         members.property("total") { $0.total }
///         members.method("add") { (cart, name: String, count: Int) in cart.add(name, count) }
///       }
///     }
///     shop.function("cart") { () in Hosted(Cart()) }
public protocol ScriptObject: AnyObject, Sendable {
  /// What scripts may read, set and call.
  static var scriptMembers: ObjectMembers<Self> { get }
}

/// How long a script may use an object of the host's.
public enum ObjectLifetime: Sendable, Hashable {
  /// As long as the run, call or hook goes on that it was given to; a use after that is an error of the script.
  case run
  /// As long as the instance lives.
  case instance
}

/// An object on its way to a script or from there: as a host function's result or argument, an input, a value.
public struct Hosted<Object: ScriptObject>: Sendable {
  /// The object itself.
  public let object: Object
  /// How long the script may use it.
  public let lifetime: ObjectLifetime

  /// An object for a script.
  public init(_ object: Object, lifetime: ObjectLifetime = .run) {
    self.object = object
    self.lifetime = lifetime
  }
}

extension Hosted: Codable {
  /// Takes an object from a script; from any other decoder it is an error.
  public init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? ValueDecoder else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "an object of the host's"))
    }
    self = try Self.read(decoder.value, decoder.vm, decoder.path)
  }

  /// Gives the object to a script; any other encoder is an error.
  public func encode(to encoder: any Encoder) throws {
    guard let encoder = encoder as? ValueEncoder else {
      throw EncodingError.invalidValue(
        self, EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "an object stays in its process"))
    }
    encoder.place.set(try write(encoder.vm, encoder.path), encoder.vm)
  }
}

extension Hosted: MachineReadable, MachineWritable {
  static func read(_ value: Value, _ vm: VM, _ path: ValuePath?) throws -> Hosted {
    guard let box = vm.machine.hostObject(value) as? HostBox, let object = box.object as? Object else {
      throw ConversionError(wanted: "a \(Object.scriptMembers.name)", value, vm, path)
    }
    guard box.isUsable(in: vm.machine) else {
      throw HostError("E_VALUE", "this \(box.typeName) belonged to a run that has ended")
    }
    return Hosted(object, lifetime: box.run == nil ? .instance : .run)
  }

  func write(_ vm: VM, _ path: ValuePath?) throws -> Value {
    try HostBox.value(of: object, Object.scriptMembers.erased, lifetime: lifetime, vm)
  }
}

/// What scripts may do with a type's objects.
public struct ObjectMembers<Object: AnyObject & Sendable>: Sendable {
  /// What `type(x)` says of such an object.
  public let name: String
  let erased: ErasedMembers

  /// Names the type and its members.
  public init(_ name: String, _ build: (inout Builder) -> Void) {
    self.name = name
    var builder = Builder(typeName: name)
    build(&builder)
    erased = ErasedMembers(name: name, properties: builder.properties, methods: builder.methods)
  }

  /// Takes the members while a type lists them.
  public struct Builder {
    let typeName: String
    var properties: [String: ErasedMembers.Property] = [:]
    var methods: [String: NativeFunction] = [:]

    /// A property that scripts read.
    public mutating func property<Content: Encodable & Sendable>(
      _ name: String, get: @escaping @Sendable (Object) throws -> Content
    ) {
      properties[name] = ErasedMembers.Property(get: Self.getter(get), set: nil)
    }

    /// A property that scripts read and set.
    public mutating func property<Content: Codable & Sendable>(
      _ name: String, get: @escaping @Sendable (Object) throws -> Content,
      set: @escaping @Sendable (Object, Content) throws -> Void
    ) {
      properties[name] = ErasedMembers.Property(get: Self.getter(get)) { object, value, vm in
        try set(Self.typed(object), try read(Content.self, from: value, vm))
      }
    }

    private static func getter<Content: Encodable & Sendable>(
      _ get: @escaping @Sendable (Object) throws -> Content
    ) -> @Sendable (AnyObject, VM) throws -> Value {
      { object, vm in try write(get(typed(object)), vm) }
    }

    private static func typed(_ object: AnyObject) throws -> Object {
      guard let typed = object as? Object else { throw HostError("E_TYPE", "this is another type of object") }
      return typed
    }

    /// A method that answers at once.
    public mutating func method<each Argument: Decodable & Sendable, Result: Encodable & Sendable>(
      _ name: String, parameters: [Parameter] = [],
      _ body: @escaping @Sendable (Object, repeat each Argument) throws -> Result
    ) {
      let title = "\(typeName).\(name)"
      let (count, arity) = HostModule.shape(parameters, repeat (each Argument).self)
      methods[name] = NativeFunction(title, arity: arity) { call throws(Raised) in
        do {
          let object = try Self.typed(HostBox.receiver(of: call, title).object)
          var arguments = try ArgumentReader(call, parameters, count)
          return try write(body(object, repeat arguments.next((each Argument).self)), call.vm)
        } catch {
          throw Conversion.raise(error, title, call.vm)
        }
      }
    }

    /// A method that answers at once and gives null.
    public mutating func method<each Argument: Decodable & Sendable>(
      _ name: String, parameters: [Parameter] = [],
      _ body: @escaping @Sendable (Object, repeat each Argument) throws -> Void
    ) {
      method(name, parameters: parameters) {
        (object: Object, arguments: repeat each Argument) throws -> ScriptValue in
        try body(object, repeat each arguments)
        return .null
      }
    }

    /// A method that awaits and gives null.
    public mutating func method<each Argument: Decodable & Sendable>(
      _ name: String, parameters: [Parameter] = [],
      _ body: @escaping @Sendable (Object, repeat each Argument) async throws -> Void
    ) {
      method(name, parameters: parameters) {
        (object: Object, arguments: repeat each Argument) async throws -> ScriptValue in
        try await body(object, repeat each arguments)
        return .null
      }
    }

    /// A method that awaits: the calling fiber waits for it.
    public mutating func method<each Argument: Decodable & Sendable, Result: Encodable & Sendable>(
      _ name: String, parameters: [Parameter] = [],
      _ body: @escaping @Sendable (Object, repeat each Argument) async throws -> Result
    ) {
      let title = "\(typeName).\(name)"
      let (count, arity) = HostModule.shape(parameters, repeat (each Argument).self)
      methods[name] = NativeFunction(
        title, arity: arity,
        suspending: { call throws(Raised) in
          let object: Object
          let arguments: (repeat each Argument)
          do {
            object = try Self.typed(HostBox.receiver(of: call, title).object)
            var reader = try ArgumentReader(call, parameters, count)
            arguments = (repeat try reader.next((each Argument).self))
          } catch {
            throw Conversion.raise(error, title, call.vm)
          }
          return Conversion.awaiting(title, call) { try await body(object, repeat each arguments) }
        })
    }
  }
}

/// A type's members without the type.
// SAFETY: nothing of it ever changes, and natives' bodies are `@Sendable`.
struct ErasedMembers: @unchecked Sendable {
  struct Property: Sendable {
    let get: @Sendable (AnyObject, VM) throws -> Value
    let set: (@Sendable (AnyObject, Value, VM) throws -> Void)?
  }

  let name: String
  let properties: [String: Property]
  let methods: [String: NativeFunction]
}

/// A host's object in one machine.
final class HostBox: HostObject {
  let object: any AnyObject & Sendable
  /// The run that it may be used in; nil as long as the machine lives.
  let run: Int?
  private let members: ErasedMembers

  init(_ object: any AnyObject & Sendable, _ members: ErasedMembers, run: Int?) {
    self.object = object
    self.members = members
    self.run = run
  }

  var typeName: String { members.name }
  var memberNames: [String] { (Array(members.properties.keys) + members.methods.keys).sorted() }

  /// The value that stands for an object; the same one during a run.
  static func value(
    of object: any AnyObject & Sendable, _ members: ErasedMembers, lifetime: ObjectLifetime, _ vm: VM
  ) throws -> Value {
    let machine = vm.machine
    guard let core = machine.context as? InstanceCore else {
      throw HostError("E_VALUE", "objects of the host's need an instance")
    }
    if let known = core.objects[ObjectIdentifier(object)] { return machine.value(known) }
    let box = HostBox(object, members, run: lifetime == .run ? core.run : nil)
    let value = machine.value(of: box)
    core.objects[ObjectIdentifier(object)] = machine.retain(value)
    return value
  }

  /// As above, for an object whose type has to be found out.
  static func value(of object: any AnyObject & Sendable, _ vm: VM, _ path: ValuePath?) throws -> Value {
    guard let object = object as? any ScriptObject else {
      throw ConversionError(
        wanted: "an object of a ScriptObject type", found: "a \(type(of: object))",
        path: ValuePath.text(ValuePath.keys(path)))
    }
    func write<Object: ScriptObject>(_ object: Object) throws -> Value {
      try value(of: object, Object.scriptMembers.erased, lifetime: .run, vm)
    }
    return try write(object)
  }

  /// The object that a method was called on.
  static func receiver(of call: Call, _ title: String) throws -> HostBox {
    guard let box = call.machine.hostObject(call.receiver) as? HostBox else {
      throw HostError(
        "E_TYPE", "'\(title)' is called on its object: object.\(title.split(separator: ".").last ?? "")()")
    }
    guard box.isUsable(in: call.machine) else { throw box.outlived }
    return box
  }

  func isUsable(in machine: Machine) -> Bool {
    guard let run else { return true }
    return (machine.context as? InstanceCore)?.run == run
  }

  private var outlived: HostError { HostError("E_VALUE", "this \(typeName) belonged to a run that has ended") }

  func member(_ name: String, machine: Machine) throws(Raised) -> Value? {
    do {
      guard isUsable(in: machine) else { throw outlived }
      if let property = members.properties[name] { return try property.get(object, machine.state) }
      guard let native = members.methods[name], let core = machine.context as? InstanceCore else { return nil }
      if let known = core.methods[ObjectIdentifier(native)] { return known }
      let value = machine.value(of: native)
      core.methods[ObjectIdentifier(native)] = value
      return value
    } catch {
      throw Conversion.raise(error, "\(typeName).\(name)", machine.state)
    }
  }

  func setMember(_ name: String, to value: Value, machine: Machine) throws(Raised) -> Bool {
    do {
      guard isUsable(in: machine) else { throw outlived }
      guard let set = members.properties[name]?.set else { return false }
      try set(object, value, machine.state)
      return true
    } catch {
      throw Conversion.raise(error, "\(typeName).\(name)", machine.state)
    }
  }
}
