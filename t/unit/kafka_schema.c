/* Messages of Kafka's protocol: every version of each there and back, cut short
 * anywhere, and as other programs encode them. */
#include "unit.h"

#include "base/fail.h"
#include "base/hash.h"
#include "kafka/frame.h"
#include "kafka/membership.h"
#include "kafka/metadata.h"
#include "kafka/offsets.h"

#include <stdlib.h>
#include <string.h>

static uint32_t seed = 1;

static uint32_t
next_random(uint32_t below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

static void fill(const struct schema *schema, struct arena *arena, void *at);

static struct slice
random_text(struct arena *arena)
{
	size_t size = next_random(20);
	char *text = arena_take(arena, 1, size + 1);

	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + next_random(26));
	return (struct slice){text, size};
}

static void
fill_field(const struct field *field, struct arena *arena, void *place)
{
	struct list *list;
	char *items;

	switch (field->kind) {
	case FIELD_BOOL:
		*(bool *)place = next_random(2);
		break;
	case FIELD_INT8:
		*(int8_t *)place = (int8_t)next_random(256);
		break;
	case FIELD_INT16:
		*(int16_t *)place = (int16_t)next_random(65536);
		break;
	case FIELD_INT32:
		*(int32_t *)place = (int32_t)next_random(UINT32_MAX);
		break;
	case FIELD_INT64:
		*(int64_t *)place = (int64_t)next_random(UINT32_MAX) << 20;
		break;
	case FIELD_UUID:
		for (int i = 0; i < 16; i++)
			((unsigned char *)place)[i] =
			    (unsigned char)next_random(256);
		break;
	case FIELD_STRING:
	case FIELD_BYTES:
		*(struct slice *)place = random_text(arena);
		break;
	case FIELD_RECORDS:
		((struct records *)place)->bytes = random_text(arena);
		break;
	case FIELD_STRUCT:
		fill(field->of, arena, place);
		break;
	case FIELD_POINTER:
		if (next_random(2) == 0)
			break;
		*(void **)place = arena_take(arena, 1, field->of->size);
		fill(field->of, arena, *(void **)place);
		break;
	case FIELD_ARRAY:
		list = place;
		items = schema_new_list(field->of, arena, list,
		    (int32_t)next_random(4));
		for (int32_t i = 0; i < list->count; i++)
			fill(field->of, arena,
			    items + (size_t)i * field->of->size);
		break;
	}
}

static void
fill(const struct schema *schema, struct arena *arena, void *at)
{
	schema_preset(schema, at);
	for (size_t i = 0; i < schema->count; i++)
		fill_field(&schema->fields[i], arena,
		    (char *)at + schema->fields[i].at);
}

/* Encodes, decodes all of it, and encodes the same again. */
static bool
comes_back(const struct schema *schema, struct encoding encoding)
{
	struct arena arena = arena_limited(1 << 20);
	struct buf first = {0}, second = {0};
	struct encoded output = {.bytes = &first};
	void *message = arena_take(&arena, 1, schema->size);
	void *again = arena_take(&arena, 1, schema->size);
	struct cursor input;
	bool good;

	fill(schema, &arena, message);
	schema_encode(schema, encoding, message, &output);
	input = cursor_over(first.data, first.size);
	good = schema_decode(schema, encoding, &input, &arena, again) == 0 &&
	    cursor_left(&input) == 0;
	output.bytes = &second;
	if (good)
		schema_encode(schema, encoding, again, &output);
	good = good && slice_equal(buf_slice(&first), buf_slice(&second));
	buf_release(&first);
	buf_release(&second);
	arena_release(&arena);
	return good;
}

static bool
all_come_back(void)
{
	bool good = true;

	for (size_t i = 0; i < api_count; i++)
		for (int version = api_table[i]->served;
		    version <= api_table[i]->last; version++)
			for (int turn = 0; turn < 20; turn++) {
				struct encoding encoding =
				    api_encoding(api_table[i], version);

				if (comes_back(api_table[i]->request,
				    encoding) &&
				    comes_back(api_table[i]->response,
				    encoding))
					continue;
				printf("# %s %d\n", api_table[i]->name,
				    version);
				good = false;
			}
	return good;
}

/* Whatever is missing at the end is missed. */
static bool
is_cut_refused(const struct schema *schema, struct encoding encoding)
{
	struct arena arena = arena_limited(1 << 20);
	struct buf bytes = {0};
	struct encoded output = {.bytes = &bytes};
	void *message = arena_take(&arena, 1, schema->size);
	bool good = true;

	fill(schema, &arena, message);
	schema_encode(schema, encoding, message, &output);
	for (size_t size = 0; size < bytes.size; size++) {
		/* A copy of its own, so that a sanitizer sees a read behind
		 * it. */
		char *copy = memory_alloc(size + 1);
		struct cursor input = cursor_over(copy, size);

		memcpy(copy, bytes.data, size);
		arena.limit = 1 << 20;
		good = schema_decode(schema, encoding, &input, &arena,
		    message) == -FAIL_PROTOCOL && good;
		free(copy);
		arena_clear(&arena);
		message = arena_take(&arena, 1, schema->size);
	}
	buf_release(&bytes);
	arena_release(&arena);
	return good;
}

