/* Encoding messages by their tables. */
#include "kafka/schema.h"

#include <string.h>

struct encoder {
	struct encoding encoding;
	struct encoded *output;
};

static void
encode_unsigned(struct buf *bytes, uint32_t value)
{
	while (value >= 0x80) {
		buf_append_byte(bytes, (unsigned char)(value | 0x80));
		value >>= 7;
	}
	buf_append_byte(bytes, (unsigned char)value);
}

/* A length or a count; -1 for null. */
static void
encode_length(const struct encoder *encoder, enum field_kind kind,
    int64_t length)
{
	struct buf *bytes = encoder->output->bytes;

	if (encoder->encoding.is_flexible)
		encode_unsigned(bytes, (uint32_t)(length + 1));
	else if (kind == FIELD_STRING)
		buf_append_be16(bytes, (uint16_t)length);
	else
		buf_append_be32(bytes, (uint32_t)length);
}

static bool
may_be_null(const struct encoder *encoder, const struct field *field)
{
	return field->nullable != 0 &&
	    encoder->encoding.version >= field->nullable - 1;
}

static void
encode_slice(const struct encoder *encoder, const struct field *field,
    const struct slice *slice)
{
	struct slice bytes = *slice;

	if (slice->data == NULL) {
		encode_length(encoder, field->kind,
		    may_be_null(encoder, field) ? -1 : 0);
		return;
	}
	/* What came in a newer version may not fit into an older one. */
	if (field->kind == FIELD_STRING && !encoder->encoding.is_flexible &&
	    bytes.size > INT16_MAX)
		bytes.size = INT16_MAX;
	encode_length(encoder, field->kind, (int64_t)bytes.size);
	buf_append_slice(encoder->output->bytes, bytes);
}

static void
encode_records(const struct encoder *encoder, const struct field *field,
    const struct records *records)
{
	struct encoded *output = encoder->output;
	size_t size = 0;

	if (records->extent_count == 0) {
		encode_slice(encoder, field, &records->bytes);
		return;
	}
	for (int32_t i = 0; i < records->extent_count; i++)
		size += records->extents[i].size;
	encode_length(encoder, FIELD_RECORDS, (int64_t)size);
	for (int32_t i = 0; i < records->extent_count; i++) {
		struct cut cut = {output->bytes->size, &records->extents[i]};

		buf_append(output->cuts, &cut, sizeof cut);
	}
	output->extent_bytes += size;
}

static void
encode_array(const struct encoder *encoder, const struct field *field,
    const struct list *list)
{
	int32_t count = list->count;

	if (count < 0 && !may_be_null(encoder, field))
		count = 0;
	encode_length(encoder, FIELD_ARRAY, count);
	for (int32_t i = 0; i < count; i++)
		schema_encode(field->of, encoder->encoding,
		    (const char *)list->items + (size_t)i * field->of->size,
		    encoder->output);
}

static void
encode_pointer(const struct encoder *encoder, const struct field *field,
    const void *message)
{
	if (field->tag == 0)
		buf_append_byte(encoder->output->bytes,
		    message == NULL ? 0xff : 1);
	if (message != NULL)
		schema_encode(field->of, encoder->encoding, message,
		    encoder->output);
}

static void
encode_field(const struct encoder *encoder, const struct field *field,
    const void *place)
{
	struct buf *bytes = encoder->output->bytes;

	switch (field->kind) {
	case FIELD_BOOL:
		buf_append_byte(bytes, *(const bool *)place);
		break;
	case FIELD_INT8:
		buf_append_byte(bytes, (unsigned char)*(const int8_t *)place);
		break;
	case FIELD_INT16:
		buf_append_be16(bytes, (uint16_t)*(const int16_t *)place);
		break;
	case FIELD_INT32:
		buf_append_be32(bytes, (uint32_t)*(const int32_t *)place);
		break;
	case FIELD_INT64:
		buf_append_be64(bytes, (uint64_t)*(const int64_t *)place);
		break;
	case FIELD_UUID:
		buf_append(bytes, place, 16);
		break;
	case FIELD_STRING:
	case FIELD_BYTES:
		encode_slice(encoder, field, place);
		break;
	case FIELD_RECORDS:
		encode_records(encoder, field, place);
		break;
	case FIELD_STRUCT:
		schema_encode(field->of, encoder->encoding, place,
		    encoder->output);
		break;
	case FIELD_POINTER:
		encode_pointer(encoder, field, *(void *const *)place);
		break;
	case FIELD_ARRAY:
		encode_array(encoder, field, place);
		break;
	}
}

static bool
is_present(const struct field *field, int version)
{
	return version >= field->since &&
	    (field->before == 0 || version < field->before);
}

static bool
is_preset(const struct field *field, const void *place)
{
	static const unsigned char zero[16];

	switch (field->kind) {
	case FIELD_BOOL:
		return *(const bool *)place == (field->preset != 0);
	case FIELD_INT8:
		return *(const int8_t *)place == field->preset;
	case FIELD_INT16:
		return *(const int16_t *)place == field->preset;
	case FIELD_INT32:
		return *(const int32_t *)place == field->preset;
	case FIELD_INT64:
		return *(const int64_t *)place == field->preset;
	case FIELD_UUID:
		return memcmp(place, zero, 16) == 0;
	case FIELD_STRING:
	case FIELD_BYTES:
		return ((const struct slice *)place)->size == 0;
	case FIELD_POINTER:
		return *(void *const *)place == NULL;
	case FIELD_ARRAY:
		return ((const struct list *)place)->count <= 0;
	default:
		return false;
	}
}

static bool
is_tag_written(const struct field *field, int version, const void *message)
{
	return field->tag != 0 && is_present(field, version) &&
	    !is_preset(field, (const char *)message + field->at);
}

/* Tables have their tags in ascending order, as they are to be written. */
static void
encode_tags(const struct encoder *encoder, const struct schema *schema,
    const void *message)
{
	int version = encoder->encoding.version;
	struct buf *bytes = encoder->output->bytes;
	uint32_t count = 0;

	for (size_t i = 0; i < schema->count; i++)
		count += is_tag_written(&schema->fields[i], version, message);
	encode_unsigned(bytes, count);
	for (size_t i = 0; i < schema->count; i++) {
		const struct field *field = &schema->fields[i];
		struct buf value = {0};
		struct encoded output = {.bytes = &value};

		if (!is_tag_written(field, version, message))
			continue;
		encode_field(&(struct encoder){encoder->encoding, &output},
		    field, (const char *)message + field->at);
		encode_unsigned(bytes, (uint32_t)field->tag - 1);
		encode_unsigned(bytes, (uint32_t)value.size);
		buf_append_slice(bytes, buf_slice(&value));
		buf_release(&value);
	}
}

void
schema_encode(const struct schema *schema, struct encoding encoding,
    const void *message, struct encoded *output)
{
	struct encoder encoder = {encoding, output};

	for (size_t i = 0; i < schema->count; i++) {
		const struct field *field = &schema->fields[i];

		if (field->tag == 0 && is_present(field, encoding.version))
			encode_field(&encoder, field,
			    (const char *)message + field->at);
	}
	if (encoding.is_flexible && !schema->is_bare)
		encode_tags(&encoder, schema, message);
}
