/* mq-stat --dead: how many dead letters wait, by topic and group. */
#include "view.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/table.h"
#include "spool/dead.h"

/* The letters of one group on one topic. */
struct heap {
	struct heap *next;
	struct buf group;
	struct buf reason; /* of the newest */
	int64_t count;
	int64_t oldest_ms;
	int64_t newest_ms;
};

struct count {
	const struct view *view;
	struct heap *heaps;
	struct table table;
	struct buf *out;
};

static struct heap *
find_heap(struct count *count, struct slice group)
{
	struct heap **at = &count->heaps;

	while (*at && !slice_equal(buf_slice(&(*at)->group), group))
		at = &(*at)->next;
	if (!*at) {
		*at = memory_alloc(sizeof **at);
		buf_append_slice(&(*at)->group, group);
		(*at)->oldest_ms = INT64_MAX;
		(*at)->newest_ms = INT64_MIN;
	}
	return *at;
}

static int
add_letter(const struct dead_letter *letter, void *context)
{
	struct count *count = context;
	struct heap *heap;

	if (count->view->group &&
	    !slice_equal(letter->group, slice_of(count->view->group)))
		return 0;
	heap = find_heap(count, letter->group);
	heap->count++;
	if (letter->ended_ms < heap->oldest_ms)
		heap->oldest_ms = letter->ended_ms;
	if (letter->ended_ms >= heap->newest_ms) {
		heap->newest_ms = letter->ended_ms;
		buf_clear(&heap->reason);
		buf_append_slice(&heap->reason, letter->message);
	}
	return 0;
}

static void
append_heap(struct count *count, const char *topic, const struct heap *heap)
{
	struct buf *out = count->out;
	int64_t age_ms = clock_wall_ms() - heap->oldest_ms;
	struct table *table = &count->table;

	if (count->view->is_json) {
		buf_append_byte(out, '{');
		json_add_bytes(out, "topic", slice_of(topic));
		json_add_bytes(out, "group", buf_slice(&heap->group));
		json_add_count(out, "letters", heap->count);
		json_add_count(out, "oldest_ms", heap->oldest_ms);
		json_add_bytes(out, "reason", buf_slice(&heap->reason));
		buf_append_text(out, "}\n");
		return;
	}
	table_add(table, "%s", topic);
	table_add_bytes(table, buf_slice(&heap->group), 64);
	table_add_count(table, heap->count);
	table_add_age(table, age_ms < 0 ? 0 : age_ms);
	table_add_bytes(table, buf_slice(&heap->reason), 60);
}

static int
count_topic(const char *topic, void *context)
{
	struct count *count = context;
	int result = dead_list(keeper_spool(count->view->keeper), topic,
	    add_letter, count);

	while (count->heaps) {
		struct heap *heap = count->heaps;

		if (result >= 0)
			append_heap(count, topic, heap);
		count->heaps = heap->next;
		buf_release(&heap->group);
		buf_release(&heap->reason);
		free(heap);
	}
	return result;
}

int
view_dead(const struct view *view, struct buf *out)
{
	struct count count = {.view = view, .out = out};
	int result;

	table_init(&count.table, "TOPIC GROUP >LETTERS >OLDEST LAST-REASON");
	result = view_topics(view, count_topic, &count);
	if (result >= 0 && !view->is_json)
		table_format(&count.table, out);
	table_release(&count.table);
	return result;
}
