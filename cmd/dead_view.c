/* What mq-dead prints, and the names of letters: PARTITION:OFFSET. */
#include "dead_view.h"
#include "tool.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/json.h"
#include "base/parse.h"

enum { PAGE_SIZE = 1024 * 1024 }; /* written out beyond that */

int
dead_view_parse_id(const char *text, int *partition, int64_t *id)
{
	const char *colon = strchr(text, ':');
	char number[24];
	int64_t value;
	int result;

	if (!colon || (size_t)(colon - text) >= sizeof number)
		return fail(FAIL_USAGE,
		    "\"%s\": a dead letter is named PARTITION:OFFSET", text);
	snprintf(number, sizeof number, "%.*s", (int)(colon - text), text);
	result = parse_integer(number, "PARTITION", 0, INT_MAX, &value);
	if (result < 0)
		return result;
	*partition = (int)value;
	return parse_integer(colon + 1, "OFFSET", 0, INT64_MAX, id);
}

/* "exit 3", "signal 9", or "-". */
static void
append_end(struct buf *out, const struct dead_letter *letter)
{
	if (letter->signal > 0)
		buf_printf(out, "signal %" PRId64, letter->signal);
	else if (letter->exit_status >= 0)
		buf_printf(out, "exit %" PRId64, letter->exit_status);
	else
		buf_append_text(out, "-");
}

static void
add_row(struct dead_view *view, const struct dead_letter *letter)
{
	struct table *table = &view->table;
	struct buf text = {0};

	table_add(table, "%d:%" PRId64, letter->partition, letter->id);
	format_time(&text, letter->ended_ms);
	table_add(table, "%s", buf_text(&text));
	table_add_bytes(table, letter->group, 64);
	table_add_count(table, letter->attempts);
	buf_clear(&text);
	append_end(&text, letter);
	table_add(table, "%s", buf_text(&text));
	table_add_bytes(table, letter->message, 40);
	table_add_bytes(table, letter->record->value, 40);
	buf_release(&text);
}

static void
append_headers(struct buf *out, const struct record *record)
{
	struct record_header header;
	size_t position = 0;
	bool is_first = true;

	buf_append_byte(out, '[');
	while (record_next_header(record, &position, &header) == 1) {
		buf_append_text(out, is_first ? "[" : ",[");
		json_bytes(out, header.name);
		buf_append_byte(out, ',');
		json_bytes(out, header.value);
		buf_append_byte(out, ']');
		is_first = false;
	}
	buf_append_byte(out, ']');
}

static void
append_json(struct buf *out, const struct dead_letter *letter)
{
	buf_printf(
	    out, "{\"id\":\"%d:%" PRId64 "\"", letter->partition, letter->id);
	json_add_bytes(out, "topic", letter->topic);
	buf_printf(out, ",\"partition\":%" PRId64 ",\"offset\":%" PRId64,
	    letter->origin_partition, letter->origin_offset);
	json_add_bytes(out, "group", letter->group);
	buf_printf(out, ",\"attempts\":%" PRId64, letter->attempts);
	if (letter->exit_status >= 0)
		json_add_count(out, "exit_status", letter->exit_status);
	if (letter->signal > 0)
		json_add_count(out, "signal", letter->signal);
	if (letter->started_ms > 0)
		json_add_time(out, "started", letter->started_ms);
	json_add_time(out, "ended", letter->ended_ms);
	json_add_bytes(out, "reason", letter->message);
	json_add_bytes(out, "stderr", letter->errors);
	json_add_time(out, "timestamp", letter->record->timestamp);
	json_add_bytes(out, "key", letter->record->key);
	buf_append_text(out, ",\"headers\":");
	append_headers(out, letter->record);
	json_add_bytes(out, "value", letter->record->value);
	buf_append_text(out, "}\n");
}

