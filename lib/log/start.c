/* The log start of a partition: a small file of one line. */
#include "log/start.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_SIZE = 64 };

/* What a flipped bit makes of it would hide messages, or show old ones. */
static void
format(int64_t offset, struct buf *out)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRId64, offset);

	buf_printf(out, "%s %08" PRIx32 "\n", digits,
	    hash_crc32c(0, digits, (size_t)length));
}

static int
parse(struct buf *bytes, int64_t *offset)
{
	const char *text = buf_text(bytes);
	struct buf again = {0};
	int64_t value;
	bool is_same;

	if (sscanf(text, "%" SCNd64, &value) != 1 || value < 0)
		return fail(FAIL_CORRUPT, START_FILE ": not an offset");
	format(value, &again);
	is_same = again.size == bytes->size &&
	    memcmp(again.data, bytes->data, again.size) == 0;
	buf_release(&again);
	if (!is_same)
		return fail(FAIL_CORRUPT, START_FILE ": bad checksum");
	*offset = value;
	return 0;
}

int
start_read(int dir, int64_t *offset)
{
	struct buf text = {0};
	int rc = file_read_all(dir, START_FILE, LINE_MAX_SIZE, &text);

	*offset = 0;
	if (rc >= 0)
		rc = parse(&text, offset);
	buf_release(&text);
	if (rc == -FAIL_DATA)
		return fail(FAIL_CORRUPT, START_FILE ": too long");
	return rc == -FAIL_MISSING ? 0 : rc;
}

int
start_write(int dir, int64_t offset)
{
	struct buf text = {0};
	int rc;

	format(offset, &text);
	rc = file_replace(dir, START_FILE, buf_slice(&text));
	buf_release(&text);
	return rc;
}
