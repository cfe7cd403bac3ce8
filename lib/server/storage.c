/* The topics that a thread has open, by name. */
#include "server/storage.h"

#include "base/clock.h"
#include "base/fail.h"
#include "server/known_producers.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN_REST = 10 };

/* Invariant: holds is above 0 for those that are open although gone. */
struct known_topic {
	struct topic *topic;
	int holds;
	int64_t turn; /* of the loop, when it was looked at; 0: none */
};

/* Invariant: topics are sorted by name. */
struct storage {
	struct spool *spool;
	struct roster_book *book; /* NULL: not asked for yet */
	struct shares *shares;    /* the same */
	struct known_producers *producers;
	struct known_topic *topics;
	size_t count;
	size_t capacity;
	struct buf gone; /* of struct known_topic: others have their names */
	int64_t scan_ms; /* not before then for an id that nobody has */
	struct event_base *loop; /* NULL: not a loop's */
};

int
storage_open(struct storage **out, const char *path, bool force)
{
	struct storage *storage = memory_alloc(sizeof *storage);
	int failed = spool_open(&storage->spool, path, SPOOL_CREATE, force);

	*out = NULL;
	if (failed < 0) {
		free(storage);
		return failed;
	}
	*out = storage;
	return 0;
}

void
storage_follow(struct storage *storage, struct event_base *base)
{
	storage->loop = base;
}

/* When the loop's turn began: it is another one at each. */
static int64_t
turn_of(const struct storage *storage)
{
	struct timeval now;

	if (storage->loop == NULL ||
	    event_base_gettimeofday_cached(storage->loop, &now) != 0)
		return 0;
	return now.tv_sec * INT64_C(1000000) + now.tv_usec;
}

/* Follows the topic's changes: false if it is gone. */
static bool
is_there_still(const struct storage *storage, struct known_topic *known)
{
	int64_t turn = turn_of(storage);
	bool is_there;

	if (turn != 0 && known->turn == turn)
		return true;
	is_there = topic_refresh(known->topic) >= 0;
	known->turn = is_there ? turn : 0;
	return is_there;
}

struct producers *
storage_producers(struct storage *storage, struct topic *topic, int partition)
{
	return known_producers_find(&storage->producers, topic, partition);
}

static struct known_topic *
gone_topics(const struct storage *storage)
{
	return (struct known_topic *)(void *)storage->gone.data;
}

static size_t
count_gone(const struct storage *storage)
{
	return storage->gone.size / sizeof(struct known_topic);
}

void
storage_close(struct storage *storage)
{
	if (storage == NULL)
		return;
	known_producers_close(&storage->producers, NULL);
	for (size_t i = 0; i < storage->count; i++)
		topic_close(storage->topics[i].topic);
	for (size_t i = 0; i < count_gone(storage); i++)
		topic_close(gone_topics(storage)[i].topic);
	buf_release(&storage->gone);
	free(storage->topics);
	shares_close(storage->shares);
	roster_book_close(storage->book);
	spool_close(storage->spool);
	free(storage);
}

struct spool *
storage_spool(const struct storage *storage)
{
	return storage->spool;
}

int
storage_book(struct storage *storage, struct roster_book **book)
{
	int failed = storage->book != NULL ? 0 :
	    roster_book_open(&storage->book, storage->spool);

	*book = storage->book;
	return failed;
}

struct shares *
storage_shares(struct storage *storage)
{
	if (storage->shares == NULL)
		storage->shares = shares_open(storage->spool);
	return storage->shares;
}

