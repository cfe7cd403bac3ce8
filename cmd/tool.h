/* What every tool does alike: options, help, errors, exit status. */
#ifndef CMD_TOOL_H
#define CMD_TOOL_H

#include "base/fail.h"
#include "base/option.h"
#include "spool/spool.h"

#include <signal.h>
#include <stddef.h>

#define TOOL_VERSION "0.1.0" /* of all tools together */

extern const char *tool_name; /* "mq-put" */

/* Sets the name of the tool, and what it says and exits with when there is no
 * memory (71), or a mapped file is cut short (74). */
void tool_begin(const char *name);

/* tool_begin, and parses the options (option_parse says how argv is permuted)
 * or exits: --help and --version on stdout with 0, a usage error with one line
 * and "Try 'mq-put --help'." and 64. Makes sure first that descriptors 0 to 2
 * are taken: reading a closed stdin or writing a closed stdout then fails,
 * instead of meeting a file of ours. */
void tool_options(const struct command *command, int argc, char **argv,
    void *values, int *operands, int *worker);

/* The place of a word in command->subcommands; a usage error if it is none of
 * them, or NULL. */
int tool_subcommand(const struct command *command, const char *word);

/* Prints "mq-put: MESSAGE" and exits with its status. */
_Noreturn void tool_fail(int code);
void tool_must(int code); /* that, if code is negative */

/* Prints a usage error and exits 64. */
_Noreturn void tool_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* A note on stderr: "mq-put: ...", unless quiet. */
void tool_set_quiet(bool quiet);
void tool_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, quiet or not. */
void tool_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens the spool of -C, or the default, and listens; fails and exits. */
struct spool *tool_spool(const char *directory, enum spool_mode mode);

/* The brokers of -b, else of MQ_BROKERS where no -C says otherwise; NULL: a
 * directory is meant. Both at once are a usage error. */
const char *tool_brokers(const char *directory, const char *brokers);

/* Prints what the spool tells (spool_listen), quiet or not. */
void tool_listen(struct spool *spool);

/* Writes out to stdout and clears it. A reader that has gone (EPIPE) returns
 * -FAIL_NOTHING; other failures exit 74. */
int tool_write(struct buf *out);

/* Signals: after this INT, TERM and HUP set tool_signal instead of killing; a
 * second one kills, unless it follows within 10 ms. A sleep that began just
 * then is interrupted too. USR1 sets tool_status: print a line, clear it. PIPE
 * is ignored. tool_die_of_signal ends the process as by that signal. */
extern volatile sig_atomic_t tool_signal;
extern volatile sig_atomic_t tool_status;
void tool_catch_signals(void);
_Noreturn void tool_die_of_signal(int signal);

/* The same for a tool with children to end first: a second signal sets
 * tool_urgent, a third one kills. */
extern volatile sig_atomic_t tool_urgent;
void tool_catch_two_signals(void);

/* Sleeps until fd (-1: nothing) can be read without waiting: 1; or timeout_ms
 * (-1: none) have passed or a signal came, also one from before the call: 0. */
int tool_wait_input(int fd, int64_t timeout_ms);

/* Option rows that many tools share, for their tables. */
#define TOOL_OPTION_BROKERS(type, member) \
	{'b', "brokers", OPTION_TEXT, offsetof(type, member), \
	    "HOST:PORT,..", NULL, \
	    "brokers instead of a directory (default: $MQ_BROKERS)"}
#define TOOL_OPTION_DIRECTORY(type, member) \
	{'C', "directory", OPTION_TEXT, offsetof(type, member), "DIR", \
	    COMPLETE_DIRECTORY, "spool directory (default: $MQ_SPOOL)"}

#endif
