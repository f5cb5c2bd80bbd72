// Lua's C API, with functions in place of the macros that Swift does not see.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

static inline int shim_run(lua_State *L, const char *text) { return luaL_dostring(L, text); }
static inline int shim_call(lua_State *L, int arguments, int results) { return lua_pcall(L, arguments, results, 0); }
static inline lua_Integer shim_int(lua_State *L, int index) { return lua_tointeger(L, index); }
static inline void shim_pop(lua_State *L, int count) { lua_pop(L, count); }
static inline void shim_register(lua_State *L, const char *name, lua_CFunction f) { lua_register(L, name, f); }
static inline long shim_memory(lua_State *L) {
  return lua_gc(L, LUA_GCCOUNT) * 1024L + lua_gc(L, LUA_GCCOUNTB);
}