/* Bytes as they are, on lines of their own. */
static void
append_block(struct buf *out, const char *name, struct slice bytes)
{
	const char *data = bytes.data;

	buf_printf(out, "%s (%zu bytes)\n", name, bytes.size);
	buf_append_slice(out, bytes);
	if (bytes.size > 0 && data[bytes.size - 1] != '\n')
		buf_append_byte(out, '\n');
}

static void
append_field(struct buf *out, const char *name, struct slice value)
{
	buf_printf(out, "%-9s ", name);
	json_bytes(out, value);
	buf_append_byte(out, '\n');
}

static void
append_moment(struct buf *out, const char *name, int64_t wall_ms)
{
	buf_printf(out, "%-9s ", name);
	format_time(out, wall_ms);
	buf_append_byte(out, '\n');
}

static void
append_whole(struct buf *out, const struct dead_letter *letter)
{
	struct record_header header;
	size_t position = 0;

	buf_printf(
	    out, "%-9s %d:%" PRId64 "\n", "id", letter->partition, letter->id);
	buf_printf(out, "%-9s %.*s:%" PRId64 ":%" PRId64 "\n", "message",
	    (int)letter->topic.size, (const char *)letter->topic.data,
	    letter->origin_partition, letter->origin_offset);
	append_field(out, "group", letter->group);
	buf_printf(out, "%-9s %" PRId64 "\n", "attempts", letter->attempts);
	append_field(out, "reason", letter->message);
	buf_printf(out, "%-9s ", "end");
	append_end(out, letter);
	buf_append_byte(out, '\n');
	if (letter->started_ms > 0)
		append_moment(out, "started", letter->started_ms);
	append_moment(out, "ended", letter->ended_ms);
	append_moment(out, "timestamp", letter->record->timestamp);
	append_field(out, "key", letter->record->key);
	while (record_next_header(letter->record, &position, &header) == 1) {
		buf_printf(out, "%-9s ", "header");
		json_bytes(out, header.name);
		buf_append_byte(out, ' ');
		json_bytes(out, header.value);
		buf_append_byte(out, '\n');
	}
	append_block(out, "stderr", letter->errors);
	append_block(out, "value", letter->record->value);
}

static bool
is_wanted(const struct dead_view *view, const struct dead_letter *letter)
{
	int partition;
	int64_t id;

	if (view->group && !slice_equal(letter->group, slice_of(view->group)))
		return false;
	if (!*view->ids)
		return true;
	for (char **text = view->ids; *text; text++)
		if (dead_view_parse_id(*text, &partition, &id) >= 0 &&
		    partition == letter->partition && id == letter->id)
			return true;
	return false;
}

static int
add_letter(const struct dead_letter *letter, void *context)
{
	struct dead_view *view = context;

	if (!is_wanted(view, letter))
		return 0;
	if (view->is_json)
		append_json(view->out, letter);
	else if (!view->is_whole)
		add_row(view, letter);
	else {
		if (view->count > 0)
			buf_append_byte(view->out, '\n');
		append_whole(view->out, letter);
	}
	view->count++;
	if (view->out->size > PAGE_SIZE)
		return tool_write(view->out);
	return 0;
}

int
dead_view_check_ids(char **ids)
{
	int partition, result = 0;
	int64_t id;

	while (*ids && result >= 0)
		result = dead_view_parse_id(*ids++, &partition, &id);
	return result;
}

int
dead_view_list(struct spool *spool, const char *topic, struct dead_view *view)
{
	int result = dead_view_check_ids(view->ids);
	size_t named = 0;

	while (view->ids[named])
		named++;
	table_init(&view->table, "ID TIME GROUP >ATTEMPTS END REASON MESSAGE");
	if (result >= 0)
		result = dead_list(spool, topic, add_letter, view);
	if (result >= 0 && view->count < named)
		result = fail(FAIL_MISSING,
		    "topic %s has only %zu of the %zu dead letters named",
		    topic, view->count, named);
	if (result >= 0 && !view->is_json && !view->is_whole)
		table_format(&view->table, view->out);
	table_release(&view->table);
	return result < 0 ? result : view->count > 0;
}
