/* What every tool does alike: options, help, errors, exit status. */
#ifndef CMD_TOOL_H
#define CMD_TOOL_H

#include "base/fail.h"
#include "base/option.h"
#include "spool/spool.h"

extern const char *tool_name; /* "mq-put" */

/* Parses the options or exits: --help and --version on stdout with 0, a usage
 * error with one line and "Try 'mq-put --help'." and 64. */
void tool_options(const struct command *command, int argc, char **argv,
    void *values, int *operands, int *worker);

/* Prints "mq-put: MESSAGE" and exits with its status. */
_Noreturn void tool_fail(int code);

/* Prints a usage error and exits 64. */
_Noreturn void tool_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* A note on stderr: "mq-put: ...", unless quiet. */
void tool_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens the spool of -C, or the default; fails and exits. */
struct spool *tool_spool(const char *directory, enum spool_mode mode);

/* Writes out to stdout and clears it. A reader that has gone (EPIPE) returns
 * -FAIL_NOTHING; other failures exit 74. */
int tool_write(struct buf *out);

/* Signals: after this INT, TERM and HUP set tool_signal instead of killing; a second
 * one kills. tool_die_of_signal ends the process as by that signal. */
extern volatile int tool_signal;
void tool_catch_signals(void);
_Noreturn void tool_die_of_signal(int signal);

/* Option rows that many tools share, for their tables. */
#define TOOL_OPTION_DIRECTORY(type, member) \
	{'C', "directory", OPTION_TEXT, offsetof(type, member), "DIR", \
	    COMPLETE_DIRECTORY, "spool directory (default: $MQ_SPOOL)"}

#endif
