/* Fetching one batch, for the time of a message in it. */
#include "queue/remote_time.h"

#include "kafka/fetch.h"
#include "log/batch.h"

enum {
	LAST_BY_NAME = 12, /* version; later ones name topics by their ids */
	RESPONSE_BYTES = 1024 * 1024, /* decoded */
};

/* Whole batches, the last one perhaps cut off. */
static int64_t
find_time(struct slice bytes, int64_t offset)
{
	struct buf scratch = {0};
	struct batch_reader reader;
	struct record record;
	int64_t found = -1;

	while (found < 0 && batch_decode_header(bytes.data, bytes.size,
	    &reader.header) == 0) {
		size_t size = batch_size(&reader.header);

		if (size > bytes.size ||
		    !is_batch_intact(bytes.data, &reader.header) ||
		    batch_reader_open(&reader, bytes.data, size, &scratch) < 0)
			break;
		while (found < 0 && batch_reader_next(&reader, &record) == 1)
			if (record.offset >= offset)
				found = record.timestamp;
		bytes.data = (const char *)bytes.data + size;
		bytes.size -= size;
	}
	buf_release(&scratch);
	return found;
}

static struct slice
records_of(const struct fetch_response *response)
{
	const struct fetch_response_topic *topic = response->responses.items;
	const struct fetch_response_partition *part;

	if (response->responses.count != 1 || topic->partitions.count != 1)
		return (struct slice){0};
	part = topic->partitions.items;
	return part->error_code == 0 ? part->records.bytes : (struct slice){0};
}

int
remote_time(struct brokers *brokers, const struct remote_topic *topic,
    int partition, int64_t offset, int64_t *wall_ms)
{
	struct arena arena = arena_limited(RESPONSE_BYTES);
	struct fetch_request message;
	struct fetch_request_topic wanted;
	struct fetch_request_partition part;
	struct fetch_response response;
	struct client *client;
	int32_t correlation;
	int result = brokers_leader(brokers, topic, partition, &client);

	schema_preset(&fetch_request_schema, &message);
	schema_preset(&fetch_request_topic_schema, &wanted);
	schema_preset(&fetch_request_partition_schema, &part);
	message.replica_id = -1;
	message.max_bytes = 1;
	message.rack_id = slice_of("");
	message.topics = (struct list){&wanted, 1};
	wanted.topic = slice_of(topic->name);
	wanted.partitions = (struct list){&part, 1};
	part.partition = partition;
	part.fetch_offset = offset;
	part.partition_max_bytes = 1;
	*wall_ms = -1;
	if (result == 0)
		result = client_version(client, &api_fetch,
		    BROKERS_PATIENCE_MS);
	if (result >= 0)
		result = client_send(client, &api_fetch, result <
		    LAST_BY_NAME ? result : LAST_BY_NAME, &message,
		    &correlation);
	if (result == 0)
		result = client_receive(client, &arena, &response,
		    &correlation, BROKERS_PATIENCE_MS);
	if (result == 0)
		*wall_ms = find_time(records_of(&response), offset);
	arena_release(&arena);
	return result;
}
