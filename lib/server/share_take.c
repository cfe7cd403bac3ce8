/* Taking leases for a ShareFetch, and finding their batches. */
#include "base/fail.h"
#include "server/share_fetch.h"

#include <string.h>

enum {
	RECORDS_MAX = 5000,             /* in one answer */
	LEASES_MAX = 256,               /* in one partition's */
	BYTES_MAX = 64 * 1024 * 1024,
};

struct share_fetch_response_partition *
share_result(struct share_fetch *fetch, const unsigned char *id, int32_t number)
{
	struct share_fetch_response_topic *topics =
	    (struct share_fetch_response_topic *)(void *)fetch->results.data;
	size_t count = fetch->results.size / sizeof *topics;
	struct share_fetch_response_topic topic;
	struct share_fetch_response_partition *partition;

	for (size_t i = 0; i < count; i++) {
		partition = topics[i].partitions.items;
		if (memcmp(topics[i].topic_id, id, 16) == 0 &&
		    partition->partition_index == number)
			return partition;
	}
	schema_preset(&share_fetch_response_topic_schema, &topic);
	memcpy(topic.topic_id, id, 16);
	partition = request_new_list(fetch->request,
	    &share_fetch_response_partition_schema, &topic.partitions, 1);
	partition->partition_index = number;
	partition->current_leader.leader_id = -1;
	partition->current_leader.leader_epoch = -1;
	buf_append(&fetch->results, &topic, sizeof topic);
	return partition;
}

/* One partition, as far as it is in the answer. */
struct taking {
	struct share_fetch *fetch;
	struct topic *topic;
	struct shares *shares;
	struct share_place place;
	struct share_fetch_response_partition *result; /* NULL: nothing yet */
	int64_t last; /* the last that was acquired, */
	int64_t end;  /* and the end of the batches that are there; -1: none */
	int64_t room; /* bytes that it may still have */
};

/* Whole batches that hold first..last: the extents, and the last offset that is
 * in them. The first of a partition is there however large it is. */
static int
find_batches(const struct taking *taking, const struct lease *lease,
    struct buf *extents, int64_t *end)
{
	struct share_fetch *fetch = taking->fetch;
	struct partition *partition;
	struct partition_reader *reader;
	struct partition_extent found;
	int64_t bytes = 0;
	int failed = topic_partition(taking->topic, lease->partition,
	    &partition);

	*end = lease->first - 1;
	if (failed == 0)
		failed = partition_reader_open(&reader, partition,
		    lease->first, NULL);
	if (failed < 0)
		return failed;
	while (*end < lease->last && bytes < taking->room) {
		bool is_first = taking->end < 0 && bytes == 0;

		failed = partition_reader_extent(reader, 1, &found);
		if (failed == -FAIL_CORRUPT)
			continue;
		if (failed != 1 || (!is_first &&
		    bytes + found.size > taking->room) ||
		    !extents_add(&fetch->extents, fetch->request, &found,
		    true, extents))
			break;
		bytes += found.size;
		*end = found.next - 1;
	}
	partition_reader_close(reader);
	return failed < 0 && *end < lease->first ? failed : 0;
}

static int64_t
size_of(const struct buf *extents)
{
	const struct extent *all =
	    (const struct extent *)(const void *)extents->data;
	size_t count = extents->size / sizeof *all;
	int64_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += (int64_t)all[i].size;
	return size;
}

static void
keep_extents(struct request *request, struct buf *extents,
    struct records *records)
{
	struct extent *all = (struct extent *)(void *)extents->data, *kept;
	size_t count = extents->size / sizeof *all;

	request->arena.limit = SIZE_MAX;
	kept = arena_take(&request->arena,
	    count + (size_t)records->extent_count + 1, sizeof *kept);
	if (records->extent_count > 0)
		memcpy(kept, records->extents,
		    (size_t)records->extent_count * sizeof *kept);
	if (count > 0) /* else another lease has brought its batch */
		memcpy(kept + records->extent_count, all, extents->size);
	records->extents = kept;
	records->extent_count += (int32_t)count;
}

static struct share_fetch_response_acquired *
add_acquired(struct request *request,
    struct share_fetch_response_partition *result, int64_t last,
    const struct lease *lease)
{
	struct list old = result->acquired_records;
	struct share_fetch_response_acquired *acquired = request_new_list(
	    request, &share_fetch_response_acquired_schema,
	    &result->acquired_records, old.count + 1);

	if (old.count > 0)
		memcpy(acquired, old.items,
		    (size_t)old.count * sizeof *acquired);
	acquired[old.count].first_offset = lease->first;
	acquired[old.count].last_offset = last;
	acquired[old.count].delivery_count = (int16_t)(lease->attempt <
	    INT16_MAX ? lease->attempt : INT16_MAX);
	return &acquired[old.count];
}

static struct share_fetch_response_partition *
result_of(struct taking *taking)
{
	taking->fetch->has_news = true;
	if (taking->result == NULL)
		taking->result = share_result(taking->fetch,
		    taking->place.topic_id, taking->place.partition);
	return taking->result;
}

/* What our own tools are told beside: whose lease it is, and what the topic says
 * of such. */
static void
add_tags(struct taking *taking, const struct lease *lease,
    struct share_fetch_response_acquired *acquired)
{
	struct share_fetch *fetch = taking->fetch;
	const struct share_terms *terms = taking->place.terms;
	struct share_fetch_response_topic *topics =
	    (struct share_fetch_response_topic *)(void *)fetch->results.data;
	struct share_limits *limits;

