/* What brokers answer to batches, and what is done about it. */
#include "queue/sink_remote_internal.h"

#include "base/fail.h"
#include "kafka/error.h"
#include "kafka/produce.h"

#include <stdlib.h>

enum { RESPONSE_BYTES = 4 * 1024 * 1024 /* decoded */ };

int
sink_remote_retry(struct sink_remote *remote, int failed)
{
	if (!is_patience_worth(failed))
		return failed;
	if (remote->failed != 0)
		return 0;
	free(remote->failure);
	remote->failure = memory_copy_text(fail_message());
	remote->failed = failed;
	return 0;
}

/* Without an identity a second copy would be a second message. */
static int
take_back(struct parcel *parcel, bool may_be_stored, int failed)
{
	parcel->state = PARCEL_WAITING;
	parcel->client = NULL;
	parcel->is_doubtful = may_be_stored || parcel->is_doubtful;
	return may_be_stored && parcel->sequence < 0 ? failed : 0;
}

int
sink_remote_lose(struct sink_remote *remote, struct client *client, int failed)
{
	struct parcels *parcels = &remote->parcels;
	int lost = 0;

	for (size_t i = parcels->head; i < parcels->end; i++) {
		struct parcel *parcel = &parcels->items[i];

		if (parcel->state == PARCEL_SENT && parcel->client == client &&
		    take_back(parcel, true, failed) < 0)
			lost = failed;
	}
	brokers_drop(remote->brokers, client);
	return lost < 0 ? lost : sink_remote_retry(remote, failed);
}

static struct parcel *
find_parcel(struct sink_remote *remote, const struct client *client,
    int32_t correlation, int partition)
{
	struct parcels *parcels = &remote->parcels;

	for (size_t i = parcels->head; i < parcels->end; i++) {
		struct parcel *parcel = &parcels->items[i];

		if (parcel->state == PARCEL_SENT && parcel->client == client &&
		    parcel->correlation == correlation &&
		    (partition < 0 || parcel->partition == partition))
			return parcel;
	}
	return NULL;
}

/* True if it failed only because one before it did. */
static bool
is_consequence(const struct sink_remote *remote, const struct parcel *parcel,
    int code)
{
	const struct parcel *first =
	    remote->parcels.items + remote->parcels.head;

	if (code != ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER)
		return false;
	for (const struct parcel *before = first; before < parcel; before++) {
		if (before->partition == parcel->partition &&
		    before->state != PARCEL_STORED)
			return true;
	}
	return false;
}

static bool
may_be_stored(int code)
{
	return code == ERROR_REQUEST_TIMED_OUT ||
	    code == ERROR_NETWORK_EXCEPTION ||
	    code == ERROR_NOT_ENOUGH_REPLICAS_AFTER_APPEND;
}

static bool
is_too_large(int code)
{
	return code == ERROR_MESSAGE_TOO_LARGE ||
	    code == ERROR_RECORD_LIST_TOO_LARGE;
}

static void
settle_stored(struct sink_remote *remote, struct parcel *parcel,
    int64_t offset)
{
	parcel->state = PARCEL_STORED;
	parcel->first = offset;
	parcel->is_doubtful = false;
	remote->patience = (struct patience){0};
	if (parcel->sequence >= 0)
		remote->lanes[parcel->partition].is_known = true;
}

static int
settle(struct sink_remote *remote, struct parcel *parcel,
    const struct produce_response_partition *answer)
{
	int code = answer->error_code, failed;

	if (code == 0 || code == ERROR_DUPLICATE_SEQUENCE_NUMBER) {
		settle_stored(remote, parcel, answer->base_offset);
		return 0;
	}
	take_back(parcel, false, 0);
	if (is_consequence(remote, parcel, code))
		return 0;
	if (is_too_large(code) && parcel->count > 1)
		return parcels_split(&remote->parcels,
		    (size_t)(parcel - remote->parcels.items));
	failed = brokers_error(code, answer->error_message,
	    remote->sink.topic);
	if (!is_error_retriable(code))
		return failed;
	failed = take_back(parcel, may_be_stored(code), failed);
	return failed < 0 ? failed : sink_remote_retry(remote, -FAIL_AGAIN);
}

/* All parts of an answer; the first failure. */
static int
settle_all(struct sink_remote *remote, const struct client *client,
    int32_t correlation, const struct produce_response *response)
{
	const struct produce_response_topic *topics =
	    response->responses.items;
	struct parcel *parcel;
	int failed = 0;

	for (int32_t i = 0; i < response->responses.count; i++) {
		const struct produce_response_partition *parts =
		    topics[i].partition_responses.items;

		for (int32_t k = 0; k < topics[i].partition_responses.count;
		    k++) {
			int settled = 0;

			parcel = find_parcel(remote, client, correlation,
			    parts[k].index);
			if (parcel != NULL)
				settled = settle(remote, parcel, &parts[k]);
			if (failed == 0)
				failed = settled;
		}
	}
	while ((parcel = find_parcel(remote, client, correlation, -1)) !=
	    NULL) {
		take_back(parcel, true, 0);
		failed = fail(FAIL_PROTOCOL, "%s: no answer for partition %d",
		    client_address(client), parcel->partition);
	}
	return failed;
}

int
sink_remote_receive(struct sink_remote *remote, struct client *client,
    int64_t timeout_ms)
{
	struct arena arena = arena_limited(RESPONSE_BYTES);
	struct produce_response response;
	int32_t correlation;
	int failed = client_receive(client, &arena, &response, &correlation,
	    timeout_ms);

	if (failed == 0)
		failed = settle_all(remote, client, correlation, &response);
	else if (failed == -FAIL_AGAIN && timeout_ms == 0)
		failed = 0;
	else
		failed = sink_remote_lose(remote, client, failed);
	arena_release(&arena);
	return failed;
}
