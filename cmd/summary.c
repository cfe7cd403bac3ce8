/* One row of mq-stat: a topic, or a group on a topic, over its partitions. */
#include "summary.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/parse.h"

static int
parse_count(const char *text, const char *what, int64_t *value)
{
	return parse_integer(text, what, 0, INT64_MAX, value);
}

static void
format_count(struct buf *out, int64_t value)
{
	buf_printf(out, "%lld", (long long)value);
}

/* Whether brokers tell of it, too. */
enum told { TOLD_NOT, TOLD_OF_GROUPS, TOLD };

static const struct field {
	const char *name;
	size_t offset;
	int (*parse)(const char *text, const char *what, int64_t *value);
	void (*format)(struct buf *out, int64_t value);
	enum told told;
} fields[] = {
#define FIELD(name, member, kind, style, told)                                 \
	{                                                                      \
		name, offsetof(struct summary, member), kind, style, told      \
	}
    FIELD("messages", messages, parse_count, format_count, TOLD),
    FIELD("ready", ready, parse_count, format_count, TOLD_OF_GROUPS),
    FIELD("leased", leased, parse_count, format_count, TOLD_OF_GROUPS),
    FIELD("delayed", delayed, parse_count, format_count, TOLD_OF_GROUPS),
    FIELD("dead", dead, parse_count, format_count, TOLD_OF_GROUPS),
    FIELD("lag", lag, parse_count, format_count, TOLD),
    FIELD("oldest", age_ms, parse_duration, format_duration, TOLD),
    FIELD("bytes", bytes, parse_size, format_size, TOLD_NOT),
    FIELD("segments", segments, parse_count, format_count, TOLD_NOT),
    FIELD("members", members, parse_count, format_count, TOLD),
#undef FIELD
};

