/* Checking a partition: every batch of every segment, and the page. */
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"
#include "log/start.h"

#include <stdio.h>
#include <unistd.h>

struct check {
	struct partition *partition;
	void (*report)(const struct partition_finding *finding, void *context);
	void *context;
	int count;
	struct epochs epochs;
	struct segment_list list;
	int64_t active;   /* base of the active segment when we began */
	int64_t length;   /* of its batches; nothing behind them is looked at */
	int64_t log_end;
	int64_t log_start;
	int32_t epoch;
	struct outage outage;
};

static void
check_report(struct check *check, const struct partition_finding *finding)
{
	check->count++;
	check->report(finding, check->context);
}

/* What a trim wrote down says where the log begins. Without it, what was trimmed
 * is back as far as it is there. */
static int
survey_start(struct check *check)
{
	struct partition_finding finding = {
		.file = START_FILE,
		.byte = 0,
		.first_offset = -1,
		.last_offset = -1,
		.is_mendable = true,
		.text = "damaged: the log begins with its first segment",
	};
	int64_t written;
	int rc = start_read(check->partition->dir, &written);

	if (rc == -FAIL_CORRUPT)
		check_report(check, &finding);
	else if (rc < 0)
		return rc;
	return partition_find_start(check->partition, &check->list,
	    check->log_end, &check->log_start);
}

static void
report_page(struct check *check, const char *text)
{
	struct partition_finding finding = {
		.segment = check->active,
		.byte = check->length,
		.first_offset = -1,
		.last_offset = -1,
		.is_mendable = true,
		.text = text,
	};

	check_report(check, &finding);
}

/* Where the log ends by itself, for lack of a page that says so. */
static int
survey_end(struct partition *partition)
{
	int rc = partition_scan_private(partition);

	partition->is_private = false;
	return rc;
}

/* The log ends before what the page knows of. */
static void
report_lost_end(struct check *check, int64_t bound)
{
	struct partition_finding finding = {
		.segment = check->active,
		.byte = check->length,
		.first_offset = check->log_end,
		.last_offset = bound - 1,
		.text = "damaged or lost: the control page knows of more",
	};

	if (bound > check->log_end &&
	    bound - check->log_end < PARTITION_AHEAD_MAX)
		check_report(check, &finding);
}

/* Batches behind the log's end that are intact, and no part of it. */
static int
is_end_stale(struct check *check)
{
	struct scan scan = {0};
	struct batch_header header;
	const unsigned char *bytes;
	int fd = segment_open(check->partition->dir, check->active, FILE_READ);
	int rc;

	if (fd < 0)
		return fd == -FAIL_MISSING ? 0 : fd;
	scan.window.fd = fd;
	scan.window.end = file_size(fd);
	rc = scan.window.end < 0 ? (int)scan.window.end
	    : scan_batch(&scan, check->length, check->log_end, &header,
	        &bytes);
	window_release(&scan.window);
	close(fd);
	return rc == -FAIL_CORRUPT ? 0 : rc;
}

/* Under the lock nothing moves: what is wrong now is wrong. */
static int
survey_page(struct check *check)
{
	struct partition *partition = check->partition;
	const struct control_log *log = &partition->control.log;
	int rc = partition_load(partition);
	bool is_damaged = rc == 0 && partition->file >= 0 &&
	    !partition->has_old;
	bool is_stopped = rc == 1 && partition->control.durable.is_stopped;
	bool is_gone = rc == 0 && !partition->has_old;
	int fit = rc == 1 ? partition_fit(partition) : FIT_EXACT;
	int64_t bound = partition_bound(partition);

	check->outage.bound = INT64_MAX;
	if (rc == 0)
		rc = partition_find_outage(partition, &check->epochs,
		    &check->outage);
	if (rc == 0 || fit == FIT_WRONG)
		rc = survey_end(partition);
	/* Nobody knows what bytes are that no page tells about. */
	if (rc == 0 && is_gone && log->segment >= 0)
		fit = partition_fit(partition);
	if (rc < 0 || fit < 0)
		return rc < 0 ? rc : fit;
	check->active = log->segment;
	check->length = log->length;
	check->log_end = log->log_end;
	check->epoch = log->epoch;
	if (is_damaged)
		report_page(check, "the control page is damaged");
	else if (fit == FIT_WRONG)
		report_page(check, "the control page does not fit the log");
	if (fit == FIT_LONGER)
		report_page(check, "bytes behind the end of the log");
	if (check->outage.stale.epoch > 0 && fit == FIT_EXACT) {
		rc = is_end_stale(check);
		if (rc < 0)
			return rc;
		if (rc > 0)
			report_page(check, "batches of an epoch that was cut "
			    "are behind the end of the log");
	}
	report_lost_end(check, bound);
	if (is_stopped)
		report_page(check, "stopped: a sync has failed");
	return 0;
}

static int
survey(struct check *check)
{
	struct partition *partition = check->partition;
	int rc = partition_lock(partition);

	if (rc < 0)
		return rc;
	rc = epochs_read(&check->epochs, partition->dir);
	if (rc == 0)
		rc = survey_page(check);
	if (rc == 0)
		rc = segment_list_read(&check->list, partition->dir);
	if (rc == 0)
		rc = survey_start(check);
	partition_unlock(partition);
	return rc;
}

