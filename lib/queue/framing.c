/* Choosing a framing from options, and writing messages in it. */
#include "queue/framing.h"
#include "queue/escape.h"
#include "queue/format.h"
#include "queue/message_json.h"
#include "base/fail.h"

#include <string.h>

static const struct {
	const char *name;
	enum framing_kind kind;
} kinds[] = {
    {"lines", FRAMING_LINES},
    {"len32", FRAMING_LEN32},
    {"netstring", FRAMING_NETSTRING},
    {"json", FRAMING_JSON},
    {"native", FRAMING_NATIVE},
};

static int
choose_by_name(const char *name, struct framing *framing)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			framing->kind = kinds[i].kind;
			return 0;
		}
	}
	return fail(FAIL_USAGE,
	    "--framing '%s': expected lines, len32, netstring, json or native",
	    name);
}

static int
choose_delimiter(const char *text, struct framing *framing)
{
	int result = escape_append(text, &framing->delimiter);

	framing->kind = FRAMING_DELIMITER;
	if (result < 0)
		return result;
	if (framing->delimiter.size == 0)
		return fail(FAIL_USAGE, "the delimiter is empty");
	return 0;
}

static int
count_named(const struct framing_options *options)
{
	return (options->delimiter != NULL) + options->nul + options->whole +
	    (options->framing != NULL) + options->json +
	    (options->format != NULL);
}

int
framing_choose(const struct framing_options *options,
    struct framing *framing)
{
	int named = count_named(options);

	*framing = (struct framing){.kind = FRAMING_LINES};
	framing->is_named = named > 0;
	if (named > 1)
		return fail(FAIL_USAGE,
		    "-D, -0, -1, -f, --json and --framing exclude each other");
	if (options->whole)
		framing->kind = FRAMING_WHOLE;
	if (options->json)
		framing->kind = FRAMING_JSON;
	if (options->nul)
		return choose_delimiter("\\0", framing);
	if (options->delimiter != NULL)
		return choose_delimiter(options->delimiter, framing);
	if (options->framing != NULL)
		return choose_by_name(options->framing, framing);
	if (options->format == NULL)
		return 0;
	framing->kind = FRAMING_FORMAT;
	return format_compile(&framing->format, options->format,
	    options->for_input);
}

void
framing_release(struct framing *framing)
{
	buf_release(&framing->delimiter);
	format_release(framing->format);
	framing->format = NULL;
}

int
framing_append(const struct framing *framing, const struct message *message,
    struct buf *out)
{
	struct slice value = message->record.value;

	switch (framing->kind) {
	case FRAMING_LINES:
		buf_append_slice(out, value);
		buf_append_byte(out, '\n');
		break;
	case FRAMING_DELIMITER:
		buf_append_slice(out, value);
		buf_append_slice(out, buf_slice(&framing->delimiter));
		break;
	case FRAMING_WHOLE:
		buf_append_slice(out, value);
		break;
	case FRAMING_LEN32:
		buf_append_be32(out, (uint32_t)value.size);
		buf_append_slice(out, value);
		break;
	case FRAMING_NETSTRING:
		buf_printf(out, "%zu:", value.size);
		buf_append_slice(out, value);
		buf_append_byte(out, ',');
		break;
	case FRAMING_JSON:
		message_json_append(message, out);
		break;
	case FRAMING_FORMAT:
		format_append(framing->format, message, out);
		break;
	case FRAMING_NATIVE:
		return fail(FAIL_BUG, "native output goes by batch");
	}
	return 0;
}
