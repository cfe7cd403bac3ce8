/* Sending batches to the leaders of their partitions. */
#include "queue/sink_remote_internal.h"

#include "kafka/produce.h"

#include <string.h>

enum {
	REQUESTS_MAX = 5, /* on their way to a broker: it knows five batches */
	REQUEST_BYTES = 1024 * 1024,
	PRODUCE_TIMEOUT_MS = BROKERS_PATIENCE_MS,
};

/* A request in the making. */
struct sending {
	struct client *client;
	struct buf parts; /* struct produce_request_partition */
	size_t bytes;
	struct buf chosen; /* size_t: indexes of its parcels */
};

static int
ask_identity(struct sink_remote *remote, struct client *client)
{
	struct init_producer_id_request message;
	struct init_producer_id_response response;
	struct arena arena = arena_limited(4096);
	int failed;

	schema_preset(&init_producer_id_request_schema, &message);
	message.transaction_timeout_ms = INT32_MAX;
	failed = client_call(client, &api_init_producer_id, &message, &arena,
	    &response, BROKERS_PATIENCE_MS);
	if (failed == 0 && response.error_code != 0)
		failed = brokers_error(response.error_code, (struct slice){0},
		    "an identity for the producer");
	arena_release(&arena);
	if (failed < 0)
		return failed;
	remote->producer_id = response.producer_id;
	remote->producer_epoch = response.producer_epoch;
	return 0;
}

static struct remote_lane *
lane_of(struct sink_remote *remote, int partition)
{
	int count = remote->lane_count;

	if (partition >= count) {
		remote->lanes = memory_resize(remote->lanes,
		    (size_t)(partition + 1) * sizeof(*remote->lanes));
		memset(remote->lanes + count, 0,
		    (size_t)(partition + 1 - count) * sizeof(*remote->lanes));
		remote->lane_count = partition + 1;
	}
	return &remote->lanes[partition];
}

/* What was stamped once keeps its sequence. */
static int
stamp(struct sink_remote *remote, struct parcel *parcel)
{
	struct remote_lane *lane;
	int failed;

	if (parcel->sequence >= 0)
		return 0;
	if (remote->producer_id < 0)
		return parcel_stamp(parcel, -1, -1, -1);
	lane = lane_of(remote, parcel->partition);
	failed = parcel_stamp(parcel, remote->producer_id,
	    remote->producer_epoch, lane->sequence);
	lane->sequence = (int32_t)((lane->sequence + parcel->count) &
	    INT32_MAX);
	return failed;
}

/* A broker that does not know our identity takes any sequence for the first:
 * the first batch of a partition goes alone. */
static bool
is_unproven(struct sink_remote *remote, int partition)
{
	const struct parcels *parcels = &remote->parcels;

	if (remote->producer_id < 0 || lane_of(remote, partition)->is_known)
		return false;
	for (size_t i = parcels->head; i < parcels->end; i++) {
		if (parcels->items[i].state == PARCEL_SENT &&
		    parcels->items[i].partition == partition)
			return true;
	}
	return false;
}

static int
count_requests(const struct sink_remote *remote, const struct client *client)
{
	const struct parcels *parcels = &remote->parcels;
	int32_t correlation = 0;
	int count = 0;

	for (size_t i = parcels->head; i < parcels->end; i++) {
		const struct parcel *parcel = &parcels->items[i];

		if (parcel->state != PARCEL_SENT || parcel->client != client ||
		    (count > 0 && parcel->correlation == correlation))
			continue;
		correlation = parcel->correlation;
		count++;
	}
	return count;
}

static bool
has_part(const struct sending *sending, int partition)
{
	const struct produce_request_partition *parts =
	    (const void *)sending->parts.data;
	size_t count = sending->parts.size / sizeof(*parts);

	for (size_t i = 0; i < count; i++) {
		if (parts[i].index == partition)
			return true;
	}
	return false;
}

/* Adds what waits for the same broker, a batch of each partition at most, and
 * none behind one that is left out. */
