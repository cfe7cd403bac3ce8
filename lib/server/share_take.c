/* Taking leases for a ShareFetch, and finding their batches. */
#include "base/fail.h"
#include "server/share_fetch.h"

#include <string.h>
#include <unistd.h>

enum {
	RECORDS_MAX = 5000,             /* in one answer */
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

/* Whole batches that hold first..last: the extents, and the last offset that is
 * in them. */
static int
find_batches(struct share_fetch *fetch, struct topic *topic,
    const struct lease *lease, int64_t max_bytes, struct buf *extents,
    int64_t *end)
{
	struct partition *partition;
	struct partition_reader *reader;
	struct partition_extent found;
	int64_t bytes = 0;
	int failed = topic_partition(topic, lease->partition, &partition);

	*end = lease->first - 1;
	if (failed == 0)
		failed = partition_reader_open(&reader, partition,
		    lease->first, NULL);
	if (failed < 0)
		return failed;
	while (*end < lease->last && fetch->file_count < SHARE_FILES_MAX &&
	    (bytes == 0 || bytes < max_bytes)) {
		struct extent extent;

		failed = partition_reader_extent(reader, 1, &found);
		if (failed == -FAIL_CORRUPT)
			continue;
		if (failed != 1 || (bytes > 0 &&
		    bytes + found.size > max_bytes))
			break;
		extent = (struct extent){dup(found.file), found.byte,
		    (size_t)found.size};
		if (extent.file < 0)
			break;
		fetch->files[fetch->file_count++] = extent.file;
		buf_append(extents, &extent, sizeof extent);
		bytes += found.size;
		*end = found.next - 1;
	}
	partition_reader_close(reader);
	return failed < 0 && *end < lease->first ? failed : 0;
}

/* Joins what lies together: most leases are one extent then. */
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
	memcpy(kept + records->extent_count, all, extents->size);
	records->extents = kept;
	records->extent_count += (int32_t)count;
}

static void
add_acquired(struct request *request,
    struct share_fetch_response_partition *result, int64_t first, int64_t last,
    int attempt)
{
	struct list old = result->acquired_records;
	struct share_fetch_response_acquired *acquired = request_new_list(
	    request, &share_fetch_response_acquired_schema,
	    &result->acquired_records, old.count + 1);

	if (old.count > 0)
		memcpy(acquired, old.items,
		    (size_t)old.count * sizeof *acquired);
	acquired[old.count].first_offset = first;
	acquired[old.count].last_offset = last;
	acquired[old.count].delivery_count = (int16_t)attempt;
}

/* What does not fit, or cannot be read now, is not an attempt. */
static void
give_back(struct shares *shares, struct held *held,
    const struct share_place *place, int64_t first, int64_t last)
{
	const int8_t release = 2;
	const struct share_word word = {first, last, &release, 1};

	if (first <= last)
		(void)shares_settle(shares, held, place, &word);
}

/* Takes what there is in one partition. Returns messages taken. */
static int64_t
take(struct share_fetch *fetch, struct storage *storage,
    const struct share_part *part, int64_t count, int64_t max_bytes)
{
	struct share_place place = {fetch->session->group, part->topic_id,
	    NULL, part->partition};
	struct share_fetch_response_partition *result;
	struct shares *shares;
	struct topic *topic;
	struct lease lease;
	struct buf extents = {0};
	int64_t wake_ms = INT64_MAX, end;
	int found = storage_topic_by_id(storage, part->topic_id, &topic);

	if (found == 0)
		found = storage_shares(storage, &shares);
	if (found == 0) {
		place.topic = topic_name(topic);
		found = shares_take(shares, &fetch->session->held, &place,
		    count, &lease, &wake_ms);
	}
	if (wake_ms < fetch->wake_ms)
		fetch->wake_ms = wake_ms;
	if (found == 0)
		return 0;
	fetch->has_news = true;
	result = share_result(fetch, part->topic_id, part->partition);
	if (found < 0) {
		result->error_code = found == -FAIL_MISSING ?
		    ERROR_UNKNOWN_TOPIC_ID : (int16_t)request_error(found);
		result->error_message = request_copy(fetch->request,
		    fail_message());
		return 0;
	}
	found = find_batches(fetch, topic, &lease, max_bytes, &extents, &end);
	if (end > lease.last)
		end = lease.last;
	give_back(shares, &fetch->session->held, &place, end + 1, lease.last);
	if (end >= lease.first) {
		keep_extents(fetch->request, &extents, &result->records);
		add_acquired(fetch->request, result, lease.first, end,
		    lease.attempt);
	}
	buf_release(&extents);
	return found < 0 ? 0 : end - lease.first + 1;
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

	for (size_t i = 0; i < count && left > 0; i++)
		left -= take(fetch, storage, &parts[(turn + i) % count], left,
		    bytes / (int64_t)count + 1);
}
