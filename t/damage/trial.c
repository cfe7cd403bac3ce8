/* One damage: it is looked at, judged, and mended again. */
#include "trial.h"
#include "base/fail.h"
#include "base/file.h"
#include "log/control.h"
#include "log/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const trial_mode_names[TRIAL_MODES] = {"page", "read-only",
	"gone", "boot"};

/* The page becomes one of an earlier boot, or goes. */
static int
set_mode(struct trial *trial)
{
	struct control control;
	int fd, rc;

	if (trial->mode == TRIAL_GONE)
		return 0;
	fd = file_open(trial->dir, "control", FILE_WRITE);
	if (fd < 0)
		return fd;
	rc = control_read(fd, &control);
	if (rc == 1 && trial->mode == TRIAL_BOOT) {
		control.log.boot.bytes[0] ^= 1;
		rc = control_write(fd, &control);
	}
	close(fd);
	return rc < 0 ? rc : 0;
}

int
trial_open(struct trial *trial, int topic_dir, int number,
    enum content_form form, enum trial_mode mode)
{
	char name[SEGMENT_NAME_SIZE];
	int rc;

	*trial = (struct trial){
		.topic_dir = topic_dir,
		.number = number,
		.form = form,
		.mode = mode,
	};
	rc = content_make(&trial->content, topic_dir, number, form);
	if (rc < 0)
		return rc;
	snprintf(name, sizeof(name), "%d", number);
	rc = trial->dir = file_open_directory(topic_dir, name);
	if (rc >= 0)
		rc = set_mode(trial);
	if (rc == 0)
		rc = shelf_load(&trial->shelf, trial->dir);
	segment_format_name(name, trial->content.segments[1]);
	trial->main = shelf_find(&trial->shelf, name);
	trial->page = shelf_find(&trial->shelf, "control");
	if (rc == 0 && (trial->main < 0 ||
	        trial->shelf.list[trial->main].bytes.size != MAIN_SIZE))
		rc = fail(FAIL_BUG, "%s has not %d bytes", name, MAIN_SIZE);
	if (rc == 0)
		rc = trial->file = file_open(trial->dir, name, FILE_WRITE);
	return rc < 0 ? rc : 0;
}

void
trial_close(struct trial *trial)
{
	close(trial->file);
	shelf_release(&trial->shelf);
	content_release(&trial->content);
	close(trial->dir);
}

/* Without a page nobody knows whether damage behind all that can be read was
 * half written, or was acknowledged. */
static bool
is_end_unknown(const struct trial *trial, int index)
{
	const struct known *known = &trial->content.list[index];
	int64_t newest = trial->content.segments[trial->content.segment_count -
	    1];

	if (trial->mode != TRIAL_GONE || known->segment != newest)
		return false;
	for (int i = index; i < trial->content.count; i++) {
		if (!trial->is_hit[i])
			return false;
	}
	return true;
}

int
trial_judge_reader(struct trial *trial, int index)
{
	struct look *look = &trial->look;
	const struct known *known = &trial->content.list[index];
	long long first = known->first;

	if (known->record_count == 0 || look->is_seen[index])
		return 0;
	if (!trial->is_hit[index] && !trial->is_loose)
		return look_wrong(look,
		    "the intact batch at offset %lld was not read", first);
	if (look->is_told[index] || is_end_unknown(trial, index))
		return 0;
	return look_wrong(look, "the batch at offset %lld was passed over in "
	    "silence", first);
}

/* Who may change nothing believes the page about where the log ends; the check
 * goes by the log, and may find a batch that has moved. */
static bool
is_readable(const struct trial *trial, int index)
{
	const struct look *look = &trial->look;

	return look->is_seen[index] ||
	    trial->content.list[index].record_count == 0 ||
	    (trial->mode == TRIAL_READ_ONLY && look->is_told[index] &&
	        look->findings > 0);
}

static int
judge_check(struct trial *trial, const char *when)
{
	struct look *look = &trial->look;

	for (int i = 0; i < trial->content.count; i++) {
		if (trial->is_loose ? is_readable(trial, i)
		                    : !trial->is_hit[i])
			continue;
		if (!look->is_named[i] && !is_end_unknown(trial, i))
			return look_wrong(look, "the check %s does not name "
			    "the batch at offset %lld", when,
			    (long long)trial->content.list[i].first);
	}
	return 0;
}

static int
open_partition(struct trial *trial, bool read_only,
    struct partition **partition)
{
	struct partition_options options = content_options;

	options.read_only = read_only;
	if (partition_open(partition, trial->topic_dir, trial->number,
	        &options) < 0)
		return look_wrong(&trial->look, "open: %s", fail_message());
	return 0;
}

static int
look_check_anew(struct trial *trial, const char *when)
{
	struct partition *partition;
	int rc = open_partition(trial, true, &partition);

	if (rc < 0)
		return rc;
	rc = look_check(&trial->look, partition);
	partition_close(partition);
	/* Before, nobody knows yet what is read. */
	if (rc < 0 || (trial->is_loose && strcmp(when, "before") == 0))
		return rc < 0 ? rc : 0;
	return judge_check(trial, when);
}

static int
look_read_anew(struct trial *trial)
{
	struct partition *partition;
	int rc = open_partition(trial, trial->mode == TRIAL_READ_ONLY,
	    &partition);

	if (rc < 0)
		return rc;
	rc = look_read(&trial->look, partition, 0, trial->content.count - 1);
	partition_close(partition);
	for (int i = 0; rc == 0 && i < trial->content.count; i++)
		rc = trial_judge_reader(trial, i);
	return rc;
}

int
trial_look(struct trial *trial)
{
	int rc;

	look_begin(&trial->look, &trial->content);
	if (trial->mode == TRIAL_GONE)
		unlinkat(trial->dir, "control", 0);
	rc = look_check_anew(trial, "before");
	if (rc == 0)
		rc = look_read_anew(trial);
	if (rc == 0)
		rc = look_check_anew(trial, "after");
	return rc;
}

struct cut {
	int dir;
	struct buf *bytes;
};

static int
append_cut(const char *name, void *context)
{
	struct cut *cut = context;

	return strstr(name, ".torn") == NULL ? 0
	    : file_read_all(cut->dir, name, MAIN_SIZE, cut->bytes);
}

int
trial_check_kept(struct trial *trial, long byte, int mask)
{
	const struct buf *whole = &trial->shelf.list[trial->main].bytes;
	size_t end = (size_t)trial->content.end[trial->content.main];
	struct buf now = {0};
	int rc = file_read_all(trial->dir, trial->shelf.list[trial->main].name,
	    MAIN_SIZE * 2, &now);

	if (rc >= 0 && now.size < end)
		rc = file_list(trial->dir, append_cut,
		    &(struct cut){trial->dir, &now});
	/* Zeros may go: they are no message. */
	while (rc >= 0 && now.size < end)
		buf_append_byte(&now, 0);
	if (rc >= 0 && (size_t)byte < now.size)
		now.data[byte] ^= (unsigned char)mask;
	if (rc < 0)
		rc = look_wrong(&trial->look, "%s", fail_message());
	else if (now.size < end || memcmp(now.data, whole->data, end) != 0)
		rc = look_wrong(&trial->look, "BYTES WERE DESTROYED in %s",
		    trial->shelf.list[trial->main].name);
	buf_release(&now);
	return rc < 0 ? rc : 0;
}
