/* Waiting for doorbells without a poll: a thread sleeps on all of them. */
#include "server/parked.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/thread.h"
#include "server/connection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	WORDS_MAX = 128,  /* of futex_waitv(2), the control word among them */
	LOOK_MS = 100,    /* how often the others are looked at */
	TOLD_MAX = 16,
};

/*
 * Invariants: words[0] is the control word; words, count and is_closing are
 * read and changed under the mutex; the rest is the loop's.
 */
struct parking {
	struct storage *storage;
	struct parked *first;
	struct parked *next;  /* of the walk that is going on */
	struct topic *told[TOLD_MAX]; /* held: they have news, and to be rung */
	size_t told_count;
	bool is_ending;       /* nobody waits any longer */
	struct event *look;   /* active: doorbells are to be looked at */
	struct event *rung;   /* the thread heard something */
	int event;
	pthread_t thread;
	pthread_mutex_t mutex;
	bool has_thread;
	bool is_closing;
	uint32_t control;
	struct futex_waiter words[WORDS_MAX];
	size_t count;
};

static void *
listen_to_words(void *argument)
{
	struct parking *parking = argument;
	struct futex_waiter words[WORDS_MAX];
	bool is_closing = false;

	while (!is_closing) {
		size_t count;

		pthread_mutex_lock(&parking->mutex);
		is_closing = parking->is_closing;
		count = parking->count;
		memcpy(words, parking->words, count * sizeof words[0]);
		pthread_mutex_unlock(&parking->mutex);
		if (is_closing)
			break;
		futex_wait_any(words, count, -1);
		(void)!eventfd_write(parking->event, 1);
		/* Armed again by the loop, when it has looked. */
		futex_wait(&parking->control, words[0].expected, -1);
	}
	return NULL;
}

enum added { ADDED, ADDED_NEWS, ADDED_NOT };

/* One of the words to listen to. News: another one has seen another value of
 * it, so that one of the two may have missed a ring. */
static enum added
add_word(struct parking *parking, uint32_t *word, uint32_t seen)
{
	size_t i = 1;

	while (i < parking->count && parking->words[i].word != word)
		i++;
	if (i == WORDS_MAX)
		return ADDED_NOT;
	if (i < parking->count)
		return parking->words[i].expected == seen ? ADDED : ADDED_NEWS;
	parking->words[parking->count++] = (struct futex_waiter){word, seen};
	return ADDED;
}

/* Has the thread listen to what the parked ones wait for. */
static void
arm(struct parking *parking)
{
	bool has_more = false, has_news = false;

	pthread_mutex_lock(&parking->mutex);
	parking->count = 1;
	for (struct parked *parked = parking->first; parked != NULL;
	    parked = parked->next)
		for (size_t i = 0; i < parked->topic_count; i++) {
			uint32_t *word = topic_doorbell(parked->topics[i]);
			enum added added = word == NULL ? ADDED_NOT :
			    add_word(parking, word, parked->seen[i]);

			has_more = has_more || added == ADDED_NOT;
			has_news = has_news || added == ADDED_NEWS;
		}
	parking->words[0].expected =
	    __atomic_add_fetch(&parking->control, 1, __ATOMIC_ACQ_REL);
	pthread_mutex_unlock(&parking->mutex);
	futex_wake(&parking->control);
	if (has_more)
		event_add(parking->look,
		    &(struct timeval){0, LOOK_MS * 1000});
	if (has_news)
		parking_look(parking);
}

/* Takes the doorbells' values; true if one is new. */
static bool
has_rung(struct parked *parked)
{
	bool is_new = false;

	for (size_t i = 0; i < parked->topic_count; i++) {
		uint32_t value = topic_doorbell_value(parked->topics[i]);

		is_new = is_new || value != parked->seen[i];
		parked->seen[i] = value;
	}
	return is_new;
}

static bool
is_told(const struct parking *parking, const struct topic *topic)
{
	for (size_t i = 0; i < parking->told_count; i++)
		if (parking->told[i] == topic)
			return true;
	return false;
}

static bool
has_news(const struct parking *parking, struct parked *parked)
{
	for (size_t i = 0; i < parked->topic_count; i++)
		if (is_told(parking, parked->topics[i]))
			return true;
	return has_rung(parked);
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
		if ((is_last || has_news(parking, parked)) &&
		    parked->try(parked, is_last))
			connection_flush(connection);
		parked = parking->next;
	}
	parking->next = NULL;
}

