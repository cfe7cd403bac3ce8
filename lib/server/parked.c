/* Parked requests: they wait until a topic has something new, or for a time. */
#include "server/parked.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "server/bells.h"
#include "server/connection.h"

#include <stdlib.h>
#include <string.h>

/* What is told in one turn of the loop; beyond, who waits looks itself. */
enum { NEWS_MAX = 16, NEWS_BYTES_MAX = 16 * 1024 };

/* Its id and bytes are ours: the request that brought them may end first. */
struct kept_news {
	struct news news;
	unsigned char topic_id[16];
};

struct parking {
	struct bells *bells;
	struct event_base *base;
	struct parked *first;
	struct parked *next;  /* of the walk that is going on */
	bool is_ending;       /* nobody waits any longer */
	struct event *look;   /* active: who has news is to be tried */
	struct event *owed;   /* active: others are to hear of it */
	struct kept_news news[NEWS_MAX];
	size_t news_count;
	unsigned char bytes[NEWS_BYTES_MAX];
	size_t bytes_used;
};

static bool
has_news(const struct parked *parked)
{
	for (size_t i = 0; i < parked->topic_count; i++)
		if (parked->bells[i]->has_news)
			return true;
	return false;
}

/* To try one may end others. Who waits for something new gets it before others
 * have the answer that it is stored. */
static void
try_all(struct parking *parking, bool is_last)
{
	struct parked *parked = parking->first;

	while (parked != NULL) {
		struct connection *connection = parked->request->connection;

		parking->next = parked->next;
		if ((is_last || has_news(parked)) &&
		    parked->try(parked, is_last))
			connection_flush(connection);
		parked = parking->next;
	}
	parking->next = NULL;
}

static bool
is_awaited(const struct parked *parked, const unsigned char *id)
{
	for (size_t i = 0; i < parked->topic_count; i++)
		if (memcmp(topic_id(parked->bells[i]->topic), id, 16) == 0)
			return true;
	return false;
}

static enum heard
hear(struct parked *parked, const struct news *news)
{
	if (parked->hear != NULL)
		return parked->hear(parked, news);
	return is_awaited(parked, news->topic_id) ? HEARD_LOOK : HEARD_NOTHING;
}

/* True if it is answered, and gone. */
static bool
hear_news(const struct parking *parking, struct parked *parked)
{
	for (size_t i = 0; i < parking->news_count; i++) {
		enum heard heard = hear(parked, &parking->news[i].news);

		if (heard != HEARD_NOTHING)
			return heard == HEARD_ALL || parked->try(parked, false);
	}
	return false;
}

static void
hear_all(struct parking *parking)
{
	struct parked *parked = parking->first;

	while (parked != NULL && parking->news_count > 0) {
		struct connection *connection = parked->request->connection;

		parking->next = parked->next;
		if (hear_news(parking, parked))
			connection_flush(connection);
		parked = parking->next;
	}
	parking->next = NULL;
	parking->news_count = 0;
	parking->bytes_used = 0;
}

static void
look(struct parking *parking)
{
	hear_all(parking);
	if (has_bells_news(parking->bells))
		try_all(parking, false);
	bells_listen(parking->bells);
}

static void
on_look(evutil_socket_t fd, short what, void *argument)
{
	struct parking *parking = argument;

	(void)fd;
	(void)what;
	look(parking);
	/* Behind what is about to be sent: to wake others takes time. */
	event_active(parking->owed, EV_TIMEOUT, 0);
}

static void
on_owed(evutil_socket_t fd, short what, void *argument)
{
	struct parking *parking = argument;

	(void)fd;
	(void)what;
	bells_ring_owed(parking->bells);
}

static void
on_heard(void *argument)
{
	struct parking *parking = argument;

	bells_read(parking->bells);
	look(parking);
}

static void
on_time(evutil_socket_t fd, short what, void *argument)
{
	struct parked *parked = argument;

	(void)fd;
	(void)what;
	parked->try(parked, true);
}