/* Where name is, or belongs. */
static size_t
find(const struct storage *storage, const char *name, bool *is_there)
{
	size_t low = 0, high = storage->count;

	*is_there = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(topic_name(storage->topics[middle].topic),
		    name);

		if (order == 0) {
			*is_there = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
insert(struct storage *storage, size_t at, struct topic *topic)
{
	size_t behind = storage->count - at;

	if (storage->count == storage->capacity) {
		storage->capacity = storage->capacity * 2 + 16;
		storage->topics = memory_resize(storage->topics,
		    storage->capacity * sizeof storage->topics[0]);
	}
	memmove(&storage->topics[at + 1], &storage->topics[at],
	    behind * sizeof storage->topics[0]);
	storage->topics[at] = (struct known_topic){topic, 0, turn_of(storage)};
	storage->count++;
}

static void
forget(struct storage *storage, size_t at)
{
	struct known_topic *known = &storage->topics[at];

	known_producers_close(&storage->producers, known->topic);
	if (known->holds > 0)
		buf_append(&storage->gone, known, sizeof *known);
	else
		topic_close(known->topic);
	storage->count--;
	memmove(&storage->topics[at], &storage->topics[at + 1],
	    (storage->count - at) * sizeof(storage->topics[0]));
}

enum { NAME_SIZE = 256 };

static bool
take_name(struct slice bytes, char *name)
{
	if (bytes.size >= NAME_SIZE || bytes.data == NULL ||
	    memchr(bytes.data, 0, bytes.size) != NULL)
		return false;
	memcpy(name, bytes.data, bytes.size);
	name[bytes.size] = 0;
	return true;
}

static int
open_topic(struct storage *storage, struct slice bytes, bool may_create,
    struct topic **out)
{
	char name[NAME_SIZE];
	struct topic *topic;
	bool is_there;
	size_t at;
	int failed;

	if (!take_name(bytes, name))
		return fail(FAIL_USAGE, "topic: a bad name");
	at = find(storage, name, &is_there);
	if (is_there && is_there_still(storage, &storage->topics[at])) {
		*out = storage->topics[at].topic;
		return 0;
	}
	if (is_there)
		forget(storage, at);
	failed = may_create ? topic_open_or_create(&topic, storage->spool, name)
	                    : topic_open(&topic, storage->spool, name);
	if (failed < 0)
		return failed;
	insert(storage, at, topic);
	*out = topic;
	return 0;
}

static struct known_topic *
known_of(struct storage *storage, const struct topic *topic)
{
	bool is_there;
	size_t at = find(storage, topic_name(topic), &is_there);

	if (is_there && storage->topics[at].topic == topic)
		return &storage->topics[at];
	for (size_t i = 0; i < count_gone(storage); i++)
		if (gone_topics(storage)[i].topic == topic)
			return &gone_topics(storage)[i];
	return NULL;
}

void
storage_hold(struct storage *storage, struct topic *topic)
{
	known_of(storage, topic)->holds++;
}

void
storage_drop(struct storage *storage, struct topic *topic)
{
	struct known_topic *known = known_of(storage, topic);
	size_t count = count_gone(storage);
	bool is_there;
	size_t at = find(storage, topic_name(topic), &is_there);

	if (--known->holds > 0 ||
	    (is_there && known == &storage->topics[at]))
		return;
	topic_close(topic);
	*known = gone_topics(storage)[count - 1];
	storage->gone.size -= sizeof *known;
}

int
storage_topic(struct storage *storage, struct slice name, struct topic **topic)
{
	return open_topic(storage, name, false, topic);
}

void
storage_topic_id(struct storage *storage, struct slice name,
    unsigned char *id)
{
	struct topic *topic;

	if (storage_topic(storage, name, &topic) == 0)
		memcpy(id, topic_id(topic), 16);
}

int
storage_topic_or_create(struct storage *storage, struct slice name,
    struct topic **topic)
{
	return open_topic(storage, name, true, topic);
}

static int
collect_name(const char *name, void *context)
{
	buf_append(context, name, strlen(name) + 1);
	return 0;
}

int
storage_list(struct storage *storage, struct buf *names)
{
	return spool_list_topics(storage->spool, collect_name, names);
}

static struct known_topic *
find_open(const struct storage *storage, const unsigned char *id)
{
	for (size_t i = 0; i < storage->count; i++)
		if (memcmp(topic_id(storage->topics[i].topic), id, 16) == 0)
			return &storage->topics[i];
	return NULL;
}

/* Opens whatever is not open, since ids stand in the topics only. Whoever asks
 * for ids that do not exist gets a tenth of our time for that. */
static struct topic *
find_closed(struct storage *storage, const unsigned char *id)
{
	struct buf names = {0};
	struct topic *found = NULL, *topic;
	int64_t began_ms = clock_boot_ms();

	if (began_ms < storage->scan_ms || storage_list(storage, &names) < 0)
		return NULL;
	for (size_t at = 0; at < names.size && found == NULL;) {
		const char *name = (const char *)names.data + at;

		at += strlen(name) + 1;
		if (storage_topic(storage, slice_of(name), &topic) == 0 &&
		    memcmp(topic_id(topic), id, 16) == 0)
			found = topic;
	}
	buf_release(&names);
	if (found == NULL)
		storage->scan_ms = clock_boot_ms() +
		    SCAN_REST * (clock_boot_ms() - began_ms);
	return found;
}

static struct known_topic *
find_named(const struct storage *storage, struct slice bytes)
{
	char name[NAME_SIZE];
	bool is_there = false;
	size_t at = take_name(bytes, name) ?
	    find(storage, name, &is_there) : 0;

	return is_there ? &storage->topics[at] : NULL;
}

struct topic *
storage_open_topic(struct storage *storage, struct slice name)
{
	const struct known_topic *known = find_named(storage, name);

	return known == NULL ? NULL : known->topic;
}

bool
is_storage_open(struct storage *storage, struct slice name,
    const unsigned char *id, int partition)
{
	struct known_topic *known = name.data == NULL
	    ? find_open(storage, id) : find_named(storage, name);

	return known != NULL && is_there_still(storage, known) &&
	    is_topic_partition_open(known->topic, partition);
}

int
storage_topic_by_id(struct storage *storage, const unsigned char *id,
    struct topic **out)
{
	const struct known_topic *known = find_open(storage, id);
	struct topic *topic;

	if (known != NULL)
		return storage_topic(storage,
		    slice_of(topic_name(known->topic)), out);
	topic = find_closed(storage, id);
	if (topic == NULL)
		return fail(FAIL_MISSING, "topic: none has this id");
	*out = topic;
	return 0;
}
