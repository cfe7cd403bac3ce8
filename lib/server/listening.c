/* A thread that sleeps on words of memory and tells an event loop. */
#include "server/listening.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/thread.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* list[0] is the control word, whose value is the number of the list. */
struct words {
	struct futex_waiter list[LISTENING_MAX + 1];
	size_t count;
};

/* Invariant: words, has_heard and is_closing are read and changed under the
 * mutex; the rest is the loop's. */
struct listening {
	void (*heard)(void *);
	void *context;
	struct event *rung;
	int event;           /* eventfd: the thread has heard something */
	pthread_t thread;
	pthread_mutex_t mutex;
	bool has_thread;
	bool is_closing;
	bool has_heard;      /* and listens no more, until it is told to */
	uint32_t control;
	struct words words;
};

/* False if it is to end. */
static bool
take_words(struct listening *listening, struct words *words)
{
	bool is_closing;

	pthread_mutex_lock(&listening->mutex);
	is_closing = listening->is_closing;
	words->count = listening->words.count;
	memcpy(words->list, listening->words.list,
	    words->count * sizeof words->list[0]);
	pthread_mutex_unlock(&listening->mutex);
	return !is_closing;
}

/* Something woke us: a word, unless the list is another one by now. */
static bool
has_rung(struct listening *listening, const struct words *words)
{
	bool has_heard;

	pthread_mutex_lock(&listening->mutex);
	has_heard = words->list[0].expected ==
	    listening->words.list[0].expected;
	listening->has_heard = has_heard;
	pthread_mutex_unlock(&listening->mutex);
	return has_heard;
}

static void *
listen_to_words(void *argument)
{
	struct listening *listening = argument;
	struct words words;

	while (take_words(listening, &words)) {
		futex_wait_any(words.list, words.count, -1);
		if (!has_rung(listening, &words))
			continue;
		(void)!eventfd_write(listening->event, 1);
		futex_wait(&listening->control, words.list[0].expected, -1);
	}
	return NULL;
}

static void
on_rung(evutil_socket_t fd, short what, void *argument)
{
	struct listening *listening = argument;
	eventfd_t count;

	(void)what;
	(void)!eventfd_read(fd, &count);
	listening->heard(listening->context);
}

int
listening_open(struct listening **out, struct event_base *base,
    void (*heard)(void *), void *context)
{
	struct listening *listening = memory_alloc(sizeof *listening);
	int failed;

	*out = listening;
	listening->heard = heard;
	listening->context = context;
	pthread_mutex_init(&listening->mutex, NULL);
	listening->words.list[0].word = &listening->control;
	listening->words.count = 1;
	listening->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (listening->event < 0)
		return fail_errno("eventfd");
	listening->rung = event_new(base, listening->event,
	    EV_READ | EV_PERSIST, on_rung, listening);
	if (listening->rung == NULL || event_add(listening->rung, NULL) != 0)
		return fail(FAIL_SYSTEM, "cannot watch an eventfd");
	failed = thread_start(&listening->thread, listen_to_words, listening,
	    "doorbells");
	listening->has_thread = failed == 0;
	return failed;
}

void
listening_close(struct listening *listening)
{
	if (listening == NULL)
		return;
	if (listening->has_thread) {
		pthread_mutex_lock(&listening->mutex);
		listening->is_closing = true;
		pthread_mutex_unlock(&listening->mutex);
		futex_ring(&listening->control);
		pthread_join(listening->thread, NULL);
	}
	if (listening->rung != NULL)
		event_free(listening->rung);
	if (listening->event >= 0)
		close(listening->event);
	pthread_mutex_destroy(&listening->mutex);
	free(listening);
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
number_words(struct listening *listening)
{
	listening->words.list[0].expected =
	    __atomic_add_fetch(&listening->control, 1, __ATOMIC_ACQ_REL);
}

static bool
is_listening(struct listening *listening, const struct futex_waiter *words,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct futex_waiter *listened =
		    find_word(&listening->words, words[i].word);

		if (listened == NULL ||
		    listened->expected != words[i].expected)
			return false;
	}
	return !listening->has_heard;
}

void
listening_start(struct listening *listening, const struct futex_waiter *words,
    size_t count)
{
	bool is_changed;

	pthread_mutex_lock(&listening->mutex);
	is_changed = !is_listening(listening, words, count);
	if (is_changed) {
		if (count > 0)
			memcpy(&listening->words.list[1], words,
			    count * sizeof words[0]);
		listening->words.count = count + 1;
		listening->has_heard = false;
		number_words(listening);
	}
	pthread_mutex_unlock(&listening->mutex);
	if (is_changed)
		futex_wake(&listening->control);
}

void
listening_renew(struct listening *listening)
{
	pthread_mutex_lock(&listening->mutex);
	if (listening->words.count > 1)
		number_words(listening);
	pthread_mutex_unlock(&listening->mutex);
	futex_wake(&listening->control);
}

/* The change wakes the thread, which then finds another list. */
void
listening_expect(struct listening *listening, uint32_t *word, uint32_t value)
{
	struct futex_waiter *listened;

	pthread_mutex_lock(&listening->mutex);
	listened = find_word(&listening->words, word);
	if (listened != NULL) {
		listened->expected = value;
		number_words(listening);
	}
	pthread_mutex_unlock(&listening->mutex);
}

void
listening_drop(struct listening *listening, const uint32_t *word)
{
	struct words *words = &listening->words;
	struct futex_waiter *listened;

	pthread_mutex_lock(&listening->mutex);
	listened = find_word(words, word);
	if (listened != NULL) {
		*listened = words->list[--words->count];
		number_words(listening);
	}
	pthread_mutex_unlock(&listening->mutex);
}
