/* Decoding messages of others by their tables. */
#include "kafka/schema.h"

#include "base/fail.h"

#include <string.h>

struct decoder {
	struct encoding encoding;
	struct cursor *input;
	struct arena *arena;
};

static bool
is_present(const struct field *field, int version)
{
	return version >= field->since &&
	    (field->before == 0 || version < field->before);
}

/* KIP-482's lengths: unsigned, seven bits a byte, at most 32 bits. */
static uint32_t
decode_unsigned(struct cursor *input)
{
	uint64_t value = 0;

	for (int shift = 0; shift < 35; shift += 7) {
		uint8_t byte = cursor_u8(input);

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			if (value > UINT32_MAX)
				input->failed = true;
			return (uint32_t)value;
		}
	}
	input->failed = true;
	return 0;
}

/* A length or a count: -1 for null. */
static int64_t
decode_length(const struct decoder *decoder, enum field_kind kind)
{
	if (decoder->encoding.is_flexible)
		return (int64_t)decode_unsigned(decoder->input) - 1;
	if (kind == FIELD_STRING)
		return (int16_t)cursor_be16(decoder->input);
	return (int32_t)cursor_be32(decoder->input);
}

static int
fail_field(const struct field *field, const char *what)
{
	return fail(FAIL_PROTOCOL, "field %s: %s",
	    field->name == NULL ? "(element)" : field->name, what);
}

static bool
may_be_null(const struct decoder *decoder, const struct field *field)
{
	return field->nullable != 0 &&
	    decoder->encoding.version >= field->nullable - 1;
}

static bool
is_cut_short(const struct field *field, struct slice slice)
{
	return field->kind == FIELD_STRING && !field->may_have_nul &&
	    memchr(slice.data, 0, slice.size) != NULL;
}

static int
decode_slice(const struct decoder *decoder, const struct field *field,
    struct slice *slice)
{
	int64_t size = decode_length(decoder, field->kind);

	if (decoder->input->failed || size < -1 ||
	    size > (int64_t)cursor_left(decoder->input))
		return fail_field(field, "longer than the message");
	if (size == -1) {
		*slice = (struct slice){NULL, 0};
		return may_be_null(decoder, field) ? 0 :
		    fail_field(field, "may not be null");
	}
	*slice = cursor_bytes(decoder->input, (size_t)size);
	return is_cut_short(field, *slice) ?
	    fail_field(field, "has a NUL byte") : 0;
}

/* An element takes a byte at least, so that a count is bounded by the bytes
 * that are left. */
static int
decode_array(const struct decoder *decoder, const struct field *field,
    struct list *list)
{
	int64_t count = decode_length(decoder, FIELD_ARRAY);
	int failed = 0;

	if (decoder->input->failed || count < -1 ||
	    count > (int64_t)cursor_left(decoder->input))
		return fail_field(field, "more elements than bytes");
	*list = (struct list){NULL, -1};
	if (count == -1)
		return may_be_null(decoder, field) ? 0 :
		    fail_field(field, "may not be null");
	if (schema_new_list(field->of, decoder->arena, list,
	    (int32_t)count) == NULL)
		return fail_field(field, "too many elements");
	for (int64_t i = 0; i < count && failed == 0; i++)
		failed = schema_decode(field->of, decoder->encoding,
		    decoder->input, decoder->arena,
		    (char *)list->items + (size_t)i * field->of->size);
	return failed;
}

static int
decode_pointer(const struct decoder *decoder, const struct field *field,
    void **place)
{
	*place = NULL;
	if (field->tag == 0 && (int8_t)cursor_u8(decoder->input) < 0)
		return 0;
	*place = arena_take(decoder->arena, 1, field->of->size);
	if (*place == NULL)
		return fail_field(field, "too large a message");
	return schema_decode(field->of, decoder->encoding, decoder->input,
	    decoder->arena, *place);
}

static int
decode_field(const struct decoder *decoder, const struct field *field,
    void *place)
{
	struct cursor *input = decoder->input;
	struct slice uuid;

	switch (field->kind) {
	case FIELD_BOOL:
		*(bool *)place = cursor_u8(input) != 0;
		return 0;
	case FIELD_INT8:
		*(int8_t *)place = (int8_t)cursor_u8(input);
		return 0;
	case FIELD_INT16:
		*(int16_t *)place = (int16_t)cursor_be16(input);
		return 0;
	case FIELD_INT32:
		*(int32_t *)place = (int32_t)cursor_be32(input);
		return 0;
	case FIELD_INT64:
		*(int64_t *)place = (int64_t)cursor_be64(input);
		return 0;
	case FIELD_UUID:
		uuid = cursor_bytes(input, 16);
		if (!input->failed)
			memcpy(place, uuid.data, 16);
		return 0;
	case FIELD_STRING:
	case FIELD_BYTES:
		return decode_slice(decoder, field, place);
	case FIELD_RECORDS:
		return decode_slice(decoder, field,
		    &((struct records *)place)->bytes);
	case FIELD_STRUCT:
		return schema_decode(field->of, decoder->encoding, input,
		    decoder->arena, place);
	case FIELD_POINTER:
		return decode_pointer(decoder, field, place);
	case FIELD_ARRAY:
		return decode_array(decoder, field, place);
	}
	return fail(FAIL_BUG, "field %s: no such kind", field->name);
}

/* A tagged field stands in bytes of its own. */
static int
decode_tag(const struct decoder *decoder, const struct schema *schema,
    void *message)
{
	uint32_t tag = decode_unsigned(decoder->input);
	uint32_t size = decode_unsigned(decoder->input);
	struct slice bytes = cursor_bytes(decoder->input, size);
	struct cursor input = cursor_over(bytes.data, bytes.size);
	struct decoder inner = {decoder->encoding, &input, decoder->arena};
	int failed;

	if (decoder->input->failed)
		return fail(FAIL_PROTOCOL, "tags are longer than the message");
	for (size_t i = 0; i < schema->count; i++) {
		const struct field *field = &schema->fields[i];

		if (field->tag == 0 || (uint32_t)field->tag - 1 != tag ||
		    !is_present(field, decoder->encoding.version))
			continue;
		failed = decode_field(&inner, field,
		    (char *)message + field->at);
		if (failed == 0 && input.failed)
			failed = fail_field(field, "ends too early");
		return failed;
	}
	return 0;
}

static int
decode_tags(const struct decoder *decoder, const struct schema *schema,
    void *message)
{
	uint32_t count = decode_unsigned(decoder->input);
	int failed = 0;

	if (decoder->input->failed || count > cursor_left(decoder->input))
		return fail(FAIL_PROTOCOL, "more tags than bytes");
	for (uint32_t i = 0; i < count && failed == 0; i++)
		failed = decode_tag(decoder, schema, message);
	return failed;
}

int
schema_decode(const struct schema *schema, struct encoding encoding,
    struct cursor *input, struct arena *arena, void *message)
{
	struct decoder decoder = {encoding, input, arena};

	schema_preset(schema, message);
	for (size_t i = 0; i < schema->count; i++) {
		const struct field *field = &schema->fields[i];
		int failed;

		if (field->tag != 0 || !is_present(field, encoding.version))
			continue;
		failed = decode_field(&decoder, field,
		    (char *)message + field->at);
		if (failed != 0)
			return failed;
		if (input->failed)
			return fail_field(field, "the message ends before it");
	}
	if (encoding.is_flexible && !schema->is_bare)
		return decode_tags(&decoder, schema, message);
	return 0;
}
