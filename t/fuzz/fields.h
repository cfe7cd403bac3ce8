/* Messages of Kafka's protocol made from noise: each field is what it mostly
 * is, what the other side said last under that name, a limit, or anything. */
#ifndef FIELDS_H
#define FIELDS_H

#include "base/arena.h"
#include "fuzz.h"
#include "kafka/api.h"
#include "log/batch.h"

enum { FIELDS_MAX = 96, FIELDS_ITEMS_MAX = 60, FIELDS_TEXT_MAX = 64 };

/* What a field of that name holds, if noise says nothing else. */
struct known_field {
	const char *name;
	int64_t number;
	char text[FIELDS_TEXT_MAX];
	size_t size;
	bool is_text;
};

struct fields {
	struct input *input;
	struct arena *arena;
	int version;
	int left; /* items of lists */
	const char *list; /* the last one's name: its items may have none */
	const struct slice *texts; /* that may stand anywhere; the last is empty */
	struct known_field known[FIELDS_MAX];
	size_t known_count;
};

static inline struct known_field *
fields_known(struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->known_count; i++)
		if (strcmp(fields->known[i].name, name) == 0)
			return &fields->known[i];
	if (fields->known_count == FIELDS_MAX)
		return &fields->known[FIELDS_MAX - 1];
	fields->known[fields->known_count] = (struct known_field){.name = name};
	return &fields->known[fields->known_count++];
}

static inline struct known_field *
fields_usual(struct fields *fields, const struct field *field)
{
	return fields_known(fields,
	    field->name == NULL ? fields->list : field->name);
}

static inline void
fields_know(struct fields *fields, const char *name, int64_t number,
    struct slice text)
{
	struct known_field *known = fields_known(fields, name);

	known->number = number;
	known->is_text = text.data != NULL;
	known->size = text.size < FIELDS_TEXT_MAX ? text.size : FIELDS_TEXT_MAX;
	if (known->size > 0)
		memcpy(known->text, text.data, known->size);
}

/* Thousands of partitions work as ten do, and take longer. */
static inline int64_t
fields_few(const struct field *field, int64_t number)
{
	bool is_few = field->name != NULL &&
	    (strcmp(field->name, "num_partitions") == 0 ||
	    strcmp(field->name, "count") == 0);

	return is_few && number > 10 && number <= 10000 ? 10 : number;
}

