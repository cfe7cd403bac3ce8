/* The doorbells of the topics that somebody waits for: a thread listens. */
#include "server/bells.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/thread.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	WORDS_MAX = 128,  /* of futex_waitv(2), the control word among them */
	LOOK_MS = 100,    /* how often the others are looked at */
	KEPT_MS = 2000,   /* a topic that is deleted keeps its bytes so long */
};

/* words[0] is the control word, whose value is the number of the list. */
struct words {
	struct futex_waiter list[WORDS_MAX];
	size_t count;
};

/*
 * Invariants: words, has_heard and is_closing are read and changed under the
 * mutex; the rest is the loop's. bells are sorted by their topic's id.
 */
struct bells {
	struct storage *storage;
	struct bell **bells;
	size_t count;
	size_t capacity;
	void (*heard)(void *);
	void *context;
	struct event *look;  /* those that the thread cannot listen to */
	struct event *rung;
	int event;           /* eventfd: the thread has heard something */
	pthread_t thread;
	pthread_mutex_t mutex;
	bool has_thread;
	bool is_closing;
	bool has_heard;      /* and listens no more, until it is told to */
	uint32_t control;
	struct words words;
	bool is_owing;       /* a bell is owed its ring */
};

/* False if it is to end. */
static bool
take_words(struct bells *bells, struct words *words)
{
	bool is_closing;

	pthread_mutex_lock(&bells->mutex);
	is_closing = bells->is_closing;
	words->count = bells->words.count;
	memcpy(words->list, bells->words.list,
	    words->count * sizeof words->list[0]);
	pthread_mutex_unlock(&bells->mutex);
	return !is_closing;
}

/* Something woke us: the bells, unless the list is another one by now. */
static bool
has_rung(struct bells *bells, const struct words *words)
{
	pthread_mutex_lock(&bells->mutex);
	bells->has_heard =
	    words->list[0].expected == bells->words.list[0].expected;
	pthread_mutex_unlock(&bells->mutex);
	return bells->has_heard;
}

static void *
listen_to_words(void *argument)
{
	struct bells *bells = argument;
	struct words words;

	while (take_words(bells, &words)) {
		futex_wait_any(words.list, words.count, -1);
		if (!has_rung(bells, &words))
			continue;
		(void)!eventfd_write(bells->event, 1);
		futex_wait(&bells->control, words.list[0].expected, -1);
	}
	return NULL;
}

static void
on_look(evutil_socket_t fd, short what, void *argument)
{
	struct bells *bells = argument;

	(void)fd;
	(void)what;
	bells->heard(bells->context);
}

static void
on_rung(evutil_socket_t fd, short what, void *argument)
{
	struct bells *bells = argument;
	eventfd_t count;

	(void)what;
	(void)!eventfd_read(fd, &count);
	bells->heard(bells->context);
}

int
bells_open(struct bells **out, struct event_base *base,
    struct storage *storage, void (*heard)(void *), void *context)
{
	struct bells *bells = memory_alloc(sizeof *bells);
	int failed;

	*out = bells;
	bells->storage = storage;
	bells->heard = heard;
	bells->context = context;
	pthread_mutex_init(&bells->mutex, NULL);
	bells->words.list[0].word = &bells->control;
	bells->words.count = 1;
	bells->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bells->event < 0)
		return fail_errno("eventfd");
	bells->look = evtimer_new(base, on_look, bells);
	bells->rung = event_new(base, bells->event, EV_READ | EV_PERSIST,
	    on_rung, bells);
	if (bells->look == NULL || bells->rung == NULL ||
	    event_add(bells->rung, NULL) != 0)
		return fail(FAIL_SYSTEM, "cannot watch an eventfd");
	failed = thread_start(&bells->thread, listen_to_words, bells,
	    "doorbells");
	bells->has_thread = failed == 0;
	return failed;
}

static void
stop_thread(struct bells *bells)
{
	if (!bells->has_thread)
		return;
	pthread_mutex_lock(&bells->mutex);
	bells->is_closing = true;
	pthread_mutex_unlock(&bells->mutex);
	futex_ring(&bells->control);
	pthread_join(bells->thread, NULL);
}

static struct futex_waiter *
find_word(struct words *words, const uint32_t *word)
{
	for (size_t i = 1; i < words->count; i++)
		if (words->list[i].word == word)
			return &words->list[i];
	return NULL;
}