static bool
all_cuts_are_refused(void)
{
	bool good = true;

	for (size_t i = 0; i < api_count; i++)
		for (int version = api_table[i]->served;
		    version <= api_table[i]->last; version++) {
			struct encoding encoding = api_encoding(api_table[i],
			    version);

			good = is_cut_refused(api_table[i]->request,
			    encoding) &&
			    is_cut_refused(api_table[i]->response, encoding) &&
			    good;
		}
	return good;
}

/* A count of 2^31 - 1 in a message of a few bytes. */
static bool
is_claim_refused(int version, const char *hex)
{
	const struct api *api = api_find(API_METADATA);
	struct arena arena = arena_limited(1 << 20);
	unsigned char bytes[16];
	struct metadata_request message;
	struct cursor input = cursor_over(bytes, strlen(hex) / 2);
	int failed;

	hex_decode(hex, bytes, strlen(hex) / 2);
	failed = schema_decode(api->request, api_encoding(api, version),
	    &input, &arena, &message);
	arena_release(&arena);
	return failed == -FAIL_PROTOCOL;
}

/* Such a name would be another one where it is a C string; what is no name may
 * have any bytes. */
static bool
is_nul_refused(void)
{
	static const char any[] = "a\0b";
	struct slice text = {any, 3};
	struct buf bytes = {0};
	struct encoded output = {.bytes = &bytes};
	struct offset_commit_request_partition partition;
	struct heartbeat_request message;
	struct arena arena = arena_limited(1 << 20);
	struct cursor input;
	bool good;

	schema_preset(&heartbeat_request_schema, &message);
	message.group_id = text;
	schema_encode(&heartbeat_request_schema, (struct encoding){0, false},
	    &message, &output);
	input = cursor_over(bytes.data, bytes.size);
	good = schema_decode(&heartbeat_request_schema,
	    (struct encoding){0, false}, &input, &arena, &message) ==
	    -FAIL_PROTOCOL;
	buf_clear(&bytes);
	schema_preset(&offset_commit_request_partition_schema, &partition);
	partition.committed_metadata = text;
	schema_encode(&offset_commit_request_partition_schema,
	    (struct encoding){2, false}, &partition, &output);
	input = cursor_over(bytes.data, bytes.size);
	good = good && schema_decode(&offset_commit_request_partition_schema,
	    (struct encoding){2, false}, &input, &arena, &partition) == 0 &&
	    slice_equal(partition.committed_metadata, text);
	buf_release(&bytes);
	arena_release(&arena);
	return good;
}

/* Metadata version 9, as librdkafka 2.0.2 sends it: topic "t", no creation. */
static bool
is_foreign_understood(void)
{
	static const char hex[] = "00030009000000050007"
	    "72646b61666b61"     /* client id "rdkafka" */
	    "00"                 /* no tags of the header */
	    "0202740000000000";  /* [ "t", no tags ], false x 3, no tags */
	unsigned char bytes[sizeof hex / 2];
	struct arena arena = arena_limited(1 << 20);
	struct metadata_request message;
	struct request_header header;
	const struct metadata_request_topic *topics;
	struct cursor input = cursor_over(bytes, sizeof bytes);
	const struct api *api;
	bool good;

	hex_decode(hex, bytes, sizeof hex / 2);
	good = frame_decode_request(&input, &header) == 0 &&
	    header.key == API_METADATA && header.version == 9 &&
	    header.correlation == 5 &&
	    slice_equal(header.client_id, slice_of("rdkafka"));
	api = api_find(header.key);
	good = good && schema_decode(api->request,
	    api_encoding(api, header.version), &input, &arena, &message) == 0;
	topics = message.topics.items;
	good = good && message.topics.count == 1 &&
	    slice_equal(topics[0].name, slice_of("t")) &&
	    !message.allow_auto_topic_creation && cursor_left(&input) == 0;
	arena_release(&arena);
	return good;
}

int
main(void)
{
	CHECK(all_come_back(),
	    "every version of every message decodes to what was encoded");
	CHECK(all_cuts_are_refused(), "no message decodes when bytes of it are missing");
	CHECK(is_claim_refused(1, "7fffffff"),
	    "a count beyond the message is refused");
	CHECK(is_claim_refused(9, "ffffffff0f"),
	    "so is one in the compact form");
	CHECK(is_claim_refused(9, "ffffffffff7f"),
	    "and one that is longer than 32 bits");
	CHECK(is_nul_refused(),
	    "a name with a NUL byte is refused, and no other text");
	CHECK(is_foreign_understood(),
	    "a request of librdkafka is understood");
	return unit_end();
}
