/* Options as data: the parser, --help and completion read one table. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include "base/buf.h"

enum option_type {
	OPTION_FLAG,     /* bool */
	OPTION_TEXT,     /* const char * */
	OPTION_LIST,     /* struct option_list, one entry each time given */
	OPTION_INTEGER,  /* int64_t >= 0 */
	OPTION_DURATION, /* int64_t milliseconds */
	OPTION_SIZE,     /* int64_t bytes */
};

struct option_list {
	const char **items;
	size_t count;
};

/* What completes an argument: one of these words, or "a|b|c" for a choice
 * (OPTION_TEXT then accepts nothing else). NULL: nothing. */
#define COMPLETE_TOPIC "@topic"
#define COMPLETE_GROUP "@group"
#define COMPLETE_FILE "@file"
#define COMPLETE_DIRECTORY "@directory"

struct option_spec {
	char letter;          /* 0 if it has only a name */
	const char *name;     /* 0-terminated long name, NULL if only a letter */
	enum option_type type;
	size_t offset;        /* of the member in the tool's struct of values */
	const char *argument; /* "DUR", NULL for a flag; "[DUR]" is optional:
	                         the long form takes it only as --name=DUR,
	                         absent sets the text to "" */
	const char *complete;
	const char *help;     /* one line, no full stop */
};

struct command {
	const char *name;        /* "mq-put" */
	const char *operands;    /* "TOPIC [FILE...]" */
	const char *summary;     /* one line: what it does */
	const char *complete;    /* completes the operands, as above */
	const struct option_spec *options; /* ends with a zero entry; --help
	                                      and --version are added */
	const char *subcommands; /* "list|show|create", completed as first
	                            operand; NULL if none */
};

enum { OPTION_HELP = 1, OPTION_VERSION = 2, OPTION_TABLE = 3 };

/* Parses argv into values (its members keep their defaults where an option is
 * not given). Options may stand anywhere before "--". argv is permuted: options
 * first, then the operands before "--" in [*operands, *worker), then what is
 * behind "--" in [*worker, argc), "--" itself in neither; without "--" *worker
 * is argc. Returns 0, OPTION_HELP, OPTION_VERSION, OPTION_TABLE (the hidden
 * --option-table), or -FAIL_USAGE. Texts point to argv's strings; lists are
 * allocated, until option_release. */
int option_parse(const struct command *command, int argc, char **argv,
    void *values, int *operands, int *worker);
void option_release(const struct command *command, void *values);

void option_help(const struct command *command, struct buf *out);

/* One line per option for completions and tests, tab-separated:
 * -LETTER or empty, --NAME or empty, ARGUMENT or empty, complete or empty, help.
 * The first line: command, operands, complete, subcommands, summary. */
void option_table(const struct command *command, struct buf *out);

#endif
