/* mq-config: show the configuration and where it is from. */
#include "tool.h"

#include "base/fail.h"

#include <string.h>

struct values {
	const char *directory;
	bool is_list;      /* as without it */
	bool show_origin;
	bool is_keys;
};

static const struct option_spec options[] = {
	TOOL_OPTION_DIRECTORY(struct values, directory),
	{'l', "list", OPTION_FLAG, offsetof(struct values, is_list), NULL, NULL,
	    "print all keys; the default"},
	{0, "show-origin", OPTION_FLAG, offsetof(struct values, show_origin),
	    NULL, NULL, "print the file, or \"default\", before each"},
	{0, "keys", OPTION_FLAG, offsetof(struct values, is_keys), NULL, NULL,
	    "print what each key means instead"},
	{0},
};

static const struct command command = {
	.name = "mq-config",
	.operands = "",
	.summary = "show the configuration and where it is from",
	.options = options,
};

/* The lines "key<TAB>value<TAB>origin", as the options want them. */
static void
format_lines(char *lines, bool show_origin, struct buf *out)
{
	char *rest = lines, *line;

	while ((line = strsep(&rest, "\n")) && line[0]) {
		const char *key = strsep(&line, "\t");
		const char *value = strsep(&line, "\t");

		if (show_origin)
			buf_printf(out, "%s\t", line);
		buf_printf(out, "%s=%s\n", key, value);
	}
}

static void
format_keys(const struct setting_key *keys, const char *prefix,
    struct buf *out)
{
	for (; keys->name; keys++)
		buf_printf(out, "%s%s\t%s\t%s\n", prefix, keys->name,
		    keys->complete ? keys->complete : "", keys->help);
}

/* A spool that is not there has no file to read. */
static int
list(const char *path, struct buf *lines)
{
	struct spool *spool;
	int code = spool_open(&spool, path, SPOOL_READ, true);

	if (code == -FAIL_MISSING)
		return spool_settings_list(-1, path, lines);
	if (code < 0)
		return code;
	code = spool_settings_list(spool_directory(spool), path, lines);
	spool_close(spool);
	return code;
}

static void
format_all(const struct values *values, struct buf *out)
{
	struct buf path = {0}, lines = {0};
	int code;

	spool_choose_path(values->directory, &path);
	if ((code = list(buf_text(&path), &lines)) < 0)
		tool_fail(code);
	format_lines((char *)(uintptr_t)buf_text(&lines), values->show_origin,
	    out);
	buf_release(&path);
	buf_release(&lines);
}

int
main(int argc, char **argv)
{
	struct values values = {0};
	struct buf out = {0};
	int at, end, code;

	tool_options(&command, argc, argv, &values, &at, &end);
	if (at < argc)
		tool_usage("no operand is expected, not '%s'", argv[at]);
	if (values.is_keys) {
		format_keys(spool_setting_keys, "", &out);
		format_keys(topic_setting_keys, "topic.", &out);
	} else {
		format_all(&values, &out);
	}
	code = tool_write(&out);
	buf_release(&out);
	return fail_status(code);
}
