/* The doorbells of the topics that somebody waits for. */
#ifndef SERVER_BELLS_H
#define SERVER_BELLS_H

#include "server/storage.h"

#include <event2/event.h>

/* One topic's. It stays for a while when nobody uses it any longer, since most
 * who wait come back for the same. */
struct bell {
	struct topic *topic; /* held */
	bool has_news;       /* it rang, or was marked: until bells_listen */
	bool is_owed;        /* internal, as what follows: bells_ring_owed */
	int users;
	uint32_t seen;       /* the rings that we know of */
	int64_t idle_ms;     /* clock_boot_ms: nobody uses it since */
};

struct bells;

/* All of a loop, and of its storage. heard is called by the loop when one may
 * have rung: it calls bells_read, looks, and calls bells_listen. */
int bells_open(struct bells **bells, struct event_base *base,
    struct storage *storage, void (*heard)(void *), void *context);
void bells_close(struct bells *bells); /* accepts NULL */

/* The bell of a topic, to be given back. is_new is set if it is known only from
 * now on: what is in the topic already does not ring it. */
struct bell *bells_take(struct bells *bells, struct topic *topic,
    bool *is_new);
void bells_leave(struct bell *bell);

/* Which have rung: their has_news. */
void bells_read(struct bells *bells);

bool has_bells_news(const struct bells *bells);

/* There is something new in the topic with this id. False if nobody waits for
 * it, nor has lately. */
bool bells_mark(struct bells *bells, const unsigned char *id);

/* Its doorbell is owed a ring. False likewise: then the caller rings. */
bool bells_owe(struct bells *bells, const unsigned char *id);
void bells_ring_owed(struct bells *bells);

/* Has the thread listen to those in use; no news any longer. */
void bells_listen(struct bells *bells);

/* Once a second or so: forgets those that nobody uses, finds those that are
 * other files now. */
void bells_tick(struct bells *bells);

#endif
