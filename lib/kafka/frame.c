/* Headers, which are flexible themselves from some version of each API on. */
#include "kafka/frame.h"

#include "base/fail.h"

#include <string.h>

static const struct schema nothing = {.size = 1};

/* The tag section of a header; none is defined, so all are passed over. */
static int
pass_tags(struct cursor *input)
{
	struct arena arena = arena_limited(0);
	char unused;

	return schema_decode(&nothing, (struct encoding){0, true}, input,
	    &arena, &unused);
}

int
frame_decode_request(struct cursor *input, struct request_header *header)
{
	const struct api *api;
	int16_t size;

	header->key = (int16_t)cursor_be16(input);
	header->version = (int16_t)cursor_be16(input);
	header->correlation = (int32_t)cursor_be32(input);
	header->client_id = (struct slice){NULL, 0};
	if (input->failed)
		return fail(FAIL_PROTOCOL, "request: shorter than its header");
	api = api_find(header->key);
	if (api == NULL || header->version < 0 || header->version > api->last)
		return 0;
	size = (int16_t)cursor_be16(input);
	if (size >= 0)
		header->client_id = cursor_bytes(input, (size_t)size);
	if (input->failed || size < -1 || (size > 0 &&
	    memchr(header->client_id.data, 0, (size_t)size) != NULL))
		return fail(FAIL_PROTOCOL, "request: bad client id");
	if (api_encoding(api, header->version).is_flexible)
		return pass_tags(input);
	return 0;
}

void
frame_begin_request(const struct api *api, const struct request_header *header,
    struct buf *output)
{
	struct slice client = header->client_id;

	buf_append_be32(output, 0);
	buf_append_be16(output, (uint16_t)header->key);
	buf_append_be16(output, (uint16_t)header->version);
	buf_append_be32(output, (uint32_t)header->correlation);
	buf_append_be16(output,
	    client.data == NULL ? UINT16_MAX : (uint16_t)client.size);
	buf_append_slice(output, client);
	if (api_encoding(api, header->version).is_flexible)
		buf_append_byte(output, 0);
}

static bool
has_tags(const struct api *api, int version)
{
	return api_encoding(api, version).is_flexible &&
	    api->key != API_API_VERSIONS;
}

void
frame_begin_response(const struct api *api, int version, int32_t correlation,
    struct buf *output)
{
	buf_append_be32(output, 0);
	buf_append_be32(output, (uint32_t)correlation);
	if (has_tags(api, version))
		buf_append_byte(output, 0);
}

void
frame_end(struct buf *output, size_t start, size_t extent_bytes)
{
	size_t size = output->size - start - FRAME_SIZE_BYTES + extent_bytes;

	for (int i = 0; i < FRAME_SIZE_BYTES; i++)
		output->data[start + (size_t)i] =
		    (unsigned char)(size >> (24 - 8 * i));
}

int
frame_decode_response(const struct api *api, int version,
    struct cursor *input, int32_t *correlation)
{
	*correlation = (int32_t)cursor_be32(input);
	if (input->failed)
		return fail(FAIL_PROTOCOL, "response: shorter than its header");
	return has_tags(api, version) ? pass_tags(input) : 0;
}
