/* The epochs of a partition: a small file of lines. */
#include "log/epochs.h"
#include "base/fail.h"
#include "base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 * 1024 };

static const char file_name[] = "epochs";

/* Makes room where the file is full: the oldest two become one, which may cut
 * more than needed, never less. */
static void
merge_oldest(struct epochs *epochs)
{
	epochs->lines[1].start = epochs->lines[0].start;
	memmove(epochs->lines, epochs->lines + 1,
	    (epochs->count - 1) * sizeof(*epochs->lines));
	epochs->count--;
}

/* Returns the place behind the line. */
static const char *
parse_line(struct epochs *epochs, const char *line)
{
	const char *next = strchr(line, '\n');
	long long epoch, start;
	char *end;

	if (next == NULL)
		return line + strlen(line);
	errno = 0;
	epoch = strtoll(line, &end, 10);
	if (end == line || *end != ' ')
		return next + 1;
	line = end + 1;
	start = strtoll(line, &end, 10);
	if (end == next && errno == 0 && epoch > 0 && epoch < INT32_MAX &&
	    start >= 0)
		epochs_add(epochs, (int32_t)epoch, start);
	return next + 1;
}

void
epochs_parse(struct epochs *epochs, const char *text)
{
	epochs->count = 0;
	while (*text != 0)
		text = parse_line(epochs, text);
}

void
epochs_add(struct epochs *epochs, int32_t epoch, int64_t start)
{
	if (epoch <= epochs_last(epochs))
		return;
	while (epochs->count > 0 &&
	    epochs->lines[epochs->count - 1].start >= start)
		epochs->count--;
	if (epochs->count == EPOCHS_MAX)
		merge_oldest(epochs);
	epochs->lines[epochs->count].epoch = epoch;
	epochs->lines[epochs->count].start = start;
	epochs->count++;
}

void
epochs_format(const struct epochs *epochs, struct buf *out)
{
	for (size_t i = 0; i < epochs->count; i++)
		buf_printf(out, "%" PRId32 " %" PRId64 "\n",
		    epochs->lines[i].epoch, epochs->lines[i].start);
}

int
epochs_read(struct epochs *epochs, int dir)
{
	struct buf text = {0};
	int rc = file_read_all(dir, file_name, FILE_MAX, &text);

	epochs_parse(epochs, rc < 0 ? "" : buf_text(&text));
	buf_release(&text);
	return rc == -FAIL_MISSING || rc == -FAIL_DATA ? 0 : rc;
}

int
epochs_append(struct epochs *epochs, int dir, int32_t epoch, int64_t start)
{
	struct buf text = {0};
	int rc;

	epochs_add(epochs, epoch, start);
	epochs_format(epochs, &text);
	rc = file_replace(dir, file_name, buf_slice(&text));
	buf_release(&text);
	return rc;
}

int32_t
epochs_last(const struct epochs *epochs)
{
	if (epochs->count == 0)
		return 0;
	return epochs->lines[epochs->count - 1].epoch;
}

int64_t
epochs_start(const struct epochs *epochs)
{
	if (epochs->count == 0)
		return 0;
	return epochs->lines[epochs->count - 1].start;
}

int32_t
epochs_highest(int32_t known, int32_t seen)
{
	return seen > known && seen < INT32_MAX / 2 ? seen : known;
}

int32_t
epochs_at(const struct epochs *epochs, int64_t offset)
{
	/* The first line of a full file may stand for several. */
	size_t first = epochs->count == EPOCHS_MAX ? 1 : 0;

	for (size_t i = epochs->count; i > first; i--) {
		if (epochs->lines[i - 1].start <= offset)
			return epochs->lines[i - 1].epoch;
	}
	return -1;
}

int64_t
epochs_end(const struct epochs *epochs, int32_t asked, int32_t *epoch)
{
	*epoch = asked;
	for (size_t i = 0; i < epochs->count; i++) {
		if (epochs->lines[i].epoch > asked)
			return epochs->lines[i].start;
		*epoch = epochs->lines[i].epoch;
	}
	return INT64_MAX;
}

int64_t
epochs_cut(const struct epochs *epochs, int32_t since)
{
	for (size_t i = 0; i < epochs->count; i++) {
		if (epochs->lines[i].epoch > since)
			return epochs->lines[i].start;
	}
	return INT64_MAX;
}
