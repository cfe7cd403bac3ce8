/* What was promised before the power went: kept and counted. */
#include "ledger.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ledger_topics[MODES] = {"always", "interval", "never"};
const char *const ledger_groups[GROUPS] = {"after", "before", "manual"};

enum { PROBLEMS_TOLD = 20 };

void
ledger_problem(struct ledger *ledger, const char *format, ...)
{
	char line[512];
	va_list arguments;

	if (ledger->problem_count++ >= PROBLEMS_TOLD)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	buf_printf(&ledger->problems, "%s\n", line);
}

void
ledger_clear(struct ledger *ledger)
{
	for (int i = 0; i < ROUNDS; i++)
		for (int k = 0; k < STREAMS; k++) {
			struct stream *stream = &ledger->streams[i][k];

			free(stream->messages);
			memset(stream, 0, sizeof(*stream));
		}
	ledger->round = 0;
}

struct stream *
ledger_stream(struct ledger *ledger, int number, enum mode mode, int partition)
{
	struct stream *stream = &ledger->streams[ledger->round][number];

	stream->mode = mode;
	stream->partition = partition;
	return stream;
}

static uint32_t
mix(uint32_t value)
{
	value = (value ^ (value >> 16)) * 0x7feb352dU;
	value = (value ^ (value >> 15)) * 0x846ca68bU;
	return value ^ (value >> 16);
}

static void
format_value(const struct ledger *ledger, int round, int number, int index,
    struct buf *value)
{
	const struct stream *stream = &ledger->streams[round][number];
	uint32_t state = mix((uint32_t)(round << 24 | number << 20 | index));
	int length = (int)(state % (uint32_t)stream->size);

	buf_printf(value, "%d.%d.%d:", round, number, index);
	for (int i = 0; i < length; i++) {
		if (i % 6 == 0)
			state = mix(state + 1);
		buf_append_byte(value, (unsigned char)('A' +
		    (state >> (5 * (i % 6)) & 31)));
	}
}

void
ledger_format(const struct ledger *ledger, int number, int index,
    struct buf *value)
{
	format_value(ledger, ledger->round, number, index, value);
}

static struct message *
add_message(struct stream *stream, int index)
{
	struct message *message;

	if (index < stream->count)
		return &stream->messages[index];
	stream->messages = realloc(stream->messages,
	    (size_t)(index + 1) * sizeof(*message));
	if (stream->messages == NULL)
		abort();
	for (; stream->count <= index; stream->count++) {
		message = &stream->messages[stream->count];
		memset(message, 0, sizeof(*message));
		message->offset = -1;
	}
	return &stream->messages[index];
}

/* The next whole line, without its end; NULL behind the last. */
static char *
next_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (end == NULL)
		return NULL;
	*end = '\0';
	*rest = end + 1;
	return line;
}

static char *
lines_of(struct buf *text)
{
	buf_text(text);
	return (char *)text->data;
}

struct line {
	int round, number, index;
	int64_t offset;
};

/* Valid until the next message is added. */
static struct message *
message_of(struct ledger *ledger, const struct line *line)
{
	return add_message(&ledger->streams[line->round][line->number],
	    line->index);
}

static void
promise(struct ledger *ledger, enum mode mode, struct message *message,
    int64_t offset)
{
	if (!message->is_promised) {
		ledger->promised[mode]++;
		message->offset = offset;
	}
	message->is_promised = true;
}

void
ledger_stored(struct ledger *ledger, int number, struct buf *said)
{
	struct stream *stream = &ledger->streams[ledger->round][number];
	char *rest = lines_of(said), *line;
	char topic[32];
	int partition;
	int64_t offset;

	for (int i = 0; (line = next_line(&rest)) != NULL; i++) {
		struct message *message = add_message(stream, i);

		if (sscanf(line, "%31[a-z]:%d:%" SCNd64, topic, &partition,
		        &offset) != 3 ||
		    strcmp(topic, ledger_topics[stream->mode]) != 0 ||
		    partition != stream->partition)
			ledger_problem(ledger, "mq-put said: %s", line);
		promise(ledger, stream->mode, message, offset);
		message->is_stored = true;
	}
}

static void
promise_line(struct ledger *ledger, const struct line *line)
{
	enum mode mode = ledger->streams[line->round][line->number].mode;

	if (mode == ALWAYS)
		promise(ledger, mode, message_of(ledger, line), line->offset);
}

static bool
is_value(struct ledger *ledger, const struct line *line, const char *text)
{
	struct buf value = {0};
	bool is_same;

	format_value(ledger, line->round, line->number, line->index, &value);
	is_same = strcmp(buf_text(&value), text) == 0;
	buf_release(&value);
	return is_same;
}

