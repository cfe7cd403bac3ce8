/* Patience: what may pass at brokers is tried again, for a while. */
#ifndef QUEUE_PATIENCE_H
#define QUEUE_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: the last try went well. */
struct patience {
	int64_t since_ms; /* clock_boot_ms of the first failure */
	int tries;        /* since then */
};

/* True for a failure that may pass: -FAIL_UNAVAILABLE, -FAIL_AGAIN. */
bool is_patience_worth(int failed);

/* After a failure: false if they have lasted for limit_ms, from the first on. */
bool is_patience_left(struct patience *patience, int64_t limit_ms);

/* Sleeps before the next try. */
void patience_rest(struct patience *patience);

#endif
