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

// Completion. `over` keeps readline from falling back to file names when the completer has nothing to offer.
static inline void crl_set_completer(rl_completion_func_t *_Nullable completer) {
  rl_attempted_completion_function = completer;
}
static inline void crl_set_completion_over(int over) { rl_attempted_completion_over = over; }
static inline void crl_set_completion_append(int character) { rl_completion_append_character = character; }
static inline void crl_set_word_breaks(const char *_Nonnull characters) {
  rl_basic_word_break_characters = characters;
  rl_completer_word_break_characters = (char *)characters;
}

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

static inline void crl_set_streams(FILE *_Nullable input, FILE *_Nullable output) {
  rl_instream = input;
  rl_outstream = output;
}
static inline FILE *_Nullable crl_stdin(void) { return stdin; }
static inline FILE *_Nullable crl_stdout(void) { return stdout; }

// Results appear as they are printed, also when standard output is a pipe of a test.
static inline void crl_line_buffer_stdout(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

#endif
