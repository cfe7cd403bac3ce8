/* YAML of any bytes: its entries, and the same entries written plainly. */
#include "fuzz.h"
#include "base/json.h"
#include "spool/yaml.h"

enum { ENTRIES_MAX = 4096 };

/* Entries as text of ours: sections, keys and values in double quotes. */
struct entries {
	struct buf text;
	int count;
	unsigned long line;
	bool is_exact; /* all of it is UTF-8 without control characters */
};

static bool
is_plain(const char *text)
{
	struct slice slice = slice_of(text);

	for (; *text != 0; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return is_utf8(slice);
}

static void
add_text(struct entries *entries, const char *text)
{
	entries->is_exact = entries->is_exact && is_plain(text);
	json_string(&entries->text, slice_of(text));
}

static int
add_entry(const struct yaml_entry *entry, void *context)
{
	struct entries *entries = context;

	MUST(entry->section != NULL && entry->key != NULL,
	    "an entry has a key");
	MUST(entry->line >= entries->line && entry->line > 0,
	    "lines come in order");
	entries->line = entry->line;
	if (*entry->section != 0)
		buf_append_text(&entries->text, "  ");
	add_text(entries, entry->key);
	buf_append_text(&entries->text, ": ");
	if (entry->value != NULL)
		add_text(entries, entry->value);
	else
		MUST(*entry->section == 0, "no section is in another");
	buf_append_byte(&entries->text, '\n');
	if (++entries->count > ENTRIES_MAX)
		return fail(FAIL_CONFIG, "too many");
	return 0;
}

static int
read_entries(struct slice text, struct entries *entries)
{
	int rc;

	*entries = (struct entries){.is_exact = true};
	rc = yaml_read(text, "file.yaml", add_entry, entries);
	MUST(rc == 0 || rc == -FAIL_CONFIG, "a bad file is bad configuration");
	MUST(rc == 0 || strncmp(fail_message(), "file.yaml:", 10) == 0,
	    "and the message says where");
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entries first, second = {.count = 0};

	if (read_entries((struct slice){data, size}, &first) == 0 &&
	    first.is_exact) {
		MUST(read_entries(buf_slice(&first.text), &second) == 0,
		    "what was read can be written");
		MUST(has_same_bytes(buf_slice(&first.text),
		    buf_slice(&second.text)), "and reads the same");
	}
	buf_release(&first.text);
	buf_release(&second.text);
	return 0;
}
