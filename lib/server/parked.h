/* Parked requests: they wait until a topic has something new, or for a time. */
#ifndef SERVER_PARKED_H
#define SERVER_PARKED_H

#include "server/request.h"

/*
 * A request that waits, embedded in whatever it is about. try looks whether it
 * can be answered now, and answers it then: true, and parked is gone. is_last:
 * its time is over, so it has to be.
 */
struct parked {
	struct request *request;
	bool (*try)(struct parked *parked, bool is_last);
	struct topic **topics; /* what may wake it; held, and dropped here */
	size_t topic_count;
	int64_t until_ms;      /* clock_boot_ms */
	uint32_t *seen;        /* internal, as what follows */
	struct event *timer;
	struct parked *previous;
	struct parked *next;
};

/* All of a loop, and of its storage, which holds their topics. */
struct parking;
int parking_open(struct parking **parking, struct event_base *base,
    struct storage *storage);
void parking_close(struct parking *parking); /* accepts NULL */

/* Parks it; the doorbells are looked at from now on, so the caller calls try
 * once more behind it: park, then try, then forget or leave. */
void parked_add(struct parking *parking, struct parked *parked);

/* Takes it out; frees nothing of the caller's. */
void parked_remove(struct parking *parking, struct parked *parked);

/* Something new may be there: all whose doorbells rang are tried, soon. */
void parking_look(struct parking *parking);

/* The same, behind an append to a topic whose doorbell has not been rung yet:
 * that is done once all who wait here have their answers. */
void parking_tell(struct parking *parking, struct topic *topic);

/* Nobody waits any longer: all are tried for the last time. */
void parking_end(struct parking *parking);

#endif
