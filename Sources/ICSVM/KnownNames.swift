// The names of members that every value of a kind has.

/// Names that the machine itself looks for.
final class KnownNames {
  private(set) var length: UInt = 0
  private(set) var first: UInt = 0
  private(set) var last: UInt = 0
  private(set) var kind: UInt = 0
  private(set) var message: UInt = 0
  private(set) var data: UInt = 0
  private(set) var stack: UInt = 0

  func make(_ vm: VM) {
    length = UInt(bitPattern: vm.name("length"))
    first = UInt(bitPattern: vm.name("first"))
    last = UInt(bitPattern: vm.name("last"))
    kind = UInt(bitPattern: vm.name("kind"))
    message = UInt(bitPattern: vm.name("message"))
    data = UInt(bitPattern: vm.name("data"))
    stack = UInt(bitPattern: vm.name("stack"))
  }
}
