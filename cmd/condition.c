/* Conditions of mq-stat --check: parsed, and tested on a row. */
#include "condition.h"

#include <stddef.h>
#include <string.h>

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