	if (terms == NULL)
		return;
	acquired->token = (int64_t)lease->token;
	if (terms->is_manual)
		shares_let_go(taking->shares, &fetch->session->held,
		    &taking->place, acquired->first_offset,
		    acquired->last_offset);
	while (topics->partitions.items != taking->result)
		topics++;
	if (topics->limits != NULL)
		return;
	limits = arena_take(&fetch->request->arena, 1, sizeof *limits);
	limits->lease_ms = shares_lease_ms(taking->shares, &taking->place,
	    taking->topic);
	limits->max_attempts = shares_max_attempts(taking->shares,
	    &taking->place, taking->topic);
	topics->limits = limits;
}

/* Adds the batches of a lease. Returns messages: those of batches that do not
 * fit, or cannot be read now, are given back. */
static int64_t
add_lease(struct taking *taking, const struct lease *lease)
{
	struct share_fetch *fetch = taking->fetch;
	struct share_fetch_response_partition *result = result_of(taking);
	struct lease behind = *lease;
	struct buf extents = {0};
	int64_t end = taking->end;

	if (behind.first <= taking->end)
		behind.first = taking->end + 1;
	if (behind.first <= lease->last)
		find_batches(taking, &behind, &extents, &end);
	taking->room -= size_of(&extents);
	if (end > taking->end)
		taking->end = end;
	if (end < lease->last)
		taking->room = 0; /* what is behind does not fit either */
	else
		end = lease->last;
	shares_give_back(taking->shares, &fetch->session->held,
	    &taking->place, end + 1 > lease->first ? end + 1 : lease->first,
	    lease->last);
	keep_extents(fetch->request, &extents, &result->records);
	buf_release(&extents);
	if (end < lease->first)
		return 0;
	add_tags(taking, lease, add_acquired(fetch->request, result, end,
	    lease));
	taking->last = end;
	return end - lease->first + 1;
}

/* The next lease of a partition, behind those before. Returns messages, 0 if
 * there is nothing more. */
static int64_t
take_lease(struct taking *taking, int64_t count)
{
	struct share_fetch *fetch = taking->fetch;
	struct lease lease;
	int64_t wake_ms = INT64_MAX;
	int found = shares_take(taking->shares, &fetch->session->held,
	    &taking->place, count, &lease, &wake_ms);

	if (wake_ms < fetch->wake_ms)
		fetch->wake_ms = wake_ms;
	if (found < 0) {
		result_of(taking)->error_code = found == -FAIL_MISSING ?
		    ERROR_UNKNOWN_TOPIC_ID : found != -FAIL_USAGE ?
		    (int16_t)request_error(found) : taking->place.terms ==
		    NULL ? ERROR_GROUP_ID_NOT_FOUND : ERROR_INVALID_GROUP_ID;
		taking->result->error_message = request_copy(fetch->request,
		    fail_message());
	}
	if (found <= 0)
		return 0;
	if (lease.first > taking->last)
		return add_lease(taking, &lease);
	/* Came free this moment: records are in order, so it is for the next. */
	shares_give_back(taking->shares, &fetch->session->held,
	    &taking->place, lease.first, lease.last);
	return 0;
}

/* Takes what there is in one partition: what was released lies scattered, and
 * a lease is one range. Returns messages taken. */
static int64_t
take(struct share_fetch *fetch, struct storage *storage,
    const struct share_part *part, int64_t count, int64_t room)
{
	struct taking taking = {
		.fetch = fetch,
		.place = {fetch->session->group, part->topic_id, NULL,
		    part->partition, fetch->session->terms},
		.last = -1,
		.end = -1,
		.room = room,
	};
	int64_t taken = 0, more = 1;
	int failed = storage_topic_by_id(storage, part->topic_id,
	    &taking.topic);

	if (failed < 0) {
		result_of(&taking)->error_code = failed == -FAIL_MISSING ?
		    ERROR_UNKNOWN_TOPIC_ID : (int16_t)request_error(failed);
		taking.result->error_message = request_copy(fetch->request,
		    fail_message());
		return 0;
	}
	taking.shares = storage_shares(storage);
	taking.place.topic = topic_name(taking.topic);
	for (int i = 0; i < LEASES_MAX && more > 0 && taken < count &&
	    taking.room > 0; i++) {
		more = take_lease(&taking, count - taken);
		taken += more;
	}
	fetch->lease_ms = shares_lease_ms(taking.shares, &taking.place,
	    taking.topic);
	return taken;
}

void
share_take(struct share_fetch *fetch, struct storage *storage)
{
	const struct share_fetch_request *message = fetch->request->message;
	const struct share_part *parts = (const struct share_part *)
	    (const void *)fetch->parts.data;
	size_t count = fetch->parts.size / sizeof *parts;
	int64_t left = message->max_records < RECORDS_MAX ?
	    message->max_records : RECORDS_MAX;
	int64_t bytes = message->max_bytes < BYTES_MAX ? message->max_bytes :
	    BYTES_MAX;
	/* Another one begins each time. */
	size_t turn = count == 0 ? 0 :
	    (size_t)fetch->request->header.correlation % count;

	for (size_t i = 0; i < count && left > 0 && bytes > 0; i++)
		left -= take(fetch, storage, &parts[(turn + i) % count], left,
		    bytes / (int64_t)count + 1);
}
