/* Keeping bytes of a segment that a recovery overwrites or cuts. */
#include "log/aside.h"
#include "base/fail.h"
#include "base/file.h"
#include "log/scan.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const char temporary_name[] = ".aside.new";

enum { PIECE = 64 * 1024, DIGITS = 20 };

static int
copy_bytes(int from, int64_t at, int64_t end, int to)
{
	struct buf piece = {0};
	int64_t start = at;
	int rc = 0;

	while (rc == 0 && at < end) {
		size_t want = end - at < PIECE ? (size_t)(end - at) : PIECE;
		ssize_t got = file_read_at(from, buf_reserve(&piece, want),
		    want, at);

		if (got <= 0) {
			rc = got < 0 ? (int)got
			             : fail(FAIL_IO, "a segment became shorter");
			break;
		}
		rc = file_write_at(to, piece.data, (size_t)got, at - start);
		at += got;
	}
	buf_release(&piece);
	return rc;
}

static int
write_aside(int dir, int from, int64_t at, int64_t end, const char *name)
{
	int rc = file_unlink(dir, temporary_name);
	int to;

	if (rc < 0)
		return rc;
	to = file_open(dir, temporary_name, FILE_EXCLUSIVE);
	if (to < 0)
		return to;
	rc = copy_bytes(from, at, end, to);
	if (rc == 0)
		rc = file_sync(to);
	close(to);
	if (rc == 0)
		rc = file_rename(dir, temporary_name, name);
	return rc == 0 ? file_sync_directory(dir) : rc;
}

int
aside_keep(int dir, int fd, int64_t from, int64_t end, int64_t offset,
    int32_t epoch, struct buf *name)
{
	struct scan scan = {.window = {.fd = fd, .end = end}};
	int64_t data_end = scan_data_end(&scan, from);
	size_t start = name->size;
	int old;

	window_release(&scan.window);
	if (data_end <= from)
		return data_end < 0 ? (int)data_end : 0;
	buf_printf(name, "%020" PRId64 "-%" PRId32 ".torn", offset, epoch);
	old = file_open(dir, buf_text(name) + start, FILE_READ);
	if (old >= 0)
		close(old);
	if (old != -FAIL_MISSING)
		return old < 0 ? old : 0;
	return write_aside(dir, fd, from, data_end, buf_text(name) + start);
}

bool
is_aside_name(const char *name)
{
	size_t epoch;

	if (strspn(name, "0123456789") != DIGITS || name[DIGITS] != '-')
		return false;
	name += DIGITS + 1;
	epoch = strspn(name, "0123456789");
	return epoch > 0 && strcmp(name + epoch, ".torn") == 0;
}
