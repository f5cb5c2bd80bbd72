// `collection where condition`, as far as it is decided here: lists and streams are filtered, a collection of the host
// translates the condition itself.

import ICSVM

enum QueryFunctions {
  static let rows: [BuiltIn] = [
    BuiltIn(
      "__where", "__where(collection, predicate, condition)", "The items of a collection that a condition holds for.",
      .script(
        """
        (collection, predicate, condition) => {
          if __is_host(collection) {
            let found = collection.__where(predicate, condition)
            // A collection that the API cannot search is read as a whole.
            if collection.__is_searched { return found }
            return __where(found, predicate, condition)
          }
          let kind = type(collection)
          if kind == "list" {
            let out = []
            for x in collection {
              if predicate(x) { __push(out, x) }
            }
            return out
          }
          if kind == "stream" {
            return __stream(() => {
              while true {
                let x = __next(collection)
                if __is_end(x) { return __end }
                if predicate(x) { return x }
              }
            })
          }
          throw error("'where' filters a list, a stream or a collection of the API, and this is {{__describe(collection)}}", kind: "E_TYPE")
        }
        """)),
    BuiltIn(
      "__is_host", "__is_host(x)", "Whether a value is an object of the host's.",
      .native(1...1) { call in .bool(call[0].tag == Tag.host) }),
    BuiltIn(
      "__module", "__module(name, members)", "An imported module as a value: what `math` is, of a script's own.",
      .native(2...2) { (call) throws(Raised) in
        guard call[0].isString, call[1].isMap else { throw call.wrongType(1, "a map") }
        return call.vm.newModule(name: swiftString(call[0].address), members: call[1].address)
      }),
  ]
}
