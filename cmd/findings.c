/* The findings of mq-fsck: kept, compared after mending, printed. */
#include "findings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static struct finding *
append_finding(struct findings *findings)
{
	size_t count = findings->count;

	/* A power of two is full: double. */
	if ((count & (count - 1)) == 0)
		findings->items = memory_resize(findings->items,
		    (count ? 2 * count : 1) * sizeof *findings->items);
	return &findings->items[findings->count++];
}

void
findings_add(const struct check_finding *finding, void *context)
{
	struct finding *kept = append_finding(context);

	kept->path = memory_copy_text(finding->path);
	kept->text = memory_copy_text(finding->text);
	kept->byte = finding->byte;
	kept->first_offset = finding->first_offset;
	kept->last_offset = finding->last_offset;
	kept->is_mendable = finding->is_mendable;
	kept->is_mended = false;
}

static int
compare_findings(const struct finding *a, const struct finding *b)
{
	int order = strcmp(a->path, b->path);

	if (order == 0 && a->byte != b->byte)
		order = a->byte < b->byte ? -1 : 1;
	return order ? order : strcmp(a->text, b->text);
}

static bool
has_finding(
    const struct findings *findings, const struct finding *wanted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (compare_findings(&findings->items[i], wanted) == 0)
			return true;
	return false;
}

void
findings_compare(struct findings *before, const struct findings *after)
{
	size_t count = before->count;

	for (size_t i = 0; i < count; i++)
		before->items[i].is_mended =
		    !has_finding(after, &before->items[i], after->count);
	for (size_t i = 0; i < after->count; i++) {
		struct finding *found = &after->items[i];
		struct check_finding copy = {.path = found->path,
		    .byte = found->byte,
		    .first_offset = found->first_offset,
		    .last_offset = found->last_offset,
		    .text = found->text,
		    .is_mendable = found->is_mendable};

		if (!has_finding(before, found, count))
			findings_add(&copy, before);
	}
}

size_t
findings_mended(const struct findings *findings)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].is_mended;
	return count;
}

static void
append_json(const struct finding *finding, struct buf *out)
{
	buf_append_byte(out, '{');
	json_add_bytes(out, "file", slice_of(finding->path));
	if (finding->byte >= 0)
		json_add_count(out, "byte", finding->byte);
	if (finding->first_offset >= 0)
		buf_printf(out,
		    ",\"first_offset\":%" PRId64 ",\"last_offset\":%" PRId64,
		    finding->first_offset, finding->last_offset);
	json_add_bytes(out, "text", slice_of(finding->text));
	buf_printf(out, ",\"mendable\":%s,\"mended\":%s}\n",
	    finding->is_mendable ? "true" : "false",
	    finding->is_mended ? "true" : "false");
}

static void
append_line(const struct finding *finding, struct buf *out)
{
	buf_printf(out, "%s: ", finding->path);
	if (finding->byte >= 0)
		buf_printf(out, "byte %" PRId64 ": ", finding->byte);
	if (finding->first_offset >= 0)
		buf_printf(out, "offsets %" PRId64 "-%" PRId64 ": ",
		    finding->first_offset, finding->last_offset);
	buf_append_text(out, finding->text);
	if (finding->is_mended)
		buf_append_text(out, " (corrected)");
	else if (finding->is_mendable)
		buf_append_text(out, " (mq-fsck -y mends it)");
	buf_append_byte(out, '\n');
}

void
findings_format(const struct findings *findings, bool is_json, struct buf *out)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (is_json)
			append_json(&findings->items[i], out);
		else
			append_line(&findings->items[i], out);
	}
}

void
findings_release(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->items[i].path);
		free(findings->items[i].text);
	}
	free(findings->items);
	memset(findings, 0, sizeof *findings);
}
