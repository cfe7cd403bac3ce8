/* How mq-topic shows topics: tables for people, JSON Lines for programs. */
#include "topic_print.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

struct topic_print {
	bool is_json;
	struct buf *out;
	struct table lines;  /* of TOPIC_LINE */
	bool has_lines;
};

struct topic_print *
topic_print_open(bool is_json, struct buf *out)
{
	struct topic_print *print = memory_alloc(sizeof(*print));

	print->is_json = is_json;
	print->out = out;
	table_init(&print->lines, "TOPIC >PARTITIONS >MESSAGES >BYTES SYNC");
	return print;
}

void
topic_print_close(struct topic_print *print)
{
	if (print->has_lines)
		table_format(&print->lines, print->out);
	table_release(&print->lines);
	free(print);
}

void
topic_print_name(struct topic_print *print, const char *name)
{
	buf_printf(print->out, "%s\n", name);
}

static int
count_partition(struct topic *topic, int number, struct topic_count *count)
{
	struct partition *partition;
	struct partition_state state;
	int code;

	if ((code = topic_partition(topic, number, &partition)) < 0)
		return code;
	if ((code = partition_state(partition, &state)) < 0)
		return code;
	count->start = state.log_start;
	count->end = state.log_end;
	count->messages = state.log_end - state.log_start;
	return partition_usage(partition, &count->bytes, &count->segments);
}

static struct topic_count
sum_of(const struct topic_facts *facts)
{
	struct topic_count sum = {0};

	for (int i = 0; i < facts->partitions; i++) {
		sum.messages += facts->counts[i].messages;
		sum.bytes += facts->counts[i].bytes;
		sum.segments += facts->counts[i].segments;
	}
	return sum;
}

static void
add_json_config(struct buf *out, const struct topic_settings *settings)
{
	const struct setting_key *key = topic_setting_keys;

	buf_append_text(out, ",\"config\":{");
	for (; key->name; key++) {
		struct buf value = {0};

		topic_settings_get(settings, key->name, &value);
		json_add_bytes(out, key->name, slice_of(buf_text(&value)));
		buf_release(&value);
	}
	buf_append_byte(out, '}');
}

static void
add_json_count(struct buf *out, const struct topic_count *count)
{
	json_add_count(out, "messages", count->messages);
	if (count->bytes < 0)
		return;
	json_add_count(out, "bytes", count->bytes);
	json_add_count(out, "segments", count->segments);
}

static void
add_json_partitions(struct buf *out, const struct topic_facts *facts)
{
	buf_append_text(out, ",\"log\":[");
	for (int i = 0; i < facts->partitions; i++) {
		buf_append_text(out, i > 0 ? ",{" : "{");
		json_add_count(out, "partition", i);
		json_add_count(out, "start", facts->counts[i].start);
		json_add_count(out, "end", facts->counts[i].end);
		add_json_count(out, &facts->counts[i]);
		buf_append_byte(out, '}');
	}
	buf_append_byte(out, ']');
}

static void
add_json(struct topic_print *print, const struct topic_facts *facts,
    const struct topic_count *sum, enum topic_detail detail)
{
	struct buf *out = print->out;
	char id[33];

	hex_encode(facts->id, 16, id);
	buf_append_byte(out, '{');
	json_add_bytes(out, "topic", slice_of(facts->name));
	json_add_bytes(out, "id", slice_of(id));
	json_add_count(out, "partitions", facts->partitions);
	add_json_count(out, sum);
	if (detail == TOPIC_ALL) {
		add_json_config(out, facts->settings);
		add_json_partitions(out, facts);
	}
	buf_append_text(out, "}\n");
}

static void
add_line(struct topic_print *print, const struct topic_facts *facts,
    const struct topic_count *sum)
{
	struct buf sync = {0};

	topic_settings_get(facts->settings, "mq.sync", &sync);
	table_add(&print->lines, "%s", facts->name);
	table_add_count(&print->lines, facts->partitions);
	table_add_count(&print->lines, sum->messages);
	table_add_count(&print->lines, sum->bytes);
	table_add(&print->lines, "%s", buf_text(&sync));
	buf_release(&sync);
	print->has_lines = true;
}

