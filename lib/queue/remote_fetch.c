/* Fetch: what leaders are asked for, and what they answer. */
#include "queue/remote_fetch.h"

#include "log/batch.h"
#include "queue/brokers.h"

enum {
	FETCH_BYTES = 16 * 1024 * 1024,
	PARTITION_BYTES = 1024 * 1024,
	LAST_BY_NAME = 12, /* version; later ones name topics by their ids */
};

void
remote_fetch_part(struct fetch_request_partition *part, int number,
    int64_t offset)
{
	schema_preset(&fetch_request_partition_schema, part);
	part->partition = number;
	part->fetch_offset = offset;
	part->partition_max_bytes = PARTITION_BYTES;
}

int
remote_fetch_send(struct client *client, struct list topics, int64_t wait_ms)
{
	struct fetch_request message;
	int32_t correlation;
	int version = client_version(client, &api_fetch, BROKERS_PATIENCE_MS);

	if (version < 0)
		return version;
	schema_preset(&fetch_request_schema, &message);
	message.replica_id = -1;
	message.max_wait_ms = (int32_t)wait_ms;
	message.min_bytes = 1;
	message.max_bytes = FETCH_BYTES;
	message.rack_id = slice_of("");
	message.topics = topics;
	return client_send(client, &api_fetch, version < LAST_BY_NAME ?
	    version : LAST_BY_NAME, &message, &correlation);
}

int
remote_fetch_each(const struct fetch_response *response,
    struct client *client, int (*take)(struct client *client,
    struct slice topic, const struct fetch_response_partition *part,
    void *context), void *context)
{
	const struct fetch_response_topic *topics = response->responses.items;
	int taken = 0;

	if (response->error_code != 0)
		return brokers_error(response->error_code, (struct slice){0},
		    client_address(client));
	for (int32_t i = 0; i < response->responses.count; i++) {
		const struct fetch_response_partition *parts =
		    topics[i].partitions.items;

		for (int32_t k = 0; k < topics[i].partitions.count; k++) {
			int took = take(client, topics[i].topic, &parts[k],
			    context);

			if (taken == 0 || (taken > 0 && took < 0))
				taken = took;
		}
	}
	return taken;
}

size_t
remote_fetch_whole(struct slice bytes, int64_t *end)
{
	const unsigned char *data = bytes.data;
	struct batch_header header;
	size_t at = 0;

	while (bytes.size - at >= BATCH_HEADER_SIZE &&
	    batch_decode_header(data + at, bytes.size - at, &header) == 0 &&
	    batch_size(&header) <= bytes.size - at) {
		at += batch_size(&header);
		*end = header.base_offset + header.last_offset_delta + 1;
	}
	return at;
}