/* "topic partition offset value"; a problem, and false, if it never was. */
static bool
parse(struct ledger *ledger, char *text, struct line *line)
{
	char topic[32];
	int partition, used = 0;
	struct stream *stream;
	char *tab = strchr(text, '\t');

	if (tab != NULL)
		*tab = '\0';
	if (sscanf(text, "%31[a-z] %d %" SCNd64 " %n%d.%d.%d:", topic,
	        &partition, &line->offset, &used, &line->round, &line->number,
	        &line->index) != 6 || line->round < 0 ||
	    line->round > ledger->round || line->number < 0 ||
	    line->number >= STREAMS || line->index < 0) {
		ledger_problem(ledger, "never put: %.100s", text);
		return false;
	}
	stream = &ledger->streams[line->round][line->number];
	if (stream->size == 0 || partition != stream->partition ||
	    strcmp(topic, ledger_topics[stream->mode]) != 0 ||
	    !is_value(ledger, line, text + used)) {
		ledger_problem(ledger, "other bytes: %.100s", text);
		return false;
	}
	return true;
}

/* Consumers see what is durable only. */
static bool
deliver(struct ledger *ledger, enum group group, char *text,
    struct line *line)
{
	struct message *message;

	if (!parse(ledger, text, line))
		return false;
	message = message_of(ledger, line);
	if (message->is_settled[group])
		ledger_problem(ledger, "group %s, acknowledged, came back: %s",
		    ledger_groups[group], text);
	if (group == AFTER)
		message->is_delivered = true;
	return true;
}

static void
settle(struct ledger *ledger, enum group group, struct line *lines,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct line *line = &lines[i];

		if (ledger->streams[line->round][line->number].mode != ALWAYS)
			continue;
		message_of(ledger, line)->is_settled[group] = true;
		ledger->settled++;
	}
}

void
ledger_delivered(struct ledger *ledger, enum group group, struct buf *said,
    size_t certain, bool is_all_settled)
{
	enum { HELD_MAX = 4096 };
	static struct line held[HELD_MAX];
	size_t count = 0;
	char *rest = lines_of(said), *end = rest + certain, *text;

	while ((text = next_line(&rest)) != NULL) {
		bool is_ok = strcmp(text, "OK") == 0;
		bool is_failed = strcmp(text, "FAILED") == 0;
		bool is_certain = rest <= end;

		if (!is_ok && !is_failed && count < HELD_MAX &&
		    deliver(ledger, group, text, &held[count])) {
			if (is_certain)
				promise_line(ledger, &held[count]);
			count++;
		}
		if (is_certain && (is_ok || is_all_settled))
			settle(ledger, group, held, count);
		if (is_ok || is_failed || is_all_settled)
			count = 0;
	}
}

/* What one producer put is there in its order. What nobody was promised may
 * be missing, also before something that is there. */
static void
compare_stream(struct ledger *ledger, struct stream *stream,
    const char *name)
{
	int64_t last = -1;

	for (int i = 0; i < stream->count; i++) {
		struct message *message = &stream->messages[i];

		if (message->is_promised && !message->is_seen) {
			ledger->lost[stream->mode]++;
			if (stream->mode == ALWAYS)
				ledger_problem(ledger, "lost: %s.%d at %"
				    PRId64 ", %s", name, i, message->offset,
				    message->is_stored ? "stored" : "read");
		}
		if (message->is_seen && message->offset <= last)
			ledger_problem(ledger, "%s.%d is out of order", name,
			    i);
		if (message->is_seen)
			last = message->offset;
		message->is_lost |= !message->is_seen;
		message->is_promised = message->is_seen;
		message->is_seen = false;
	}
}

static void
see(struct ledger *ledger, const struct line *line)
{
	struct message *message = message_of(ledger, line);
	const char *problem = NULL;

	if (message->is_seen)
		problem = "is there twice";
	else if (message->is_lost)
		problem = "had been lost";
	else if (message->is_promised && message->offset != line->offset)
		problem = "has moved";
	if (problem != NULL)
		ledger_problem(ledger, "%d.%d.%d at %" PRId64 " %s",
		    line->round, line->number, line->index, line->offset,
		    problem);
	promise(ledger, ledger->streams[line->round][line->number].mode,
	    message, line->offset);
	message->is_seen = true;
	ledger->seen++;
}

void
ledger_compare(struct ledger *ledger, struct buf *dump)
{
	char *rest = lines_of(dump), *text, name[32];
	struct line line;

	while ((text = next_line(&rest)) != NULL)
		if (parse(ledger, text, &line))
			see(ledger, &line);
	for (int i = 0; i <= ledger->round; i++)
		for (int k = 0; k < STREAMS; k++) {
			snprintf(name, sizeof(name), "%d.%d", i, k);
			compare_stream(ledger, &ledger->streams[i][k], name);
		}
}

void
ledger_check_delivered(struct ledger *ledger)
{
	for (int i = 0; i <= ledger->round; i++)
		for (int k = 0; k < STREAMS; k++) {
			struct stream *stream = &ledger->streams[i][k];

			for (int m = 0; m < stream->count; m++)
				if (stream->messages[m].is_promised &&
				    !stream->messages[m].is_delivered)
					ledger_problem(ledger, "never "
					    "given to a consumer: %d.%d.%d",
					    i, k, m);
		}
}
