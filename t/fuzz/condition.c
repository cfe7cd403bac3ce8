/* Conditions of mq-stat --check, and names of dead letters. */
#include "../../cmd/condition.h"
#include "../../cmd/dead_view.h"
#include "fuzz.h"

static void
take_row(struct input *input, struct summary *row)
{
	int64_t *const numbers[] = {
		&row->messages, &row->bytes, &row->segments, &row->ready,
		&row->leased, &row->delayed, &row->dead, &row->lag,
		&row->oldest_ms, &row->age_ms, &row->members,
	};

	memset(row, 0, sizeof(*row));
	strcpy(row->topic, "t");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		*numbers[i] = (int64_t)take_bytes(input, 3) - 1;
}

static bool
is_true(struct slice field, const char *sign, const char *value,
    const struct summary *row)
{
	struct condition condition;
	struct buf text = {0}, why = {0};
	int rc;

	buf_append_slice(&text, field);
	buf_printf(&text, "%s%s", sign, value);
	MUST(condition_parse(buf_text(&text), &condition) == 0,
	    "any sign may follow a field");
	rc = condition_test(&condition, row, &why);
	MUST((rc == 0 || rc == 1) && (rc == 0) == (why.size > 0),
	    "what is false is told");
	buf_release(&text);
	buf_release(&why);
	return rc;
}

/* A field that the row has is below, equal or above, and the six signs agree
 * with that. Without the field all six are true. */
static void
check_signs(const char *text, const struct summary *row)
{
	struct slice field = {text, strcspn(text, "<>=!")};
	size_t sign = strspn(text + field.size, "<>=!");
	bool less, equal, greater;

	text += field.size + (sign > 2 ? 2 : sign);
	less = is_true(field, "<", text, row);
	equal = is_true(field, "=", text, row);
	greater = is_true(field, ">", text, row);
	MUST(less + equal + greater == 1 || less + equal + greater == 3,
	    "one of three is true");
	MUST(less + equal + greater == 3 ||
	    (is_true(field, "<=", text, row) == !greater &&
	    is_true(field, ">=", text, row) == !less &&
	    is_true(field, "!=", text, row) == !equal),
	    "and the signs agree");
}

/* "P:N" is the only way to write it. */
static void
check_id(const char *text)
{
	int partition = -1;
	int64_t id = -1;
	char again[64];
	int rc = dead_view_parse_id(text, &partition, &id);

	MUST(rc == 0 || rc == -FAIL_USAGE, "a bad name is bad usage");
	if (rc < 0)
		return;
	MUST(partition >= 0 && id >= 0, "its numbers are in range");
	snprintf(again, sizeof(again), "%d:%lld", partition, (long long)id);
	MUST(dead_view_parse_id(again, &partition, &id) == 0,
	    "a name can be written");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *text = take_text(&input);
	struct condition condition;
	struct summary row;
	int rc = condition_parse(text, &condition);

	MUST(rc == 0 || rc == -FAIL_USAGE, "a bad condition is bad usage");
	take_row(&input, &row);
	if (rc == 0) {
		MUST(condition.value >= 0, "a value is not negative");
		check_signs(text, &row);
	}
	check_id(text);
	free(text);
	return 0;
}
