/* Parked requests: they wait until a topic has something new, or for a time. */
#ifndef SERVER_PARKED_H
#define SERVER_PARKED_H

#include "server/request.h"

/* An append that the loop itself has made, for who waits for just that. */
struct news {
	const unsigned char *topic_id;
	int partition;
	int64_t first;                /* offset */
	struct slice bytes;           /* a batch, as it is in the log */
	struct partition_state state; /* behind it */
};

enum heard {
	HEARD_NOTHING, /* it is not about this request */
	HEARD_ALL,     /* it is answered, and gone */
	HEARD_LOOK,    /* it has to be tried */
};

/*
 * A request that waits, embedded in whatever it is about. try looks whether it
 * can be answered now, and answers it then: true, and parked is gone. is_last:
 * its time is over, so it has to be. hear answers it with news, if it can; NULL:
 * it is tried.
 */
struct parked {
	struct request *request;
	bool (*try)(struct parked *parked, bool is_last);
	enum heard (*hear)(struct parked *parked, const struct news *news);
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
void parking_tell(struct parking *parking, struct topic *topic,
    const struct news *news);

/* Once a second or so. */
void parking_tick(struct parking *parking);

/* Nobody waits any longer: all are tried for the last time. */
void parking_end(struct parking *parking);

#endif
