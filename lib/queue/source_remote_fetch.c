/* Fetching from the leaders of partitions. */
#include "queue/source_remote_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/error.h"
#include "queue/remote_fetch.h"

#include <poll.h>
#include <stdlib.h>

enum {
	FETCH_WAIT_MS = 1000,
	RESPONSE_BYTES = 16 * 1024 * 1024, /* decoded */
};

static bool
is_asked(const struct source_remote *remote, const struct client *client)
{
	struct client *const *asked = (void *)remote->asked.data;
	size_t count = remote->asked.size / sizeof(*asked);

	for (size_t i = 0; i < count; i++) {
		if (asked[i] == client)
			return true;
	}
	return false;
}

static void
forget_asked(struct source_remote *remote, const struct client *client)
{
	struct client **asked = (void *)remote->asked.data;
	size_t count = remote->asked.size / sizeof(*asked);

	for (size_t i = 0; i < count; i++) {
		if (asked[i] != client)
			continue;
		asked[i] = asked[count - 1];
		remote->asked.size -= sizeof(*asked);
		return;
	}
}

static bool
is_wanted(const struct fetched *part)
{
	return part->lane != NULL && !part->lane->is_done &&
	    part->fetch_offset < part->lane->end;
}

/* All that a broker leads; topics stand together. */
static struct list
lay_out(struct source_remote *remote, const struct client *client,
    struct arena *arena)
{
	size_t topics = remote->source.topic_count;
	struct fetch_request_topic *wanted = arena_take(arena, topics,
	    sizeof(*wanted));
	int32_t used = 0;

	for (size_t i = 0; i < topics; i++) {
		const struct remote_topic *topic = &remote->topics[i];
		struct fetch_request_partition *parts = arena_take(arena,
		    (size_t)topic->partitions, sizeof(*parts));
		int32_t count = 0;

		for (const struct fetched *part = remote->fetched;
		    part != NULL; part = part->next) {
			if (part->topic != i || part->client != client)
				continue;
			remote_fetch_part(&parts[count++], part->number,
			    part->fetch_offset);
		}
		wanted[used].topic = slice_of(topic->name);
		wanted[used].partitions = (struct list){parts, count};
		used += count > 0;
	}
	return (struct list){wanted, used};
}

static int
send_fetch(struct source_remote *remote, struct client *client)
{
	struct arena arena = arena_limited(SIZE_MAX);
	int failed = remote_fetch_send(client, lay_out(remote, client, &arena),
	    FETCH_WAIT_MS);

	if (failed == 0)
		buf_append(&remote->asked, &client, sizeof(client));
	arena_release(&arena);
	return failed;
}

bool
has_source_remote_bytes(const struct source_remote *remote,
    const struct client *client)
{
	for (const struct fetched *part = remote->fetched; part != NULL;
	    part = part->next) {
		if (part->bytes.size > 0 &&
		    (client == NULL || part->client == client))
			return true;
	}
	return false;
}

bool
is_source_remote_stopped(const struct source_remote *remote)
{
	return remote->stop != NULL &&
	    __atomic_load_n(remote->stop, __ATOMIC_RELAXED) != 0;
}

static int
ask_leaders(struct source_remote *remote)
{
	struct buf to_ask = {0};
	int failed = 0;

	for (struct fetched *part = remote->fetched;
	    failed == 0 && part != NULL; part = part->next) {
		struct client *client = NULL;

		if (part->bytes.size > 0 || is_asked(remote, part->client))
			continue;
		part->client = NULL;
		if (!is_wanted(part))
			continue;
		failed = brokers_leader(remote->brokers,
		    &remote->topics[part->topic], part->number, &client);
		if (failed < 0 || is_asked(remote, client) ||
		    has_source_remote_bytes(remote, client))
			continue;
		part->client = client;
		buf_append(&to_ask, &client, sizeof(client));
	}
	for (size_t i = 0; failed == 0 && i < to_ask.size /
	    sizeof(struct client *); i++) {
		struct client *client = ((struct client **)
		    (void *)to_ask.data)[i];

		if (!is_asked(remote, client))
			failed = send_fetch(remote, client);
	}
	buf_release(&to_ask);
	return failed;
}

