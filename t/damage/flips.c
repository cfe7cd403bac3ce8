/* Every bit of a segment, flipped. */
#include "flips.h"
#include "base/fail.h"
#include "base/file.h"
#include "log/partition_internal.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BITS = MAIN_SIZE * 8 };

static int64_t
main_segment(const struct trial *trial)
{
	return trial->content.segments[trial->content.main];
}

/* The index of the batch that has the bit; the last one for zeros behind. */
static int
index_of(const struct trial *trial, long bit)
{
	const struct known *known = content_at(&trial->content,
	    main_segment(trial), bit / 8);

	return known == NULL ? trial->content.count - 1
	                     : (int)(known - trial->content.list);
}

static bool
is_in_batch(const struct trial *trial, long bit)
{
	return content_at(&trial->content, main_segment(trial), bit / 8) !=
	    NULL;
}

static int
write_byte(struct trial *trial, long byte, int mask)
{
	const struct buf *bytes = &trial->shelf.list[trial->main].bytes;
	unsigned char value = bytes->data[byte] ^ (unsigned char)mask;

	return file_write_at(trial->file, &value, 1, byte);
}

/* The place of the damage has to be told, not only that there is one. */
static int
check_place(struct trial *trial, long bit)
{
	struct look *look = &trial->look;
	int index = index_of(trial, bit);

	if (!is_in_batch(trial, bit) || look->findings == 0 ||
	    look->is_beginning[index])
		return 0;
	return look_wrong(look, "the check does not name byte %lld",
	    (long long)trial->content.list[index].byte);
}

static int
flip(struct trial *trial, long bit)
{
	bool *is_hit = &trial->is_hit[index_of(trial, bit)];
	int rc = write_byte(trial, bit / 8, 1 << bit % 8);

	*is_hit = is_in_batch(trial, bit);
	if (rc == 0)
		rc = trial_look(trial);
	if (rc == 0)
		rc = check_place(trial, bit);
	if (rc == 0)
		rc = trial_check_kept(trial, bit / 8, 1 << bit % 8);
	*is_hit = false;
	return rc;
}

static void
report(struct flips *flips, const struct trial *trial, const char *what,
    long bit)
{
	if (flips->failed++ < 20)
		printf("# FAILED: flip %s %s %s %ld: %s\n", what,
		    content_form_names[trial->form],
		    trial_mode_names[trial->mode], bit, trial->look.why);
}

static int
try_whole(struct flips *flips, struct trial *trial, long bit)
{
	int wrong = flip(trial, bit);
	int rc = shelf_restore(&trial->shelf, -1);

	if (wrong < 0)
		report(flips, trial, "whole", bit);
	flips->looks++;
	return rc;
}

int
flips_whole(struct flips *flips, enum content_form form, enum trial_mode mode,
    long step)
{
	struct trial trial;
	int rc = trial_open(&trial, flips->topic_dir, flips->next_number++,
	    form, mode);

	/* Of each byte that is tried, another bit than of the one before. */
	for (long at = 0; rc == 0 && at < BITS; at += step)
		rc = try_whole(flips, &trial,
		    step < 8 ? at : at / 8 * 8 + at / step % 8);
	trial_close(&trial);
	return rc;
}

int
flips_repeat(struct flips *flips, enum content_form form, enum trial_mode mode,
    long bit)
{
	struct trial trial;
	int rc = trial_open(&trial, flips->topic_dir, flips->next_number++,
	    form, mode);

	if (rc == 0)
		rc = try_whole(flips, &trial, bit);
	look_print(&trial.look);
	trial_close(&trial);
	return rc;
}

/* The nearest batch before or behind that has records. */
static int
neighbour(const struct content *content, int index, int direction)
{
	int at = index + direction;

	while (at >= 0 && at < content->count &&
	    content->list[at].record_count == 0)
		at += direction;
	return at < 0 || at >= content->count ? index : at;
}