static void
ring(struct topic *topic)
{
	uint32_t *word = topic_doorbell(topic);

	if (word != NULL)
		futex_ring(word);
}

static void
ring_told(struct parking *parking)
{
	while (parking->told_count > 0) {
		struct topic *topic = parking->told[--parking->told_count];

		ring(topic);
		storage_drop(parking->storage, topic);
	}
}

static void
look(struct parking *parking)
{
	try_all(parking, false);
	ring_told(parking);
	if (parking->first != NULL)
		arm(parking);
}

static void
on_look(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	look(argument);
}

static void
on_rung(evutil_socket_t fd, short what, void *argument)
{
	eventfd_t count;

	(void)what;
	(void)!eventfd_read(fd, &count);
	look(argument);
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
	int failed;

	*out = parking;
	parking->storage = storage;
	pthread_mutex_init(&parking->mutex, NULL);
	parking->words[0].word = &parking->control;
	parking->count = 1;
	parking->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (parking->event < 0)
		return fail_errno("eventfd");
	parking->look = evtimer_new(base, on_look, parking);
	parking->rung = event_new(base, parking->event, EV_READ | EV_PERSIST,
	    on_rung, parking);
	if (parking->look == NULL || parking->rung == NULL ||
	    event_add(parking->rung, NULL) != 0)
		return fail(FAIL_SYSTEM, "cannot watch an eventfd");
	failed = thread_start(&parking->thread, listen_to_words, parking,
	    "doorbells");
	parking->has_thread = failed == 0;
	return failed;
}

void
parking_close(struct parking *parking)
{
	if (parking == NULL)
		return;
	if (parking->has_thread) {
		pthread_mutex_lock(&parking->mutex);
		parking->is_closing = true;
		pthread_mutex_unlock(&parking->mutex);
		futex_ring(&parking->control);
		pthread_join(parking->thread, NULL);
	}
	ring_told(parking);
	if (parking->look != NULL)
		event_free(parking->look);
	if (parking->rung != NULL)
		event_free(parking->rung);
	if (parking->event >= 0)
		close(parking->event);
	pthread_mutex_destroy(&parking->mutex);
	free(parking);
}

void
parked_add(struct parking *parking, struct parked *parked)
{
	int64_t left_ms = parked->until_ms - clock_boot_ms();
	struct timeval left;

	if (left_ms < 0 || parking->is_ending)
		left_ms = 0;
	left = (struct timeval){left_ms / 1000, left_ms % 1000 * 1000};
	parked->seen = memory_alloc((parked->topic_count + 1) *
	    sizeof *parked->seen);
	has_rung(parked);
	parked->timer = evtimer_new(event_get_base(parking->rung), on_time,
	    parked);
	if (parked->timer != NULL)
		event_add(parked->timer, &left);
	parked->next = parking->first;
	parked->previous = NULL;
	if (parked->next != NULL)
		parked->next->previous = parked;
	parking->first = parked;
	parking_look(parking);
}

void
parked_remove(struct parking *parking, struct parked *parked)
{
	for (size_t i = 0; i < parked->topic_count; i++)
		storage_drop(parking->storage, parked->topics[i]);
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
	free(parked->seen);
	parked->seen = NULL;
	parked->timer = NULL;
}

void
parking_look(struct parking *parking)
{
	event_active(parking->look, EV_TIMEOUT, 0);
}

/* That topic as one has it who waits for it here, or NULL. */
static struct topic *
find_awaited(const struct parking *parking, const unsigned char *id)
{
	for (const struct parked *parked = parking->first; parked != NULL;
	    parked = parked->next)
		for (size_t i = 0; i < parked->topic_count; i++)
			if (memcmp(topic_id(parked->topics[i]), id, 16) == 0)
				return parked->topics[i];
	return NULL;
}

void
parking_tell(struct parking *parking, struct topic *topic)
{
	struct topic *awaited = find_awaited(parking, topic_id(topic));

	if (awaited == NULL || parking->told_count == TOLD_MAX) {
		ring(topic);
	} else if (!is_told(parking, awaited)) {
		storage_hold(parking->storage, awaited);
		parking->told[parking->told_count++] = awaited;
	}
	parking_look(parking);
}

void
parking_end(struct parking *parking)
{
	parking->is_ending = true;
	try_all(parking, true);
}
