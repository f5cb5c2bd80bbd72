// The same through Lua's C API.

import CLua

enum LuaBenchmark {
  private static let calls = 2_000_000
  private static let text =
    "local names = {'Ada', 'Bob'} local out = {} for i, n in ipairs(names) do out[i] = #n end "
    + "function greet(i) return 'hello ' .. names[i % 2 + 1] end"

  static func run() {
    states()
    guard let state = luaL_newstate() else { return }
    defer { lua_close(state) }
    luaL_openlibs(state)
    shim_register(state, "host_add") { state in
      lua_pushinteger(state, luaL_checkinteger(state, 1) &+ luaL_checkinteger(state, 2))
      return 1
    }
    shim_register(state, "host_upper") { state in
      lua_pushstring(state, luaL_checklstring(state, 1, nil))
      return 1
    }
    _ = shim_run(
      state,
      """
      function add(a, b) return a + b end
      function empty(n) local x = 0 for i = 0, n - 1 do x = i end return x end
      function calls(n) local f = host_add local x = 0 for i = 0, n - 1 do x = f(x, i) end return x end
      function texts(n) local f = host_upper local x = 0 for i = 0, n - 1 do x = #f("abcdefgh") end return x end
      function own(n) local f = add local x = 0 for i = 0, n - 1 do x = f(x, i) end return x end
      """)
    let empty = time("empty", state)
    report("lua: host function (int, int) -> int", time("calls", state) - empty, "ns")
    report("lua: host function (string) -> string", time("texts", state) - empty, "ns")
    report("lua: the same in the script", time("own", state) - empty, "ns")
    report("lua: script function from the host", fromOutside(state), "ns")
  }

  private static func time(_ name: String, _ state: OpaquePointer) -> Double {
    best(of: calls) {
      lua_getglobal(state, name)
      lua_pushinteger(state, lua_Integer(calls))
      _ = shim_call(state, 1, 1)
      shim_pop(state, 1)
    }
  }

  private static func fromOutside(_ state: OpaquePointer) -> Double {
    best(of: calls) {
      for i in 0..<calls {
        lua_getglobal(state, "add")
        lua_pushinteger(state, lua_Integer(i))
        lua_pushinteger(state, 1)
        _ = shim_call(state, 2, 1)
        _ = shim_int(state, -1)
        shim_pop(state, 1)
      }
    }
  }

  private static func states() {
    let count = 5_000
    report(
      "lua: instance made, run, dropped",
      best(3, of: count) {
        for _ in 0..<count {
          guard let one = luaL_newstate() else { continue }
          luaL_openlibs(one)
          _ = shim_run(one, text)
          lua_close(one)
        }
      } / 1000, "us")
    guard let one = luaL_newstate() else { return }
    luaL_openlibs(one)
    _ = shim_run(one, text)
    // As Lua counts, without what the allocator adds.
    report("lua: idle instance", Double(shim_memory(one)) / 1024, "kB")
    lua_close(one)
  }
}
