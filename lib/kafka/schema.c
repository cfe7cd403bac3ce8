/* What all messages begin with: their presets. */
#include "kafka/schema.h"

#include <string.h>

static const struct field int8_fields[] = {{.kind = FIELD_INT8}};
static const struct field int32_fields[] = {{.kind = FIELD_INT32}};
static const struct field int64_fields[] = {{.kind = FIELD_INT64}};
static const struct field string_fields[] = {{.kind = FIELD_STRING}};

const struct schema schema_int8 = {1, int8_fields, 1, true};
const struct schema schema_int32 = {4, int32_fields, 1, true};
const struct schema schema_int64 = {8, int64_fields, 1, true};
const struct schema schema_string = {
    sizeof(struct slice), string_fields, 1, true};

static void
preset_number(const struct field *field, void *place)
{
	int64_t value = field->preset;

	switch (field->kind) {
	case FIELD_BOOL:
		*(bool *)place = value != 0;
		break;
	case FIELD_INT8:
		*(int8_t *)place = (int8_t)value;
		break;
	case FIELD_INT16:
		*(int16_t *)place = (int16_t)value;
		break;
	case FIELD_INT32:
		*(int32_t *)place = (int32_t)value;
		break;
	default:
		*(int64_t *)place = value;
	}
}

static void
preset_field(const struct field *field, void *place)
{
	bool is_nullable = field->nullable != 0;

	switch (field->kind) {
	case FIELD_UUID:
	case FIELD_POINTER:
		break;
	case FIELD_STRING:
	case FIELD_BYTES:
		((struct slice *)place)->data = is_nullable ? NULL : "";
		break;
	case FIELD_RECORDS:
		((struct records *)place)->bytes.data = "";
		break;
	case FIELD_STRUCT:
		schema_preset(field->of, place);
		break;
	case FIELD_ARRAY:
		break;
	default:
		preset_number(field, place);
	}
}

void
schema_preset(const struct schema *schema, void *message)
{
	memset(message, 0, schema->size);
	for (size_t i = 0; i < schema->count; i++)
		preset_field(&schema->fields[i],
		    (char *)message + schema->fields[i].at);
}

void *
schema_new_list(const struct schema *schema, struct arena *arena,
    struct list *list, int32_t count)
{
	char *items = arena_take(arena, (size_t)count, schema->size);

	if (items == NULL)
		return NULL;
	for (int32_t i = 0; i < count; i++)
		schema_preset(schema, items + (size_t)i * schema->size);
	list->items = items;
	list->count = count;
	return items;
}
