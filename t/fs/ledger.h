/* What was promised before the power went, and what was seen since. */
#ifndef FS_LEDGER_H
#define FS_LEDGER_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { STREAMS = 8, ROUNDS = 10 }; /* streams a cut, cuts a spool */

/* Topics, by what a power cut may take from them. */
enum mode { ALWAYS, INTERVAL, NEVER, MODES };
extern const char *const ledger_topics[MODES];

/* Groups, by how they settle. */
enum group { AFTER, BEFORE, MANUAL, GROUPS };
extern const char *const ledger_groups[GROUPS];

struct message {
	int64_t offset;      /* -1: not known */
	bool is_promised;    /* it must be there */
	bool is_stored;      /* because mq-put said so; else it was read */
	bool is_lost;        /* it must not come back */
	bool is_seen;        /* in the log, this time */
	bool is_delivered;   /* to AFTER */
	bool is_settled[GROUPS];
};

/* Messages 0 to count - 1 of one producer, put in this order. */
struct stream {
	enum mode mode;
	int partition;
	int count;
	int size; /* of the longest value */
	struct message *messages;
};

struct ledger {
	int round;
	struct stream streams[ROUNDS][STREAMS];
	struct buf problems;
	int problem_count;
	/* Totals, over all spools. */
	int64_t promised[MODES], lost[MODES], settled, seen;
};

void ledger_problem(struct ledger *ledger, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets the messages of a spool that is no more. */
void ledger_clear(struct ledger *ledger);

struct stream *ledger_stream(struct ledger *ledger, int number,
    enum mode mode, int partition);

/* Appends the value of a message: its name, and bytes that follow from it. */
void ledger_format(const struct ledger *ledger, int number, int index,
    struct buf *value);

/* What mq-put -v said: one line a message that is stored now. */
void ledger_stored(struct ledger *ledger, int number, struct buf *said);

/* What a group was given, as LEDGER_FORMAT; lines OK stand behind what is
 * settled, or all of it is: of the first `certain` bytes. What was settled
 * before must not come. */
#define LEDGER_FORMAT "%t %p %o %v\t%r\n"
void ledger_delivered(struct ledger *ledger, enum group group,
    struct buf *said, size_t certain, bool is_all_settled);

/* What a read of all topics gave, "%t %p %o %v\n": compares it with what was
 * promised; what was seen is promised from now on, where the mode says so. */
void ledger_compare(struct ledger *ledger, struct buf *dump);

/* Each message that is there was given to the group that settles after. */
void ledger_check_delivered(struct ledger *ledger);

#endif
