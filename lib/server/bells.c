/* The doorbells of the topics that somebody waits for. */
#include "server/bells.h"

#include "base/clock.h"
#include "base/fail.h"
#include "server/listening.h"

#include <stdlib.h>
#include <string.h>

enum {
	LOOK_MS = 100,    /* how often those are looked at that are too many */
	KEPT_MS = 2000,   /* a topic that is deleted keeps its bytes so long */
};

/* Invariant: bells are sorted by their topic's id. */
struct bells {
	struct storage *storage;
	struct listening *listening;
	struct bell **bells;
	size_t count;
	size_t capacity;
	void (*heard)(void *);
	void *context;
	struct event *look;  /* those that nobody listens to */
	bool is_owing;       /* a bell is owed its ring */
};

static void
on_look(evutil_socket_t fd, short what, void *argument)
{
	struct bells *bells = argument;

	(void)fd;
	(void)what;
	bells->heard(bells->context);
}

int
bells_open(struct bells **out, struct event_base *base,
    struct storage *storage, void (*heard)(void *), void *context)
{
	struct bells *bells = memory_alloc(sizeof *bells);

	*out = bells;
	bells->storage = storage;
	bells->heard = heard;
	bells->context = context;
	bells->look = evtimer_new(base, on_look, bells);
	if (bells->look == NULL)
		return fail(FAIL_SYSTEM, "no memory for a timer");
	return listening_open(&bells->listening, base, heard, context);
}

/* Its word is not listened to again: soon its memory may be another's. */
static void
forget(struct bells *bells, size_t at)
{
	struct bell *bell = bells->bells[at];

	listening_drop(bells->listening, topic_doorbell(bell->topic));
	storage_drop(bells->storage, bell->topic);
	free(bell);
	bells->count--;
	memmove(&bells->bells[at], &bells->bells[at + 1],
	    (bells->count - at) * sizeof bells->bells[0]);
}

void
bells_close(struct bells *bells)
{
	if (bells == NULL)
		return;
	bells_ring_owed(bells);
	while (bells->count > 0)
		forget(bells, bells->count - 1);
	listening_close(bells->listening);
	if (bells->look != NULL)
		event_free(bells->look);
	free(bells->bells);
	free(bells);
}

/* The first that is not before that id. */
static size_t
place_of(const struct bells *bells, const unsigned char *id)
{
	size_t low = 0, high = bells->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(topic_id(bells->bells[middle]->topic), id, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
has_id(const struct bells *bells, size_t at, const unsigned char *id)
{
	return at < bells->count &&
	    memcmp(topic_id(bells->bells[at]->topic), id, 16) == 0;
}

static struct bell *
insert(struct bells *bells, size_t at, struct topic *topic)
{
	struct bell *bell = memory_alloc(sizeof *bell);

	if (bells->count == bells->capacity) {
		bells->capacity = bells->capacity * 2 + 16;
		bells->bells = memory_resize(bells->bells,
		    bells->capacity * sizeof bells->bells[0]);
	}
	memmove(&bells->bells[at + 1], &bells->bells[at],
	    (bells->count - at) * sizeof bells->bells[0]);
	bells->bells[at] = bell;
	bells->count++;
	storage_hold(bells->storage, topic);
	bell->topic = topic;
	bell->seen = topic_doorbell_value(topic);
	return bell;
}

struct bell *
bells_take(struct bells *bells, struct topic *topic, bool *is_new)
{
	const unsigned char *id = topic_id(topic);
	size_t first = place_of(bells, id), at = first;
	struct bell *bell;

	/* One may be there that was opened before under another name. */
	while (has_id(bells, at, id) && bells->bells[at]->topic != topic)
		at++;
	*is_new = !has_id(bells, at, id);
	bell = *is_new ? insert(bells, first, topic) : bells->bells[at];
	bell->users++;
	return bell;
}

void
bells_leave(struct bell *bell)
{
	bell->users--;
	bell->idle_ms = clock_boot_ms();
}

void
bells_read(struct bells *bells)
{
	for (size_t i = 0; i < bells->count; i++) {
		struct bell *bell = bells->bells[i];
		uint32_t value;

		if (bell->users == 0)
			continue;
		value = topic_doorbell_value(bell->topic);
		bell->has_news = bell->has_news || value != bell->seen;
		bell->seen = value;
	}
}

bool
has_bells_news(const struct bells *bells)
{
	for (size_t i = 0; i < bells->count; i++)
		if (bells->bells[i]->has_news)
			return true;
	return false;
}

bool
bells_mark(struct bells *bells, const unsigned char *id)
{
	size_t first = place_of(bells, id);

	for (size_t at = first; has_id(bells, at, id); at++)
		bells->bells[at]->has_news = true;
	return has_id(bells, first, id);
}

bool
bells_owe(struct bells *bells, const unsigned char *id)
{
	size_t at = place_of(bells, id);

	if (!has_id(bells, at, id))
		return false;
	bells->bells[at]->is_owed = true;
	bells->is_owing = true;
	return true;
}

/* Where others have rung it meanwhile, it has another value, and is heard. */
static void
ring(struct bells *bells, struct bell *bell)
{
	uint32_t *word = topic_doorbell(bell->topic);

	bell->is_owed = false;
	if (word == NULL)
		return;
	bell->seen++;
	listening_expect(bells->listening, word, bell->seen);
	futex_ring(word);
}

void
bells_ring_owed(struct bells *bells)
{
	for (size_t i = 0; bells->is_owing && i < bells->count; i++)
		if (bells->bells[i]->is_owed)
			ring(bells, bells->bells[i]);
	bells->is_owing = false;
}

void
bells_listen(struct bells *bells)
{
	struct futex_waiter words[LISTENING_MAX];
	bool has_all = true;
	size_t count = 0;

	for (size_t i = 0; i < bells->count; i++) {
		struct bell *bell = bells->bells[i];
		uint32_t *word = topic_doorbell(bell->topic);

		bell->has_news = false;
		if (bell->users == 0)
			continue;
		if (word != NULL && count < LISTENING_MAX)
			words[count++] = (struct futex_waiter){word,
			    bell->seen};
		else
			has_all = false;
	}
	if (!has_all)
		event_add(bells->look, &(struct timeval){0, LOOK_MS * 1000});
	listening_start(bells->listening, words, count);
}

void
bells_tick(struct bells *bells)
{
	int64_t until_ms = clock_boot_ms() - KEPT_MS;

	for (size_t i = bells->count; i-- > 0;)
		if (bells->bells[i]->users == 0 && !bells->bells[i]->is_owed &&
		    bells->bells[i]->idle_ms < until_ms)
			forget(bells, i);
	/* A doorbell may have been another file since. */
	listening_renew(bells->listening);
}