static inline int64_t
fields_number(struct fields *fields, const struct field *field)
{
	static const int64_t limits[] = {-1, -2, -3, 1000, 6000, 10000,
	    1800000, 1 << 20, INT8_MAX, INT8_MIN, INT16_MAX, INT16_MIN,
	    INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
	uint8_t pick = take_byte(fields->input);

	if (pick < 0x40)
		return fields_usual(fields, field)->number + pick % 8;
	if (pick < 0x80)
		return pick - 0x40;
	if (pick < 0xe0)
		return (int64_t)((uint64_t)limits[pick % 16] - (pick >= 0xc0));
	return (int64_t)take_bytes(fields->input, 8);
}

/* As many bytes of noise as it says, or of one kind. */
static inline struct slice
fields_bytes(struct fields *fields, uint8_t pick)
{
	static char many[40000];
	size_t size = take_byte(fields->input);
	struct slice noise = {fields->input->at, size};

	if (pick >= 0xf8) {
		memset(many, 'x', sizeof many);
		return (struct slice){many, pick < 0xfc ? size * 8 :
		    sizeof many - size};
	}
	if (size > fields->input->left)
		noise.size = fields->input->left;
	fields->input->at += noise.size;
	fields->input->left -= noise.size;
	return noise;
}

static inline struct slice
fields_text(struct fields *fields, const struct field *field)
{
	uint8_t pick = take_byte(fields->input);
	const struct known_field *known = fields_usual(fields, field);

	if (pick < 0x60 && known->is_text)
		return (struct slice){known->text, known->size};
	if (pick < 0x40)
		return (struct slice){NULL, 0};
	if (pick < 0xd0)
		for (size_t i = 0; ; i++)
			if (fields->texts[i].size == 0 || i == pick % 8)
				return fields->texts[i];
	if (pick < 0xe0)
		return (struct slice){NULL, 0};
	return fields_bytes(fields, pick);
}

static inline void
fields_uuid(struct fields *fields, const struct field *field, void *place)
{
	uint8_t pick = take_byte(fields->input);
	const struct known_field *known = fields_usual(fields, field);

	if (pick < 0xc0 && known->size == 16)
		memcpy(place, known->text, 16);
	else
		memset(place, pick, 16);
}

static inline void
fields_put_record(struct fields *fields, struct batch_builder *builder)
{
	struct record record = {
		.timestamp = (int64_t)take_byte(fields->input),
		.value = fields_bytes(fields, 0),
	};

	batch_builder_append(builder, &record);
}

/* A batch: in order, or with any header that fits its checksum. */
static inline struct slice
fields_batch(struct fields *fields)
{
	uint8_t pick = take_byte(fields->input);
	struct batch_builder builder;
	struct buf batch = {0};
	struct slice copy;
	unsigned char *at;

	if (pick >= 0xf0)
		return fields_bytes(fields, pick);
	batch_builder_init(&builder, CODEC_NONE);
	if (pick & 1)
		builder.producer_id =
		    fields_known(fields, "producer_id")->number;
	builder.producer_epoch = 0;
	builder.base_sequence = pick >> 1 & 7;
	for (int i = pick >> 4 & 3; i >= 0; i--)
		fields_put_record(fields, &builder);
	if (batch_builder_finish(&builder, &batch) < 0)
		buf_clear(&batch);
	batch_builder_release(&builder);
	at = arena_take(fields->arena, 1, batch.size + 1);
	memcpy(at, batch.data, batch.size);
	copy = (struct slice){at, batch.size};
	if (pick >= 0x80) {
		at[take_byte(fields->input) % batch.size] =
		    take_byte(fields->input);
		batch_seal(at, copy.size);
	}
	buf_release(&batch);
	return copy;
}

static inline void fields_fill(struct fields *fields,
    const struct schema *schema, void *message);

static inline void
fields_list(struct fields *fields, const struct field *field,
    struct list *list)
{
	uint8_t pick = take_byte(fields->input);
	int count = pick < 0xa0 ? 1 : pick < 0xf8 ? pick % 4 :
	    FIELDS_ITEMS_MAX;

	if (pick >= 0xf0 && pick < 0xf8) {
		*list = (struct list){NULL, -1};
		return;
	}
	count = count < fields->left ? count : fields->left;
	fields->left -= count;
	schema_new_list(field->of, fields->arena, list, count);
	fields->list = field->name;
	for (int i = 0; i < count; i++)
		fields_fill(fields, field->of,
		    (char *)list->items + (size_t)i * field->of->size);
}

static inline void
fields_put(struct fields *fields, const struct field *field, void *place)
{
	int64_t number;

	switch (field->kind) {
	case FIELD_UUID:
		fields_uuid(fields, field, place);
		break;
	case FIELD_STRING:
	case FIELD_BYTES:
		*(struct slice *)place = fields_text(fields, field);
		break;
	case FIELD_RECORDS:
		((struct records *)place)->bytes = fields_batch(fields);
		break;
	case FIELD_STRUCT:
		fields_fill(fields, field->of, place);
		break;
	case FIELD_POINTER:
		if (take_byte(fields->input) < 0x80)
			break;
		*(void **)place = arena_take(fields->arena, 1, field->of->size);
		fields_fill(fields, field->of, *(void **)place);
		break;
	case FIELD_ARRAY:
		fields_list(fields, field, place);
		break;
	default:
		number = fields_few(field, fields_number(fields, field));
		memcpy(place, &number, field->kind == FIELD_INT64 ? 8 :
		    field->kind == FIELD_INT32 ? 4 :
		    field->kind == FIELD_INT16 ? 2 : 1);
		if (field->kind == FIELD_BOOL)
			*(bool *)place = number & 1;
	}
}

/* What the version has; what it has not stays as it is preset. */
static inline void
fields_fill(struct fields *fields, const struct schema *schema, void *message)
{
	schema_preset(schema, message);
	for (size_t i = 0; i < schema->count; i++) {
		const struct field *field = &schema->fields[i];

		if (fields->version >= field->since && (field->before == 0 ||
		    fields->version < field->before))
			fields_put(fields, field, (char *)message + field->at);
	}
}

/* Takes over what the other side has said: ids, epochs, generations. */
static inline void
fields_learn(struct fields *fields, const struct schema *schema,
    const void *message)
{
	static const char *const names[] = {"member_id", "generation_id",
	    "member_epoch", "producer_id", "protocol_name", "topic_id", NULL};

	for (size_t i = 0; i < schema->count; i++) {
		const struct field *field = &schema->fields[i];
		const char *place = (const char *)message + field->at;
		const struct list *list = (const void *)place;
		const char *const *name = names;

		if (field->kind == FIELD_ARRAY && list->count > 0 &&
		    field->of->count > 0)
			fields_learn(fields, field->of, list->items);
		while (*name != NULL && (field->name == NULL ||
		    strcmp(*name, field->name) != 0))
			name++;
		if (*name == NULL)
			continue;
		if (field->kind == FIELD_STRING)
			fields_know(fields, *name, 0, *(struct slice *)place);
		else if (field->kind == FIELD_UUID)
			fields_know(fields, *name, 0,
			    (struct slice){place, 16});
		else if (field->kind == FIELD_INT32)
			fields_know(fields, *name, *(int32_t *)place,
			    (struct slice){NULL, 0});
		else if (field->kind == FIELD_INT64)
			fields_know(fields, *name, *(int64_t *)place,
			    (struct slice){NULL, 0});
	}
}

#endif
