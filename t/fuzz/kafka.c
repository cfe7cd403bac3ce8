/* Messages of Kafka's protocol: the first bytes pick an API, request or
 * response, and a version; headers too. */
#include "fuzz.h"
#include "kafka/frame.h"

enum { ARENA_MAX = 1 << 20 };

static void
encode(const struct schema *schema, struct encoding encoding,
    const void *message, struct buf *bytes)
{
	struct encoded output = {.bytes = bytes};

	schema_encode(schema, encoding, message, &output);
	MUST(output.extent_bytes == 0, "what was decoded has no files");
}

/* What is written of a message that was read reads the same again. */
static void
check_message(const struct schema *schema, struct encoding encoding,
    struct slice bytes)
{
	struct arena arena = arena_limited(ARENA_MAX);
	struct arena other = arena_limited(ARENA_MAX);
	struct cursor input = cursor_over(bytes.data, bytes.size);
	struct buf first = {0}, second = {0};
	void *message = arena_take(&arena, 1, schema->size);
	void *again = arena_take(&other, 1, schema->size);
	int failed = schema_decode(schema, encoding, &input, &arena, message);

	MUST(failed == 0 || failed == -FAIL_PROTOCOL,
	    "what cannot be decoded is a breach of the protocol");
	MUST(arena.taken <= ARENA_MAX, "memory is bounded");
	if (failed == 0) {
		encode(schema, encoding, message, &first);
		input = cursor_over(first.data, first.size);
		MUST(schema_decode(schema, encoding, &input, &other, again) ==
		    0 && cursor_left(&input) == 0,
		    "what is encoded can be decoded, all of it");
		encode(schema, encoding, again, &second);
		MUST(has_same_bytes(buf_slice(&first), buf_slice(&second)),
		    "and is the same");
	}
	buf_release(&first);
	buf_release(&second);
	arena_release(&arena);
	arena_release(&other);
}

static void
check_headers(const struct api *api, int version, struct slice bytes)
{
	struct cursor input = cursor_over(bytes.data, bytes.size);
	struct request_header header;
	int32_t correlation;

	if (frame_decode_request(&input, &header) == 0)
		MUST(is_inside(header.client_id, bytes), "a view of the input");
	input = cursor_over(bytes.data, bytes.size);
	frame_decode_response(api, version, &input, &correlation);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	const struct api *api = api_table[take_byte(&input) % api_count];
	uint8_t pick = take_byte(&input);
	int version = api->served +
	    (pick >> 1) % (api->last - api->served + 1);
	/* Of its own size, so that a read behind it is seen. */
	char *copy = memory_alloc(input.left + 1);
	char *bytes = realloc(copy, input.left == 0 ? 1 : input.left);

	if (input.left > 0)
		memcpy(bytes, input.at, input.left);
	check_headers(api, version, (struct slice){bytes, input.left});
	check_message(pick & 1 ? api->response : api->request,
	    api_encoding(api, version), (struct slice){bytes, input.left});
	free(bytes);
	return 0;
}
