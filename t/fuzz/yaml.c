/* YAML of any bytes: its entries, and the same entries written plainly. */
#include "fuzz.h"
#include "base/json.h"
#include "spool/yaml.h"

enum { ENTRIES_MAX = 4096, KEY_MAX = 500 };

/* Entries as text of ours: keys and values in double quotes, sections in
 * braces. A key of that text may have 1024 characters. */
struct entries {
	struct buf text;
	int count;
	unsigned long line;
	bool is_open;  /* in a section */
	bool is_exact; /* no text needs an escape that JSON does not have */
};

static bool
is_plain(const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return size < KEY_MAX;
}

static void
add_text(struct entries *entries, const char *text)
{
	entries->is_exact = entries->is_exact && is_plain(text);
	json_string(&entries->text, slice_of(text));
}

static void
close_section(struct entries *entries)
{
	if (entries->is_open)
		buf_append_text(&entries->text, "}\n");
	entries->is_open = false;
}

static int
add_entry(const struct yaml_entry *entry, void *context)
{
	struct entries *entries = context;

	MUST(entry->section != NULL && entry->key != NULL && *entry->key != 0,
	    "an entry has a key");
	MUST(entry->line >= entries->line && entry->line > 0,
	    "lines come in order");
	entries->line = entry->line;
	if (*entry->section == 0)
		close_section(entries);
	MUST(*entry->section == 0 || entries->is_open, "a section begins");
	add_text(entries, entry->key);
	buf_append_text(&entries->text, ": ");
	if (entry->value == NULL) {
		MUST(*entry->section == 0, "no section is in another");
		buf_append_text(&entries->text, "{");
		entries->is_open = true;
	} else {
		add_text(entries, entry->value);
		buf_append_text(&entries->text, entries->is_open ? ", " : "\n");
	}
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
	close_section(entries);
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