static int
choose(struct sink_remote *remote, size_t from, struct sending *sending)
{
	struct parcels *parcels = &remote->parcels;

	for (size_t i = from; i < parcels->end; i++) {
		struct parcel *parcel = &parcels->items[i];
		struct produce_request_partition part = {
			.index = parcel->partition};
		struct client *client;
		int failed;

		if (parcel->state != PARCEL_WAITING)
			continue;
		if (has_part(sending, parcel->partition) ||
		    is_unproven(remote, parcel->partition) ||
		    (sending->bytes > 0 && sending->bytes +
		    parcel->bytes.size > REQUEST_BYTES))
			break;
		failed = brokers_leader(remote->brokers, &remote->topic,
		    parcel->partition, &client);
		if (failed == 0 && client == sending->client)
			failed = stamp(remote, parcel);
		if (failed < 0)
			return failed;
		if (client != sending->client)
			continue;
		part.records.bytes = buf_slice(&parcel->bytes);
		buf_append(&sending->parts, &part, sizeof(part));
		buf_append(&sending->chosen, &i, sizeof(i));
		sending->bytes += parcel->bytes.size;
	}
	return 0;
}

static void
note_sent(struct sink_remote *remote, const struct sending *sending,
    int32_t correlation)
{
	const size_t *chosen = (const void *)sending->chosen.data;
	size_t count = sending->chosen.size / sizeof(*chosen);

	for (size_t i = 0; i < count; i++) {
		struct parcel *parcel = &remote->parcels.items[chosen[i]];

		parcel->state = remote->options.acks == 0 ? PARCEL_STORED :
		    PARCEL_SENT;
		parcel->client = sending->client;
		parcel->correlation = correlation;
	}
}

static int
send_request(struct sink_remote *remote, const struct sending *sending)
{
	const struct api *api = &api_produce;
	struct produce_request_topic topic;
	struct produce_request message;
	bool is_silent = remote->options.acks == 0;
	int32_t correlation = 0;
	int version = client_version(sending->client, api,
	    BROKERS_PATIENCE_MS);
	int failed;

	if (version < 0)
		return version;
	schema_preset(api->request, &message);
	message.transactional_id = (struct slice){0};
	message.acks = (int16_t)remote->options.acks;
	message.timeout_ms = PRODUCE_TIMEOUT_MS;
	message.topic_data = (struct list){&topic, 1};
	topic.name = slice_of(remote->sink.topic);
	topic.partition_data = (struct list){sending->parts.data,
	    (int32_t)(sending->parts.size /
	    sizeof(struct produce_request_partition))};
	failed = client_send(sending->client, api, version, &message,
	    is_silent ? NULL : &correlation);
	if (failed == 0)
		note_sent(remote, sending, correlation);
	return failed;
}

/* True if nothing may be sent to a broker before it has answered. Without an
 * identity what fails could be overtaken. */
static bool
has_enough(struct sink_remote *remote, const struct client *client,
    int partition)
{
	int requests;

	if (remote->options.acks == 0)
		return false;
	requests = count_requests(remote, client);
	if (remote->producer_id < 0)
		return requests > 0;
	return requests >= REQUESTS_MAX || is_unproven(remote, partition);
}

/* Sends a request that begins with a parcel: 1; 0 if its broker has enough. */
static int
send_from(struct sink_remote *remote, size_t from, bool needs_identity)
{
	int partition = remote->parcels.items[from].partition;
	struct sending sending = {0};
	int sent = brokers_leader(remote->brokers, &remote->topic, partition,
	    &sending.client);

	if (sent < 0)
		return sink_remote_retry(remote, sent);
	if (has_enough(remote, sending.client, partition))
		return 0;
	if (needs_identity && remote->producer_id < 0)
		sent = ask_identity(remote, sending.client);
	if (sent == 0)
		sent = choose(remote, from, &sending);
	if (sent == 0)
		sent = send_request(remote, &sending);
	if (is_patience_worth(sent))
		sent = sink_remote_lose(remote, sending.client, sent);
	else if (sent == 0)
		sent = 1;
	buf_release(&sending.parts);
	buf_release(&sending.chosen);
	return sent;
}

int
sink_remote_send(struct sink_remote *remote, bool is_last)
{
	struct parcels *parcels = &remote->parcels;
	bool needs_identity = remote->options.acks < 0 &&
	    (remote->appended > 1 || !is_last);
	size_t at = parcels->head;
	int sent = 1;

	while (sent == 1 && at < parcels->end) {
		if (parcels->items[at].state == PARCEL_WAITING)
			sent = send_from(remote, at, needs_identity);
		else
			at++;
	}
	remote->unsent = 0;
	return sent < 0 ? sent : 0;
}
