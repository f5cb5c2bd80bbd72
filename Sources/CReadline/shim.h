// GNU readline for Swift. Only the executable imports this module: readline is GPL-3, the libraries stay free of it.
//
// Swift 6 refuses C's mutable globals ("not concurrency-safe because it involves shared mutable state"), and most of
// readline's settings are such globals. One-line accessors are enough; each is called on the main thread only, where
// the REPL's terminal loop lives.

#ifndef ICS_CREADLINE_SHIM_H
#define ICS_CREADLINE_SHIM_H

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// The terminal loop polls standard input, a signalfd (Ctrl-C) and an eventfd (results of the running script). Other
// systems have neither; there the loop uses pipes, which a signal handler writes to.
#ifdef __linux__
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#endif

#include <readline/history.h>
#include <readline/readline.h>

// The name under which ~/.inputrc can hold settings for this program (`$if ics`).
static inline void crl_set_name(const char *_Nonnull name) { rl_readline_name = name; }

// Keys of our own: Tab, Alt-Enter and others call these functions.
static inline void crl_bind(const char *_Nonnull keys, rl_command_func_t *_Nonnull function) {
  rl_bind_keyseq(keys, function);
}
static inline void crl_bind_named(const char *_Nonnull keys, const char *_Nonnull name) {
  rl_command_func_t *function = rl_named_function(name);
  if (function) rl_bind_keyseq(keys, function);
}

// What draws the line: ours draws it as readline does, and adds colours.
static inline void crl_set_redisplay(rl_voidfunc_t *_Nonnull function) { rl_redisplay_function = function; }
// A search through the history shows a line of its own.
static inline int crl_is_searching(void) {
  return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG) != 0;
}
static inline void crl_flush(void) { fflush(rl_outstream ? rl_outstream : stdout); }

// 0 leaves signals to the terminal loop; with 1 readline installs handlers of its own.
static inline void crl_set_catch_signals(int value) { rl_catch_signals = value; }

// Entries of several lines survive in the history file only when each is introduced by a time stamp line.
static inline void crl_set_history_timestamps(int value) {
  history_write_timestamps = value;
  history_comment_char = '#';
}

// The line as typed so far, and its length in bytes.
static inline const char *_Nonnull crl_line(void) { return rl_line_buffer ? rl_line_buffer : ""; }
static inline int crl_end(void) { return rl_end; }
static inline int crl_point(void) { return rl_point; }
static inline void crl_set_point(int point) { rl_point = point; }
static inline void crl_finish_line(void) { rl_done = 1; }
// Whether the text in the line was changed since it was recalled or pasted does not matter for us: the whole is taken.
static inline void crl_replace_line(const char *_Nonnull text) { rl_replace_line(text, 0); }

// The entries of the history, oldest first.
static inline int crl_history_count(void) { return history_length; }
static inline const char *_Nullable crl_history_line(int index) {
  HIST_ENTRY *entry = history_get(history_base + index);
  return entry ? entry->line : NULL;
}

// The environment, for programs that are started.
extern char **environ;
static inline char *_Nullable *_Nonnull crl_environment(void) { return environ; }

static inline void crl_set_streams(FILE *_Nullable input, FILE *_Nullable output) {
  rl_instream = input;
  rl_outstream = output;
}
static inline FILE *_Nullable crl_stdin(void) { return stdin; }
static inline FILE *_Nullable crl_stdout(void) { return stdout; }

// Results appear as they are printed, also when standard output is a pipe of a test.
static inline void crl_line_buffer_stdout(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

#endif
