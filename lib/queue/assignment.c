/* What members of a consumer group tell each other. */
#include "queue/assignment.h"

#include "base/fail.h"

#include <stdlib.h>

enum { VERSION = 0, NO_USER_DATA = -1 };

static void
append_text(struct buf *out, struct slice text)
{
	buf_append_be16(out, (uint16_t)text.size);
	buf_append_slice(out, text);
}

void
subscription_append(struct buf *out, const char *const *names, size_t count)
{
	buf_append_be16(out, VERSION);
	buf_append_be32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		append_text(out, slice_of(names[i]));
	buf_append_be32(out, (uint32_t)NO_USER_DATA);
}

/* Later versions begin as this one. */
void
assignment_open(struct assignment *names, struct slice bytes)
{
	names->input = cursor_over(bytes.data, bytes.size);
	names->left = 0;
	if (bytes.size == 0)
		return;
	(void)cursor_be16(&names->input);
	names->left = (int32_t)cursor_be32(&names->input);
}

int
subscription_next(struct assignment *names, struct slice *topic)
{
	size_t size;

	if (names->left <= 0 && !names->input.failed)
		return 0;
	names->left--;
	size = cursor_be16(&names->input);
	*topic = cursor_bytes(&names->input, size);
	return names->input.failed ? fail(FAIL_PROTOCOL,
	    "a member of the group says what nobody understands") : 1;
}

int
assignment_next(struct assignment *names, struct slice *topic, int32_t *count)
{
	int result = subscription_next(names, topic);

	if (result != 1)
		return result;
	*count = (int32_t)cursor_be32(&names->input);
	if (names->input.failed || *count < 0 ||
	    (size_t)*count > cursor_left(&names->input) / sizeof(int32_t))
		return fail(FAIL_PROTOCOL,
		    "the leader of the group says what nobody understands");
	return 1;
}

static int
compare(const void *left, const void *right)
{
	const struct assignee *a = left, *b = right;

	return slice_compare(a->id, b->id);
}

static bool
is_subscribed(const struct assignee *assignee, struct slice topic)
{
	struct assignment names;
	struct slice name;

	assignment_open(&names, assignee->subscription);
	while (subscription_next(&names, &name) == 1) {
		if (slice_equal(name, topic))
			return true;
	}
	return false;
}

static void
give(struct assignee *assignee, struct slice topic, int32_t first,
    int32_t count)
{
	if (count == 0)
		return;
	assignee->topics++;
	append_text(&assignee->places, topic);
	buf_append_be32(&assignee->places, (uint32_t)count);
	for (int32_t i = 0; i < count; i++)
		buf_append_be32(&assignee->places, (uint32_t)(first + i));
}

void
assignment_share(struct assignee *assignees, size_t count, struct slice topic,
    int32_t partitions)
{
	int32_t members = 0, next = 0, given = 0;

	qsort(assignees, count, sizeof(*assignees), compare);
	for (size_t i = 0; i < count; i++)
		members += is_subscribed(&assignees[i], topic);
	for (size_t i = 0; i < count; i++) {
		int32_t share;

		if (!is_subscribed(&assignees[i], topic))
			continue;
		share = partitions / members +
		    (given++ < partitions % members);
		give(&assignees[i], topic, next, share);
		next += share;
	}
}

void
assignment_append(struct buf *out, const struct assignee *assignee)
{
	buf_append_be16(out, VERSION);
	buf_append_be32(out, (uint32_t)assignee->topics);
	buf_append_slice(out, buf_slice(&assignee->places));
	buf_append_be32(out, (uint32_t)NO_USER_DATA);
}
