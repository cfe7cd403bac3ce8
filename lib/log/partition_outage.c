/* What a power cut may have taken from a log, or brought back. */
#include "log/partition_internal.h"

#include <string.h>

static bool
is_of_boot(const struct partition *partition, const struct control_log *log)
{
	return memcmp(&log->boot, &partition->boot, sizeof(log->boot)) == 0;
}

/* 1 if there was a power cut as far as the page can tell: a page that is gone
 * was deleted, as recoveries sync it. One whose records were both being written
 * then says who made it. */
static int
find_page(struct partition *partition, struct control *page, int *parts)
{
	int rc;

	*parts = 0;
	if (partition->file < 0)
		return 0;
	rc = *parts = control_read_parts(partition->file, page);
	if (rc == CONTROL_HAS_DURABLE)
		return 1;
	if (rc == 0)
		rc = control_read_born(partition->file, &page->log);
	if (rc <= 0)
		return rc;
	return partition_owns_page(partition, page) &&
	    !is_of_boot(partition, &page->log);
}

int
partition_find_outage(struct partition *partition, const struct epochs *epochs,
    struct outage *outage)
{
	struct control page;
	int parts;
	int rc = find_page(partition, &page, &parts);

	*outage = (struct outage){.bound = INT64_MAX};
	if (rc <= 0)
		return rc;
	outage->bound = epochs_start(epochs);
	if (parts & CONTROL_HAS_DURABLE &&
	    page.durable.end > outage->bound)
		outage->bound = page.durable.end;
	outage->stale.from = outage->bound;
	outage->stale.epoch = epochs_last(epochs);
	return 0;
}

/* All that was durable, and after no more than a killed process all that was
 * written, if anybody was promised that. In the mode `always` nobody is, and
 * nobody reads it: it may be gone because the file system was shut down and
 * mounted again. */
int64_t
partition_bound(const struct partition *partition)
{
	const struct control *old = &partition->old;

	if (!partition->has_old)
		return 0;
	if (old->durable.is_stopped)
		return old->durable.end;
	if (partition->options.sync != SYNC_ALWAYS &&
	    is_of_boot(partition, &old->log))
		return old->log.log_end;
	return old->durable.end;
}