int
parking_open(struct parking **out, struct event_base *base,
    struct storage *storage)
{
	struct parking *parking = memory_alloc(sizeof *parking);

	*out = parking;
	parking->base = base;
	parking->look = evtimer_new(base, on_look, parking);
	parking->owed = evtimer_new(base, on_owed, parking);
	if (parking->look == NULL || parking->owed == NULL)
		return fail(FAIL_SYSTEM, "no memory for events");
	return bells_open(&parking->bells, base, storage, on_heard, parking);
}

void
parking_close(struct parking *parking)
{
	if (parking == NULL)
		return;
	bells_close(parking->bells);
	if (parking->look != NULL)
		event_free(parking->look);
	if (parking->owed != NULL)
		event_free(parking->owed);
	free(parking);
}

static void
start_timer(struct parking *parking, struct parked *parked)
{
	int64_t left_ms = parked->until_ms - clock_boot_ms();
	struct timeval left;

	if (left_ms < 0 || parking->is_ending)
		left_ms = 0;
	left = (struct timeval){left_ms / 1000, left_ms % 1000 * 1000};
	parked->timer = evtimer_new(parking->base, on_time, parked);
	if (parked->timer != NULL)
		event_add(parked->timer, &left);
}

bool
parked_add(struct parking *parking, struct parked *parked)
{
	bool has_new = false, is_new;

	parked->bells = memory_alloc((parked->topic_count + 1) *
	    sizeof(struct bell *));
	for (size_t i = 0; i < parked->topic_count; i++) {
		parked->bells[i] = bells_take(parking->bells,
		    parked->topics[i], &is_new);
		has_new = has_new || is_new;
	}
	start_timer(parking, parked);
	parked->next = parking->first;
	parked->previous = NULL;
	if (parked->next != NULL)
		parked->next->previous = parked;
	parking->first = parked;
	event_active(parking->look, EV_TIMEOUT, 0);
	return has_new;
}

void
parked_remove(struct parking *parking, struct parked *parked)
{
	for (size_t i = 0; i < parked->topic_count; i++)
		bells_leave(parked->bells[i]);
	if (parking->next == parked)
		parking->next = parked->next;
	if (parked->previous != NULL)
		parked->previous->next = parked->next;
	else
		parking->first = parked->next;
	if (parked->next != NULL)
		parked->next->previous = parked->previous;
	if (parked->timer != NULL)
		event_free(parked->timer);
	free(parked->bells);
	parked->bells = NULL;
	parked->timer = NULL;
}

void
parking_look(struct parking *parking, const unsigned char *id)
{
	if (bells_mark(parking->bells, id))
		event_active(parking->look, EV_TIMEOUT, 0);
}

static bool
keep_news(struct parking *parking, const struct news *news)
{
	struct kept_news *kept = &parking->news[parking->news_count];
	unsigned char *bytes = parking->bytes + parking->bytes_used;

	if (parking->news_count == NEWS_MAX ||
	    news->bytes.size > NEWS_BYTES_MAX - parking->bytes_used)
		return false;
	memcpy(kept->topic_id, news->topic_id, sizeof kept->topic_id);
	memcpy(bytes, news->bytes.data, news->bytes.size);
	kept->news = *news;
	kept->news.topic_id = kept->topic_id;
	kept->news.bytes.data = bytes;
	parking->bytes_used += news->bytes.size;
	parking->news_count++;
	return true;
}

void
parking_tell(struct parking *parking, struct topic *topic,
    const struct news *news)
{
	uint32_t *word = topic_doorbell(topic);

	if (!bells_owe(parking->bells, news->topic_id)) {
		if (word != NULL)
			futex_ring(word);
		return;
	}
	if (!keep_news(parking, news))
		bells_mark(parking->bells, news->topic_id);
	event_active(parking->look, EV_TIMEOUT, 0);
}

void
parking_tick(struct parking *parking)
{
	bells_tick(parking->bells);
}

void
parking_end(struct parking *parking)
{
	parking->is_ending = true;
	try_all(parking, true);
}