/* A list with another number: the thread listens to it once it is woken. */
static void
number_words(struct bells *bells)
{
	bells->words.list[0].expected =
	    __atomic_add_fetch(&bells->control, 1, __ATOMIC_ACQ_REL);
}

static void
drop_word(struct bells *bells, const uint32_t *word)
{
	struct words *words = &bells->words;
	struct futex_waiter *listened;

	pthread_mutex_lock(&bells->mutex);
	listened = find_word(words, word);
	if (listened != NULL) {
		*listened = words->list[--words->count];
		number_words(bells);
	}
	pthread_mutex_unlock(&bells->mutex);
}

/* Its word is not listened to again: soon its memory may be another's. */
static void
forget(struct bells *bells, size_t at)
{
	struct bell *bell = bells->bells[at];

	drop_word(bells, topic_doorbell(bell->topic));
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
	stop_thread(bells);
	bells_ring_owed(bells);
	while (bells->count > 0)
		forget(bells, bells->count - 1);
	if (bells->look != NULL)
		event_free(bells->look);
	if (bells->rung != NULL)
		event_free(bells->rung);
	if (bells->event >= 0)
		close(bells->event);
	pthread_mutex_destroy(&bells->mutex);
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
bells_tell(struct bells *bells, const unsigned char *id, bool is_owed)
{
	size_t first = place_of(bells, id);

	for (size_t at = first; has_id(bells, at, id); at++)
		bells->bells[at]->has_news = true;
	if (!has_id(bells, first, id))
		return false;
	if (is_owed) {
		bells->bells[first]->is_owed = true;
		bells->is_owing = true;
	}
	return true;
}

/* The thread wakes like all others, and finds that it knows of this ring. */
static void
ring(struct bells *bells, struct bell *bell)
{
	uint32_t *word = topic_doorbell(bell->topic);
	struct futex_waiter *listened;

	bell->is_owed = false;
	if (word == NULL)
		return;
	bell->seen++;
	pthread_mutex_lock(&bells->mutex);
	listened = find_word(&bells->words, word);
	if (listened != NULL) {
		listened->expected = bell->seen;
		number_words(bells);
	}
	pthread_mutex_unlock(&bells->mutex);
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

/* False if there is no room for all. */
static bool
collect_words(const struct bells *bells, struct words *words)
{
	bool has_all = true;

	words->count = 1;
	for (size_t i = 0; i < bells->count; i++) {
		const struct bell *bell = bells->bells[i];
		uint32_t *word = topic_doorbell(bell->topic);

		if (bell->users == 0)
			continue;
		if (word != NULL && words->count < WORDS_MAX)
			words->list[words->count++] =
			    (struct futex_waiter){word, bell->seen};
		else
			has_all = false;
	}
	return has_all;
}

/* True if the thread listens to all of these, and maybe to more. */
static bool
is_listening(struct bells *bells, const struct words *words)
{
	if (bells->has_heard)
		return false;
	for (size_t i = 1; i < words->count; i++) {
		const struct futex_waiter *listened =
		    find_word(&bells->words, words->list[i].word);

		if (listened == NULL ||
		    listened->expected != words->list[i].expected)
			return false;
	}
	return true;
}

void
bells_listen(struct bells *bells)
{
	struct words words;
	bool is_changed;

	if (!collect_words(bells, &words))
		event_add(bells->look, &(struct timeval){0, LOOK_MS * 1000});
	for (size_t i = 0; i < bells->count; i++)
		bells->bells[i]->has_news = false;
	pthread_mutex_lock(&bells->mutex);
	is_changed = !is_listening(bells, &words);
	if (is_changed) {
		memcpy(&bells->words.list[1], &words.list[1],
		    (words.count - 1) * sizeof words.list[0]);
		bells->words.count = words.count;
		bells->has_heard = false;
		number_words(bells);
	}
	pthread_mutex_unlock(&bells->mutex);
	if (is_changed)
		futex_wake(&bells->control);
}

void
bells_tick(struct bells *bells)
{
	int64_t until_ms = clock_boot_ms() - KEPT_MS;

	for (size_t i = bells->count; i-- > 0;)
		if (bells->bells[i]->users == 0 &&
		    !bells->bells[i]->is_owed &&
		    bells->bells[i]->idle_ms < until_ms)
			forget(bells, i);
}
