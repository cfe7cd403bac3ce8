/* What a workload was promised, and what it tried, from its marks. */
#ifndef CRASH_PROMISE_H
#define CRASH_PROMISE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Marks are lines of words. "try-" comes before the operation, the other after
 * its success:
 *
 *   try-put TOPIC VALUE             put TOPIC PARTITION OFFSET VALUE
 *                                   keep TOPIC PARTITION OFFSET VALUE
 *   try-settle TOPIC GROUP P FIRST LAST
 *                                   settle TOPIC GROUP P FIRST LAST
 *   end-settle TOPIC GROUP          (what was tried and not settled, was not)
 *   try-reset TOPIC GROUP           (all may come back from now on)
 *   try-dead TOPIC GROUP P OFFSET   dead TOPIC GROUP P OFFSET
 *                                   held TOPIC GROUP P OFFSET
 *   try-topic TOPIC                 topic TOPIC PARTITIONS
 *   try-gone TOPIC                  gone TOPIC
 *
 *   try-trim TOPIC P OFFSET         trim TOPIC P OFFSET
 *   try-stop TOPIC                  (a failed sync may stop it: mended first)
 *   try-boot ID                     (of what the trace does from now on)
 *
 * keep and held (leased until the trace ends) promise nothing for a power cut.
 * A value is seen no more often than it was tried; one that is refused TOPIC
 * VALUE must not be seen.
 */
enum promise_kind {
	TRY_PUT, PUT, KEEP, REFUSED, TRY_SETTLE, SETTLE, TRY_DEAD, DEAD,
	TRY_TOPIC, TOPIC, TRY_GONE, GONE, END_SETTLE, TRY_RESET, TRY_BOOT,
	TRY_STOP, TRY_TRIM, TRIM, HELD,
};

enum { PROMISES_MAX = 4096, WORD_MAX = 48 };

struct promise {
	enum promise_kind kind;
	char topic[WORD_MAX];
	char word[WORD_MAX]; /* value, or group */
	int partition;
	int64_t first;       /* or how many partitions */
	int64_t last;
};

struct promises {
	struct promise list[PROMISES_MAX];
	int count;
};

/* Takes a mark in; -1 if it is none. */
int promises_add(struct promises *promises, const char *mark);

/* True if the topic was deleted later, or that was tried; of gone: if it may
 * have been made again. */
bool is_promise_void(const struct promises *promises, int index);

/* True if deliveries of it need not come back (tried, or settled), or must not
 * (settled). */
bool is_settle_tried(const struct promises *promises, const char *topic,
    const char *group, int partition, int64_t offset);
bool is_settled(const struct promises *promises, const char *topic,
    const char *group, int partition, int64_t offset);

/* True if what is at an offset need not be there (tried, or trimmed), or must
 * not (trimmed). */
bool is_trim_tried(const struct promises *promises, const char *topic,
    int partition, int64_t offset);
bool is_trimmed(const struct promises *promises, const char *topic,
    int partition, int64_t offset);

/* How often a value may be seen. */
int promises_count_tries(const struct promises *promises, const char *topic,
    const char *value);

/* True if a partition may be stopped. */
bool is_stop_tried(const struct promises *promises);

/* The last boot that was named, or NULL. */
const char *promises_boot(const struct promises *promises);

#endif
