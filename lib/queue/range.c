/* Ranges of a log: parsing them and finding the offsets they mean. */
#include "queue/range.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/parse.h"
#include "spool/positions.h"
#include <stdlib.h>
#include <string.h>

static bool
is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static int
parse_bound(const char *text, struct bound *bound)
{
	int64_t now_ms = clock_wall_ms();

	bound->value = 0;
	if (strcmp(text, "start") == 0) {
		bound->kind = BOUND_START;
		return 0;
	}
	if (strcmp(text, "end") == 0) {
		bound->kind = BOUND_END;
		return 0;
	}
	if (is_number(text) || (*text == '-' && is_number(text + 1))) {
		bound->kind = *text == '-' ? BOUND_LAST : BOUND_OFFSET;
		return parse_integer(text + (*text == '-'), "offset", 0,
		    INT64_MAX, &bound->value);
	}
	bound->kind = BOUND_TIME;
	if (*text == '@' && parse_time(text, "offset", now_ms,
	    &bound->value) < 0)
		return parse_time(text + 1, "offset", now_ms, &bound->value);
	if (*text == '@')
		return 0;
	return parse_time(text, "offset", now_ms, &bound->value);
}

/* FROM:TO with the colon at `colon`. */
static bool
is_split(const char *text, size_t colon, struct range *range)
{
	char *from = memory_copy_text(text);
	bool good;

	from[colon] = '\0';
	good = parse_bound(from, &range->from) >= 0 &&
	    parse_bound(from + colon + 1, &range->to) >= 0;
	free(from);
	return good;
}

int
range_parse(const char *text, struct range *range)
{
	memset(range, 0, sizeof(*range));
	if (parse_bound(text, &range->from) >= 0)
		return 0;
	range->has_to = true;
	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] == ':' && is_split(text, i, range))
			return 0;
	}
	return fail(FAIL_USAGE, "offset '%s': expected start, end, N, -N, "
	    "@TIME or -1h, or two of them as FROM:TO", text);
}

/* Below this size the log is walked faster than the index is opened. */
static int
is_long(struct partition *log)
{
	enum { LONG_BYTES = 8 * 1024 * 1024 };
	int64_t bytes, segments;
	int rc = partition_usage(log, &bytes, &segments);

	return rc < 0 ? rc : bytes > LONG_BYTES;
}

int
range_hint(struct topic *topic, int partition, int64_t offset,
    struct position *position)
{
	struct partition_state state;
	struct partition *log;
	int rc = topic_partition(topic, partition, &log);

	if (rc >= 0)
		rc = partition_state(log, &state);
	if (rc < 0)
		return rc;
	if (offset <= state.log_start || offset >= state.high_watermark)
		return 0;
	rc = is_long(log);
	return rc <= 0 ? rc : positions_find(topic, partition, offset,
	    position);
}

static int
resolve_time(int64_t wall_ms, struct topic *topic, int partition,
    int64_t *offset)
{
	struct position position;
	struct partition *log;
	int rc = topic_partition(topic, partition, &log);

	if (rc >= 0)
		rc = is_long(log);
	if (rc > 0)
		rc = positions_find_time(topic, partition, wall_ms, &position);
	if (rc < 0)
		return rc;
	return partition_find_time(log, wall_ms, rc > 0 ? &position : NULL,
	    offset);
}

int
range_resolve(const struct bound *bound, struct topic *topic, int partition,
    int64_t *offset)
{
	struct partition_state state;
	struct partition *log;
	int rc;

	if (bound->kind == BOUND_TIME)
		return resolve_time(bound->value, topic, partition, offset);
	*offset = bound->value;
	if (bound->kind == BOUND_OFFSET)
		return 0;
	rc = topic_partition(topic, partition, &log);
	if (rc >= 0)
		rc = partition_state(log, &state);
	if (rc < 0)
		return rc;
	*offset = bound->kind == BOUND_START ? state.log_start
	    : state.high_watermark - bound->value;
	if (*offset < state.log_start)
		*offset = state.log_start;
	return 0;
}
