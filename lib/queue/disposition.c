/* What a worker's exit does to its message: the table, as data. */
#include "queue/disposition.h"
#include "base/fail.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* What is not named here is tried again. */
static const struct {
	unsigned char code;
	enum action action;
} exits[] = {
	{0, ACTION_ACK},
	{65, ACTION_DEAD},    /* EX_DATAERR */
	{99, ACTION_FINISH},  /* qmail: success, no more of these */
	{100, ACTION_DEAD},   /* qmail: permanent failure */
	{126, ACTION_BROKEN}, /* the shell: cannot be executed */
	{127, ACTION_BROKEN}, /* the shell: not found */
	{255, ACTION_BROKEN}, /* xargs and ssh: give up */
};

static const struct {
	const char *word;
	enum action action;
} words[] = {
	{"ack", ACTION_ACK},
	{"drop", ACTION_DROP},
	{"dead", ACTION_DEAD},
	{"retry", ACTION_RETRY},
};

void
disposition_init(struct disposition *disposition)
{
	memset(disposition->of_exit, ACTION_RETRY,
	    sizeof(disposition->of_exit));
	for (size_t i = 0; i < sizeof(exits) / sizeof(*exits); i++)
		disposition->of_exit[exits[i].code] =
		    (unsigned char)exits[i].action;
}

static int
fail_entry(const char *entry, size_t size)
{
	return fail(FAIL_USAGE,
	    "--on-exit: '%.*s' is not CODE=drop, dead, retry or ack",
	    (int)size, entry);
}

/* One CODE=WORD of size bytes. */
static int
parse_entry(struct disposition *disposition, const char *entry, size_t size)
{
	char *end;
	long code = strtol(entry, &end, 10);
	size_t left;

	if (*entry < '0' || *entry > '9' || *end != '=' || code > 255 ||
	    end > entry + size)
		return fail_entry(entry, size);
	left = size - (size_t)(end + 1 - entry);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strlen(words[i].word) != left ||
		    strncmp(words[i].word, end + 1, left) != 0)
			continue;
		disposition->of_exit[code] = (unsigned char)words[i].action;
		return 0;
	}
	return fail_entry(entry, size);
}

int
disposition_parse(struct disposition *disposition, const char *text)
{
	for (;;) {
		size_t size = strcspn(text, ",");
		int result = parse_entry(disposition, text, size);

		if (result < 0 || text[size] == 0)
			return result;
		text += size + 1;
	}
}

enum action
disposition_of(const struct disposition *disposition, int status,
    bool timed_out)
{
	if (timed_out || !WIFEXITED(status))
		return ACTION_RETRY;
	return (enum action)disposition->of_exit[WEXITSTATUS(status)];
}

enum outcome
disposition_outcome(enum action action)
{
	switch (action) {
	case ACTION_ACK:
	case ACTION_DROP:
	case ACTION_FINISH:
		return OUTCOME_ACCEPT;
	case ACTION_DEAD:
		return OUTCOME_REJECT;
	default:
		return OUTCOME_RELEASE;
	}
}