static struct fetched *
find_part(struct source_remote *remote, const struct client *client,
    struct slice topic, int number)
{
	for (struct fetched *part = remote->fetched; part != NULL;
	    part = part->next) {
		if (part->client == client && part->number == number &&
		    slice_equal(topic,
		    slice_of(remote->topics[part->topic].name)))
			return part;
	}
	return NULL;
}

/* What cannot be read is told of when its turn has come. */
static void
take_bytes(struct fetched *part, struct slice bytes)
{
	size_t size = remote_fetch_whole(bytes, &part->fetch_offset);
	size_t left = bytes.size - size;
	struct batch_header header;

	part->bytes = (struct slice){bytes.data, size};
	if (left >= BATCH_HEADER_SIZE && batch_decode_header(
	    (const unsigned char *)bytes.data + size, left, &header) < 0)
		part->bytes.size = bytes.size;
}

/* 1 if there is something new, a failure that may pass by -FAIL_AGAIN. */
static int
take_part(struct client *client, struct slice topic,
    const struct fetch_response_partition *answer, void *context)
{
	struct source_remote *remote = context;
	struct fetched *part = find_part(remote, client, topic,
	    answer->partition_index);
	int code = answer->error_code;

	if (part == NULL)
		return 0;
	if (code == ERROR_OFFSET_OUT_OF_RANGE &&
	    answer->log_start_offset > part->fetch_offset) {
		part->fetch_offset = answer->log_start_offset;
		return 0;
	}
	if (code != 0)
		return brokers_error(code, (struct slice){0},
		    remote->topics[part->topic].name);
	part->high_watermark = answer->high_watermark;
	if (part->lane == NULL || answer->records.bytes.size == 0)
		return 0;
	take_bytes(part, answer->records.bytes);
	return part->bytes.size > 0;
}

static int
receive(struct source_remote *remote, struct client *client)
{
	struct arena arena = arena_limited(RESPONSE_BYTES);
	struct fetch_response response;
	int32_t correlation;
	int taken = client_receive(client, &arena, &response, &correlation,
	    BROKERS_PATIENCE_MS);

	forget_asked(remote, client);
	if (taken == 0) {
		taken = remote_fetch_each(&response, client, take_part,
		    remote);
		if (taken >= 0)
			remote->patience = (struct patience){0};
	} else {
		brokers_drop(remote->brokers, client);
	}
	arena_release(&arena);
	return taken;
}

/* Sleeps until one of those that were asked answers; NULL if none does. */
static struct client *
wait_for_answer(struct source_remote *remote, int64_t until_ms)
{
	struct client **asked = (void *)remote->asked.data;
	size_t count = remote->asked.size / sizeof(*asked);
	int64_t left_ms = until_ms - clock_boot_ms();
	struct pollfd *polled = memory_alloc((count + 1) * sizeof(*polled));
	struct client *ready = NULL;

	for (size_t i = 0; i < count; i++)
		polled[i] = (struct pollfd){client_descriptor(asked[i]),
		    POLLIN, 0};
	if (!is_source_remote_stopped(remote) &&
	    poll(polled, count, left_ms > 0 ? (int)left_ms : 0) > 0)
		for (size_t i = 0; i < count && ready == NULL; i++)
			ready = polled[i].revents != 0 ? asked[i] : NULL;
	free(polled);
	return ready;
}

/* What may pass is tried again for a while. */
static int
try_again(struct source_remote *remote, int failed)
{
	bool is_worth = is_patience_worth(failed) || failed == -FAIL_MISSING;

	if (!is_worth ||
	    !is_patience_left(&remote->patience, BROKERS_PATIENCE_MS))
		return failed;
	patience_rest(&remote->patience);
	if (remote->asked.size > 0 || has_source_remote_bytes(remote, NULL))
		return 0;
	failed = source_remote_look(remote);
	return is_patience_worth(failed) ? 0 : failed;
}

int
source_remote_fetch(struct source_remote *remote, int64_t until_ms)
{
	int taken = ask_leaders(remote);

	while (taken == 0) {
		struct client *client = wait_for_answer(remote, until_ms);

		if (client == NULL)
			return 0;
		taken = receive(remote, client);
		if (taken == 0)
			taken = ask_leaders(remote);
	}
	return taken > 0 ? 1 : try_again(remote, taken);
}