static struct partition_finding
make_finding(int64_t segment, const struct tail *from, int64_t end,
    const char *text)
{
	return (struct partition_finding){
		.segment = segment,
		.byte = from->byte,
		.first_offset = from->offset,
		.last_offset = end > from->offset ? end - 1 : -1,
		.text = text,
	};
}

/* What is below the log start is nobody's any more. */
static void
report_kept(struct check *check, const struct partition_finding *finding,
    int64_t end)
{
	if (end > check->log_start)
		check_report(check, finding);
}

/* What a recovery will fill, after a power cut, it mends. */
static void
report_gap(struct check *check, int64_t segment, const struct tail *from,
    int64_t end, const char *text)
{
	struct partition_finding finding = make_finding(segment, from, end,
	    text);

	finding.is_mendable = segment == check->active &&
	    from->offset >= check->outage.bound;
	report_kept(check, &finding, end);
}

/* The epoch lies outside the checksum; where it changes is written down. */
static void
check_epoch(struct check *check, int64_t segment, const struct tail *at,
    const struct batch_header *header)
{
	int32_t known = epochs_at(&check->epochs, header->base_offset);
	int32_t epoch = known < 0 ? check->epoch : known;
	struct partition_finding finding;
	int64_t end = header->base_offset + header->last_offset_delta + 1;
	char text[96];

	if (known < 0 ? header->leader_epoch <= epoch
	    : header->leader_epoch == epoch)
		return;
	snprintf(text, sizeof(text), "the batch carries epoch %d, not %d",
	    (int)header->leader_epoch, (int)epoch);
	finding = make_finding(segment, at, end, text);
	report_kept(check, &finding, end);
}

/* No batch is at `at`: reports the range up to the next one. Returns 1 if the
 * segment goes on there. */
static int
check_gap(struct check *check, struct scan *scan, int64_t segment,
    struct tail *at, int64_t limit)
{
	struct tail from = *at;
	struct batch_header header;
	char text[200];
	int64_t data_end, found;
	int rc;

	snprintf(text, sizeof(text), "damaged: %s", fail_message());
	data_end = scan_data_end(scan, at->byte);
	if (data_end < 0)
		return (int)data_end;
	if (data_end == at->byte) {
		at->offset = limit;
		report_gap(check, segment, &from, limit, "missing");
		return 0;
	}
	rc = scan_resync(scan, at->byte, at->offset, false, &found, &header);
	if (rc < 0)
		return rc;
	at->byte = rc == 1 ? found : scan->window.end;
	at->offset = rc == 1 ? header.base_offset : limit;
	report_gap(check, segment, &from, at->offset, text);
	return rc;
}

static int
walk(struct check *check, struct scan *scan, int64_t segment, int64_t limit)
{
	struct tail at = {.offset = segment};
	struct batch_header header;
	const unsigned char *bytes;

	while (at.offset < limit) {
		int rc = scan_batch(scan, at.byte, at.offset, &header, &bytes);

		if (rc == 1) {
			check_epoch(check, segment, &at, &header);
			at.byte += (int64_t)batch_size(&header);
			at.offset = header.base_offset +
			    header.last_offset_delta + 1;
			continue;
		}
		if (rc == 0)
			fail(FAIL_CORRUPT, "zeros");
		else if (rc != -FAIL_CORRUPT)
			return rc;
		rc = check_gap(check, scan, segment, &at, limit);
		if (rc <= 0)
			return rc;
	}
	return 0;
}

/* Offsets of a segment run from its name to the next one's. */
static int
check_segment(struct check *check, size_t index)
{
	struct scan scan = {0};
	int64_t segment = segment_list_at(&check->list, index);
	int64_t limit = segment == check->active
	    ? check->log_end
	    : segment_list_after(&check->list, segment);
	int fd = segment_open(check->partition->dir, segment, FILE_READ);
	int rc;

	if (fd < 0)
		return fd == -FAIL_MISSING ? 0 : fd; /* trimmed meanwhile */
	scan.window.fd = fd;
	scan.window.end = segment == check->active ? check->length
	                                           : file_size(fd);
	if (segment == check->active)
		scan.stale = check->outage.stale;
	else
		scan.limit = limit;
	rc = scan.window.end < 0 ? (int)scan.window.end
	                         : walk(check, &scan, segment, limit);
	window_release(&scan.window);
	close(fd);
	return rc;
}

int
partition_check(struct partition *partition,
    void (*report)(const struct partition_finding *finding, void *context),
    void *context)
{
	struct check check = {
		.partition = partition,
		.report = report,
		.context = context,
	};
	int rc = survey(&check);

	for (size_t i = 0; rc >= 0 && i < check.list.count; i++) {
		int64_t next = segment_list_after(&check.list,
		    segment_list_at(&check.list, i));

		if (segment_list_at(&check.list, i) <= check.active &&
		    next > check.log_start)
			rc = check_segment(&check, i);
	}
	segment_list_release(&check.list);
	return rc < 0 ? rc : check.count;
}