static void
add_all(struct topic_print *print, const struct topic_facts *facts)
{
	const struct setting_key *key = topic_setting_keys;
	struct buf value = {0};
	struct table table;
	char id[33];

	hex_encode(facts->id, 16, id);
	buf_printf(print->out, "topic: %s\nid: %s\n", facts->name, id);
	for (; key->name; key++) {
		buf_clear(&value);
		topic_settings_get(facts->settings, key->name, &value);
		buf_printf(print->out, "%s: %s\n", key->name,
		    value.size > 0 ? buf_text(&value) : "\"\"");
	}
	buf_release(&value);
	table_init(&table, ">PARTITION >START >END >MESSAGES >BYTES >SEGMENTS");
	for (int i = 0; i < facts->partitions; i++) {
		table_add_count(&table, i);
		table_add_count(&table, facts->counts[i].start);
		table_add_count(&table, facts->counts[i].end);
		table_add_count(&table, facts->counts[i].messages);
		table_add_count(&table, facts->counts[i].bytes);
		table_add_count(&table, facts->counts[i].segments);
	}
	table_format(&table, print->out);
	table_release(&table);
}

static void
add_loss(struct buf *out, const struct topic_facts *facts,
    const struct topic_count *sum)
{
	buf_printf(out, "would delete %s: partitions %d, messages %lld",
	    facts->name, facts->partitions, (long long)sum->messages);
	if (sum->bytes >= 0)
		buf_printf(out, ", bytes %lld", (long long)sum->bytes);
	buf_append_byte(out, '\n');
}

static void
add_text(struct topic_print *print, const struct topic_facts *facts,
    const struct topic_count *sum, enum topic_detail detail)
{
	if (detail == TOPIC_LINE)
		add_line(print, facts, sum);
	else if (detail == TOPIC_ALL)
		add_all(print, facts);
	else
		add_loss(print->out, facts, sum);
}

void
topic_print_facts(struct topic_print *print, const struct topic_facts *facts,
    enum topic_detail detail)
{
	struct topic_count sum = sum_of(facts);

	if (print->is_json)
		add_json(print, facts, &sum, detail);
	else
		add_text(print, facts, &sum, detail);
}

int
topic_print_add(struct topic_print *print, struct topic *topic,
    enum topic_detail detail)
{
	int count = topic_partition_count(topic), code = 0;
	struct topic_count *counts = memory_alloc((size_t)count *
	    sizeof(*counts));
	const struct topic_facts facts = {topic_name(topic), topic_id(topic),
	    topic_settings(topic), count, counts};

	for (int i = 0; code == 0 && i < count; i++)
		code = count_partition(topic, i, &counts[i]);
	if (code == 0)
		topic_print_facts(print, &facts, detail);
	free(counts);
	return code;
}

/* True if the key has another value; *value is the new one. */
static bool
has_changed(const struct setting_key *key, const struct topic_settings *from,
    const struct topic_settings *to, struct buf *value)
{
	struct buf old = {0};
	bool is_changed;

	buf_clear(value);
	topic_settings_get(to, key->name, value);
	topic_settings_get(from, key->name, &old);
	is_changed = strcmp(buf_text(&old), buf_text(value)) != 0;
	buf_release(&old);
	return is_changed;
}

int
topic_print_plan(struct topic_print *print, const char *name,
    const struct topic_settings *from, const struct topic_settings *to,
    const char *others)
{
	const struct setting_key *key = topic_setting_keys;
	struct topic_settings defaults;
	struct buf value = {0};

	topic_settings_default(&defaults);
	buf_printf(print->out, "would %s %s:", from ? "alter" : "create", name);
	for (; key->name; key++)
		if (has_changed(key, from ? from : &defaults, to, &value))
			buf_printf(print->out, " %s=%s", key->name,
			    buf_text(&value));
	if (!from && to->partitions == 1)
		buf_append_text(print->out, " partitions=1");
	buf_append_text(print->out, others);
	buf_append_byte(print->out, '\n');
	buf_release(&value);
	return 0;
}
