// The same as EmbeddingBenchmark through QuickJS's C API. Built by scripts/bench embedding where QuickJS is installed.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <quickjs/quickjs.h>

enum { CALLS = 2000000, STATES = 1000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static JSValue host_add(JSContext *context, JSValueConst self, int count, JSValueConst *arguments) {
  int64_t a = 0, b = 0;
  if (JS_ToInt64(context, &a, arguments[0]) || JS_ToInt64(context, &b, arguments[1])) return JS_EXCEPTION;
  return JS_NewInt64(context, a + b);
}

static JSValue host_upper(JSContext *context, JSValueConst self, int count, JSValueConst *arguments) {
  const char *text = JS_ToCString(context, arguments[0]);
  if (!text) return JS_EXCEPTION;
  JSValue result = JS_NewString(context, text);
  JS_FreeCString(context, text);
  return result;
}

static void run(JSContext *context, const char *text) {
  JS_FreeValue(context, JS_Eval(context, text, strlen(text), "bench.js", JS_EVAL_TYPE_GLOBAL));
}

// The best of five rounds of the function `name`, for each of its turns.
static double turn(JSContext *context, JSValue global, const char *name) {
  JSValue function = JS_GetPropertyStr(context, global, name);
  JSValue count = JS_NewInt32(context, CALLS);
  double least = 1e18;
  for (int round = 0; round < 5; round++) {
    double start = now();
    JS_FreeValue(context, JS_Call(context, function, global, 1, &count));
    double each = (now() - start) / CALLS;
    if (each < least) least = each;
  }
  JS_FreeValue(context, function);
  return least;
}

static const char *script =
  "const names = ['Ada', 'Bob']; function greet(i) { return 'hello ' + names[i % 2]; } names.map(n => n.length)";

int main(void) {
  double start = now();
  for (int i = 0; i < STATES; i++) {
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *context = JS_NewContext(runtime);
    run(context, script);
    JS_FreeContext(context);
    JS_FreeRuntime(runtime);
  }
  printf("quickjs: instance made, run, dropped\t%.1f\tus\n", (now() - start) / STATES / 1000);

  JSRuntime *runtime = JS_NewRuntime();
  JSContext *context = JS_NewContext(runtime);
  run(context, script);
  JSMemoryUsage usage;
  JS_ComputeMemoryUsage(runtime, &usage);
  printf("quickjs: idle instance\t%.1f\tkB\n", usage.malloc_size / 1024.0);

  JSValue global = JS_GetGlobalObject(context);
  JS_SetPropertyStr(context, global, "host_add", JS_NewCFunction(context, host_add, "host_add", 2));
  JS_SetPropertyStr(context, global, "host_upper", JS_NewCFunction(context, host_upper, "host_upper", 1));
  run(context,
    "function add(a, b) { return a + b }"
    "function empty(n) { let x = 0; for (let i = 0; i < n; i++) x = i; return x }"
    "function calls(n) { const f = host_add; let x = 0; for (let i = 0; i < n; i++) x = f(i, 1); return x }"
    "function texts(n) { const f = host_upper; let x = 0; for (let i = 0; i < n; i++) x = f('abcdefgh').length; return x }"
    "function own(n) { const f = add; let x = 0; for (let i = 0; i < n; i++) x = f(i, 1); return x }");
  double empty = turn(context, global, "empty");
  printf("quickjs: host function (int, int) -> int\t%.1f\tns\n", turn(context, global, "calls") - empty);
  printf("quickjs: host function (string) -> string\t%.1f\tns\n", turn(context, global, "texts") - empty);
  printf("quickjs: the same in the script\t%.1f\tns\n", turn(context, global, "own") - empty);

  JSValue function = JS_GetPropertyStr(context, global, "add");
  double least = 1e18;
  for (int round = 0; round < 5; round++) {
    start = now();
    for (int i = 0; i < CALLS; i++) {
      JSValue arguments[2] = {JS_NewInt32(context, i), JS_NewInt32(context, 1)};
      JS_FreeValue(context, JS_Call(context, function, global, 2, arguments));
    }
    double each = (now() - start) / CALLS;
    if (each < least) least = each;
  }
  printf("quickjs: script function from the host\t%.1f\tns\n", least);
  JS_FreeValue(context, function);
  JS_FreeValue(context, global);
  JS_FreeContext(context);
  JS_FreeRuntime(runtime);
  return 0;
}