/* What a comparison says of less, equal and greater. Longer signs first. */
static const struct comparison {
	const char *sign;
	bool less, equal, greater;
} comparisons[] = {
    {"<=", true, true, false},
    {">=", false, true, true},
    {"!=", true, false, true},
    {"==", false, true, false},
    {"<", true, false, false},
    {">", false, false, true},
    {"=", false, true, false},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int64_t
field_value(const struct field *field, const struct summary *row)
{
	int64_t value;

	memcpy(&value, (const char *)row + field->offset, sizeof value);
	return value;
}

/* Index of the field whose name is the first size bytes of text, or -1. */
static int
find_field(const char *text, size_t size)
{
	for (size_t i = 0; i < COUNT(fields); i++)
		if (strlen(fields[i].name) == size &&
		    memcmp(fields[i].name, text, size) == 0)
			return (int)i;
	return -1;
}

#define BLANKS " \t"

static size_t
size_without_blanks(const char *text, size_t size)
{
	while (size > 0 && strchr(BLANKS, text[size - 1]) != NULL)
		size--;
	return size;
}

/* Parses what is behind the sign. */
static int
parse_value(const struct field *field, const char *text, int64_t *value)
{
	struct buf trimmed = {0};
	int result;

	text += strspn(text, BLANKS);
	buf_append(&trimmed, text, size_without_blanks(text, strlen(text)));
	result = field->parse(buf_text(&trimmed), field->name, value);
	buf_release(&trimmed);
	return result;
}

int
condition_parse(const char *text, struct condition *condition)
{
	const char *name = text + strspn(text, BLANKS);
	const char *sign = name + strcspn(name, "<>=!");
	int field = find_field(name,
	    size_without_blanks(name, (size_t)(sign - name)));

	if (field < 0)
		return fail(FAIL_USAGE,
		    "condition \"%s\": expected a field (messages, ready, "
		    "leased, delayed, dead, lag, oldest, bytes, segments, "
		    "members), a comparison and a value",
		    text);
	condition->text = sign;
	condition->field = (size_t)field;
	for (size_t i = 0; i < COUNT(comparisons); i++) {
		size_t length = strlen(comparisons[i].sign);

		if (strncmp(sign, comparisons[i].sign, length) != 0)
			continue;
		condition->comparison = i;
		return parse_value(
		    &fields[field], sign + length, &condition->value);
	}
	return fail(FAIL_USAGE,
	    "condition \"%s\": expected one of < <= > >= = != behind \"%s\"",
	    text, fields[field].name);
}

bool
condition_is_told(const struct condition *condition,
    const struct summary *row)
{
	const struct field *field = &fields[condition->field];

	return field->told == TOLD || (field->told == TOLD_OF_GROUPS &&
	    (*row->group == '\0' || field_value(field, row) >= 0));
}

int
condition_test(const struct condition *condition, const struct summary *row,
    struct buf *why)
{
	const struct field *field = &fields[condition->field];
	const struct comparison *sign = &comparisons[condition->comparison];
	int64_t value = field_value(field, row);
	bool is_true = value < condition->value	   ? sign->less
		       : value == condition->value ? sign->equal
						   : sign->greater;

	if (value < 0 || is_true)
		return 1;
	buf_printf(why, "%s%s%s: %s is ", row->topic, *row->group ? " " : "",
	    row->group, field->name);
	field->format(why, value);
	buf_printf(why, ", not %s", condition->text);
	return 0;
}

struct collection {
	struct summary topic; /* its own counts, for each row */
	struct summary row;   /* the group whose partitions come in now */
	int64_t now_ms;
	int (*each)(const struct summary *row, void *context);
	void *context;
	bool is_empty;
};

static int
finish_row(struct collection *collection)
{
	struct summary *row = &collection->row;

	if (collection->is_empty)
		return 0;
	row->age_ms = row->oldest_ms >= 0 || row->lag == 0 ? 0 : -1;
	if (row->oldest_ms >= 0 && collection->now_ms > row->oldest_ms)
		row->age_ms = collection->now_ms - row->oldest_ms;
	return collection->each(row, collection->context);
}

static void
start_row(struct collection *collection, const char *group)
{
	struct summary *row = &collection->row;

	*row = collection->topic;
	snprintf(row->group, sizeof row->group, "%s", group);
	row->ready = row->leased = row->delayed = 0;
	row->dead = row->lag = row->members = 0;
	collection->is_empty = false;
}

static int
add_state(const struct group_state *state, void *context)
{
	struct collection *collection = context;
	struct summary *row = &collection->row;
	int result;

	if (collection->is_empty || strcmp(row->group, state->group) != 0) {
		result = finish_row(collection);
		if (result != 0)
			return result;
		start_row(collection, state->group);
	}
	keeper_add_count(&row->ready, state->ready);
	keeper_add_count(&row->leased, state->leased);
	keeper_add_count(&row->delayed, state->delayed);
	keeper_add_count(&row->dead, state->dead);
	keeper_add_count(&row->lag, state->lag);
	row->members = state->members;
	if (state->oldest_ms >= 0 &&
	    (row->oldest_ms < 0 || state->oldest_ms < row->oldest_ms))
		row->oldest_ms = state->oldest_ms;
	return 0;
}

static int
add_partition(const struct keeper_partition *partition, void *context)
{
	struct summary *row = context;

	row->messages += partition->high_watermark - partition->log_start;
	keeper_add_count(&row->bytes, partition->bytes);
	keeper_add_count(&row->segments, partition->segments);
	return 0;
}

int
summary_list(struct keeper *keeper, const char *topic, const char *group,
    int (*each)(const struct summary *row, void *context), void *context)
{
	struct collection collection = {.each = each,
	    .context = context,
	    .now_ms = clock_wall_ms(),
	    .is_empty = true};
	struct summary *row = &collection.topic;
	int result;

	row->ready = row->leased = row->delayed = row->dead = row->lag = -1;
	row->oldest_ms = row->age_ms = row->members = -1;
	snprintf(row->topic, sizeof row->topic, "%s", topic);
	result = keeper_partitions(keeper, topic, add_partition, row);
	if (result < 0)
		return result;
	result = keeper_groups(keeper, group, topic, add_state,
	    &collection);
	if (result != 0)
		return result;
	if (collection.is_empty)
		return group ? 0 : each(row, context);
	return finish_row(&collection);
}
