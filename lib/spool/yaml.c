/* Reading YAML as far as our configuration goes: keys, values, sections. */
#include "spool/yaml.h"

#include "base/fail.h"

#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;   /* the current one; deleted by the next step */
	struct slice text;
	const char *path;
	int (*each)(const struct yaml_entry *entry, void *context);
	void *context;
};

static unsigned long
line_of_byte(struct slice text, size_t byte)
{
	const char *at = text.data;
	unsigned long line = 1;

	for (size_t i = 0; i < byte && i < text.size; i++)
		line += at[i] == '\n';
	return line;
}

static int
fail_parser(const struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	unsigned long line = parser->problem_mark.line + 1;

	/* It names every other problem. */
	if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL)
		return fail(FAIL_SYSTEM, "%s: parse: out of memory",
		    reader->path);
	/* Problems of the encoding come with a byte instead of a line. */
	if (parser->error == YAML_READER_ERROR)
		line = line_of_byte(reader->text, parser->problem_offset);
	return fail(FAIL_CONFIG, "%s:%lu: %s", reader->path, line,
	    parser->problem);
}

static int
fail_here(const struct reader *reader, const char *what)
{
	return fail(FAIL_CONFIG, "%s:%lu: %s", reader->path,
	    reader->event.start_mark.line + 1, what);
}

static int
next_event(struct reader *reader)
{
	yaml_event_delete(&reader->event);
	if (!yaml_parser_parse(&reader->parser, &reader->event))
		return fail_parser(reader);
	return 0;
}

static int
check_scalar(const struct reader *reader)
{
	const yaml_event_t *event = &reader->event;

	if (event->type != YAML_SCALAR_EVENT)
		return fail_here(reader, "a single value is expected here");
	if (event->data.scalar.anchor || (event->data.scalar.tag &&
	    !event->data.scalar.quoted_implicit))
		return fail_here(reader, "anchors and tags are not allowed");
	if (strlen((char *)event->data.scalar.value) !=
	    event->data.scalar.length)
		return fail_here(reader, "a NUL byte is not allowed");
	return 0;
}

static int
check_section(const struct reader *reader)
{
	const yaml_event_t *event = &reader->event;

	if (event->data.mapping_start.anchor || event->data.mapping_start.tag)
		return fail_here(reader, "anchors and tags are not allowed");
	return 0;
}

static bool
is_seen(const struct buf *seen, const char *key)
{
	const char *keys = (const char *)seen->data;

	for (size_t at = 0; at < seen->size; at += strlen(keys + at) + 1)
		if (strcmp(keys + at, key) == 0)
			return true;
	return false;
}

static int
tell(const struct reader *reader, const struct yaml_entry *entry)
{
	int code = reader->each(entry, reader->context);

	if (code < 0)
		return fail(FAIL_CONFIG, "%s:%lu: %s", reader->path,
		    entry->line, fail_message());
	return 0;
}

static int read_entry(struct reader *reader, const char *section,
    const char *key, unsigned long line);

/* The current event is the start of the mapping. */
static int
read_mapping(struct reader *reader, const char *section)
{
	struct buf seen = {0};
	int code;

	while ((code = next_event(reader)) == 0) {
		const char *key;

		if (reader->event.type == YAML_MAPPING_END_EVENT)
			break;
		if ((code = check_scalar(reader)) < 0)
			break;
		key = (char *)reader->event.data.scalar.value;
		if (is_seen(&seen, key) || key[0] == '\0') {
			code = fail_here(reader, key[0] == '\0'
			    ? "a key is empty" : "this key is there twice");
			break;
		}
		buf_append(&seen, key, strlen(key) + 1);
		key = (char *)seen.data + seen.size - strlen(key) - 1;
		code = read_entry(reader, section, key,
		    reader->event.start_mark.line + 1);
		if (code < 0)
			break;
	}
	buf_release(&seen);
	return code;
}

static int
read_entry(struct reader *reader, const char *section, const char *key,
    unsigned long line)
{
	struct yaml_entry entry = {section, key, NULL, line};
	int code = next_event(reader);

	if (code < 0)
		return code;
	if (reader->event.type == YAML_MAPPING_START_EVENT && !section[0]) {
		if ((code = check_section(reader)) < 0)
			return code;
		code = tell(reader, &entry);
		return code < 0 ? code : read_mapping(reader, key);
	}
	if ((code = check_scalar(reader)) < 0)
		return code;
	entry.value = (char *)reader->event.data.scalar.value;
	return tell(reader, &entry);
}

static int
read_document(struct reader *reader)
{
	int code;

	if ((code = next_event(reader)) < 0) /* the stream's start */
		return code;
	if ((code = next_event(reader)) < 0)
		return code;
	if (reader->event.type == YAML_STREAM_END_EVENT)
		return 0;
	if ((code = next_event(reader)) < 0)
		return code;
	if (reader->event.type != YAML_MAPPING_START_EVENT)
		return fail_here(reader, "lines of \"key: value\" expected");
	if ((code = read_mapping(reader, "")) < 0)
		return code;
	if ((code = next_event(reader)) < 0) /* the document's end */
		return code;
	if ((code = next_event(reader)) < 0)
		return code;
	if (reader->event.type != YAML_STREAM_END_EVENT)
		return fail_here(reader, "a second document is not allowed");
	return 0;
}

int
yaml_read(struct slice text, const char *path,
    int (*each)(const struct yaml_entry *entry, void *context), void *context)
{
	struct reader reader = {
		.text = text, .path = path, .each = each, .context = context,
	};
	int code;

	if (text.size == 0)
		return 0;
	if (!yaml_parser_initialize(&reader.parser))
		return fail(FAIL_SYSTEM, "%s: parse: out of memory", path);
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, text.data, text.size);
	code = read_document(&reader);
	yaml_event_delete(&reader.event);
	yaml_parser_delete(&reader.parser);
	return code;
}
