/* Partitions that are to be synced, each with a timer. */
#include "server/syncs.h"

#include "base/fail.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 256 };

/* In a bucket until its time comes; then a task of the partition's writer. */
struct sync {
	struct task task;
	struct server *server;
	char *topic;
	unsigned char topic_id[16];
	int partition;
	struct event *timer;
	int failed;
	char why[256];
	struct sync *next;
};

struct syncs {
	struct server *server;
	struct sync *buckets[BUCKETS];
};

struct syncs *
syncs_open(struct server *server)
{
	struct syncs *syncs = memory_alloc(sizeof *syncs);

	syncs->server = server;
	return syncs;
}

/* A topic that was deleted meanwhile needs nothing. */
static void
begin_sync(struct task *task, struct storage *storage)
{
	struct sync *sync = (struct sync *)task;
	struct partition *partition;
	struct topic *topic;
	int failed = storage_topic(storage, slice_of(sync->topic), &topic);

	if (failed == 0 && memcmp(topic_id(topic), sync->topic_id, 16) != 0)
		return;
	if (failed == 0)
		failed = topic_partition(topic, sync->partition, &partition);
	if (failed == 0)
		failed = partition_sync(partition);
	if (failed == 0 || failed == -FAIL_MISSING)
		return;
	sync->failed = failed;
	strncpy(sync->why, fail_message(), sizeof sync->why - 1);
}

static void
end_sync(struct task *task)
{
	struct sync *sync = (struct sync *)task;

	if (sync->failed < 0)
		server_say(sync->server, "%s", sync->why);
	event_free(sync->timer);
	free(sync->topic);
	free(sync);
}

static struct sync **
bucket_of(struct syncs *syncs, const unsigned char *id, int partition)
{
	return &syncs->buckets[(hash_bytes(id, 16) + (uint64_t)partition) %
	    BUCKETS];
}

/* What is appended from now on is another one's. */
static void
on_due(evutil_socket_t fd, short what, void *argument)
{
	struct sync *sync = argument;
	struct sync **place = bucket_of(sync->server->syncs, sync->topic_id,
	    sync->partition);

	(void)fd;
	(void)what;
	while (*place != sync)
		place = &(*place)->next;
	*place = sync->next;
	tasks_add(server_writer(sync->server, slice_of(sync->topic),
	    sync->partition), &sync->task);
}

void
syncs_add(struct syncs *syncs, struct slice topic, const unsigned char *id,
    int partition, int64_t interval_ms)
{
	struct sync **bucket = bucket_of(syncs, id, partition);
	struct timeval time = {interval_ms / 1000, interval_ms % 1000 * 1000};
	struct sync *sync = *bucket;

	while (sync != NULL && (sync->partition != partition ||
	    memcmp(sync->topic_id, id, 16) != 0))
		sync = sync->next;
	if (sync != NULL)
		return; /* sooner */
	sync = memory_alloc(sizeof *sync);
	sync->server = syncs->server;
	sync->topic = slice_copy(topic);
	memcpy(sync->topic_id, id, 16);
	sync->partition = partition;
	sync->task.begin = begin_sync;
	sync->task.done = end_sync;
	sync->timer = evtimer_new(syncs->server->base, on_due, sync);
	sync->next = *bucket;
	*bucket = sync;
	if (sync->timer == NULL || event_add(sync->timer, &time) != 0)
		on_due(-1, 0, sync);
}

void
syncs_close(struct syncs *syncs, struct storage *storage)
{
	if (syncs == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (syncs->buckets[i] != NULL) {
			struct sync *sync = syncs->buckets[i];

			syncs->buckets[i] = sync->next;
			begin_sync(&sync->task, storage);
			end_sync(&sync->task);
		}
	free(syncs);
}