/* The damaged batch and those around it. */
static int
look_near(struct trial *trial, struct partition *partition, int index)
{
	int from = neighbour(&trial->content, index, -1);
	int to = neighbour(&trial->content, index, 1);
	int rc;

	look_begin(&trial->look, &trial->content);
	rc = look_read(&trial->look, partition, from, to);
	for (int i = from; rc == 0 && i <= to; i++)
		rc = trial_judge_reader(trial, i);
	return rc;
}

static int
try_near(struct flips *flips, struct trial *trial, struct partition *partition,
    long bit)
{
	int index = index_of(trial, bit);
	int rc = write_byte(trial, bit / 8, 1 << bit % 8);

	trial->is_hit[index] = is_in_batch(trial, bit);
	flips->looks++;
	if (rc == 0 && look_near(trial, partition, index) < 0)
		report(flips, trial, "near", bit);
	trial->is_hit[index] = false;
	if (rc == 0)
		rc = write_byte(trial, bit / 8, 0);
	/* Readers change nothing, unless they had to recover: at each bit of
	 * the last batch that is asked, of the others now and then. */
	if (rc < 0 || (bit % 128 != 0 && index < trial->content.count - 3))
		return rc;
	return shelf_check(&trial->shelf, trial->page);
}

static int
open_reader(const struct trial *trial, bool read_only,
    struct partition **partition)
{
	struct partition_options options = content_options;

	options.read_only = read_only;
	return partition_open(partition, trial->topic_dir, trial->number,
	    &options);
}

int
flips_near(struct flips *flips, enum content_form form)
{
	struct trial trial;
	struct partition *partition = NULL;
	int rc = trial_open(&trial, flips->topic_dir, flips->next_number++,
	    form, TRIAL_PAGE);

	for (long bit = 0; rc >= 0 && bit < BITS; bit++) {
		if (partition == NULL)
			rc = open_reader(&trial, false, &partition);
		if (rc >= 0)
			rc = try_near(flips, &trial, partition, bit);
		if (rc != 1)
			continue;
		partition_close(partition);
		partition = NULL;
		rc = shelf_restore(&trial.shelf, -1);
	}
	partition_close(partition);
	trial_close(&trial);
	return rc;
}

/* 1 if the flip is found to end the log elsewhere. */
static int
try_scan(struct flips *flips, struct trial *trial, long bit)
{
	struct partition *partition;
	int64_t log_end;
	int index = index_of(trial, bit);
	int rc = write_byte(trial, bit / 8, 1 << bit % 8);

	trial->is_hit[index] = is_in_batch(trial, bit);
	flips->looks++;
	if (rc == 0)
		rc = open_reader(trial, true, &partition);
	if (rc < 0)
		return rc;
	/* Of each byte once: readers do the same with a page. */
	if (bit % 8 == bit / 8 % 8 && look_near(trial, partition, index) < 0)
		report(flips, trial, "scan", bit);
	/* As it was found: asking for the state would scan once more. */
	log_end = partition->control.log.log_end;
	partition_close(partition);
	trial->is_hit[index] = false;
	if (rc == 0)
		rc = write_byte(trial, bit / 8, 0);
	return rc < 0 ? rc : log_end != trial->content.log_end;
}

int
flips_scan(struct flips *flips, enum content_form form)
{
	struct trial scan, gone, boot;
	int rc = trial_open(&scan, flips->topic_dir, flips->next_number++,
	    form, TRIAL_GONE);

	if (rc == 0)
		rc = unlinkat(scan.dir, "control", 0);
	if (rc == 0)
		rc = trial_open(&gone, flips->topic_dir, flips->next_number++,
		    form, TRIAL_GONE);
	if (rc == 0)
		rc = trial_open(&boot, flips->topic_dir, flips->next_number++,
		    form, TRIAL_BOOT);
	for (long bit = 0; rc >= 0 && bit < BITS; bit++) {
		rc = try_scan(flips, &scan, bit);
		if (rc != 1)
			continue;
		rc = try_whole(flips, &gone, bit);
		if (rc == 0)
			rc = try_whole(flips, &boot, bit);
	}
	trial_close(&scan);
	trial_close(&gone);
	trial_close(&boot);
	return rc;
}
