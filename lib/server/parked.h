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
	struct topic **topics; /* what may wake it */
	size_t topic_count;
	int64_t until_ms;      /* clock_boot_ms */
	struct bell **bells;   /* internal, as what follows */
	struct event *timer;
	struct parked *previous;
	struct parked *next;
};

/* All of a loop, and of its storage, which holds their topics. */
struct parking;
int parking_open(struct parking **parking, struct event_base *base,
    struct storage *storage);
void parking_close(struct parking *parking); /* accepts NULL */

/* Parks it. True if the caller has to look once more: some of the doorbells are
 * listened to only from now on. */
bool parked_add(struct parking *parking, struct parked *parked);

/* Takes it out; frees nothing of the caller's. */
void parked_remove(struct parking *parking, struct parked *parked);

/* Behind an append to the topic with this id: who waits here is tried soon. */
void parking_look(struct parking *parking, const unsigned char *id);

/* The same where the topic's doorbell has not been rung yet: it is, once they
 * have their answers. */
void parking_tell(struct parking *parking, struct topic *topic);

/* Once a second or so. */
void parking_tick(struct parking *parking);

/* Nobody waits any longer: all are tried for the last time. */
void parking_end(struct parking *parking);

#endif
