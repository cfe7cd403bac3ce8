/* What the processes of a partition agree on, for who asks. */
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"

#include <string.h>
#include <unistd.h>

void
partition_tell(const struct partition *partition,
    struct partition_state *state)
{
	const struct control *control = &partition->control;

	*state = (struct partition_state){
		.log_start = control->log.log_start,
		.log_end = control->log.log_end,
		.durable_end = control->durable.end,
		.high_watermark = control->log.log_end,
		.epoch = control->log.epoch,
		.is_stopped = control->durable.is_stopped,
	};
	/* Somebody who appended since we read the log's end may have synced. */
	if (state->durable_end > state->log_end)
		state->durable_end = state->log_end;
	if (partition->options.sync == SYNC_ALWAYS)
		state->high_watermark = state->durable_end;
	if (state->log_start > state->high_watermark)
		state->log_start = state->high_watermark;
}

int
partition_state(struct partition *partition, struct partition_state *state)
{
	int rc = partition_current(partition);

	if (rc < 0)
		return rc;
	partition_tell(partition, state);
	return 0;
}

static bool
is_page_of(const struct control_log *log, int number,
    const unsigned char topic_id[16])
{
	struct boot_id boot = clock_boot_id();

	return log->number == number &&
	    memcmp(log->topic_id, topic_id, sizeof(log->topic_id)) == 0 &&
	    memcmp(&log->boot, &boot, sizeof(boot)) == 0;
}

int
partition_look_up_epoch(int topic_dir, int number,
    const unsigned char topic_id[16], int32_t *epoch)
{
	struct control page;
	int dir, file, rc;

	*epoch = -1;
	dir = partition_open_directory(topic_dir, number);
	if (dir < 0)
		return dir;
	rc = file = file_open(dir, "control", FILE_READ);
	if (file >= 0) {
		rc = control_read(file, &page);
		close(file);
	}
	close(dir);
	if (rc == 1 && is_page_of(&page.log, number, topic_id))
		*epoch = page.log.epoch;
	return rc < 0 && rc != -FAIL_MISSING ? rc : 0;
}

int
partition_epoch_end(struct partition *partition, int32_t asked,
    int32_t *epoch, int64_t *end)
{
	struct partition_state state;
	struct epochs epochs;
	int rc = partition_state(partition, &state);

	*epoch = -1;
	*end = -1;
	if (rc == 0)
		rc = epochs_read(&epochs, partition->dir);
	if (rc < 0 || asked < 0 || asked > state.epoch)
		return rc;
	*end = epochs_end(&epochs, asked, epoch);
	if (*end > state.log_end)
		*end = state.log_end;
	if (asked == state.epoch)
		*epoch = asked;
	return 0;
}

/* The page as it is after a check; it may be another one at each look. */
static int
check_state(struct partition *partition, struct partition_state *state)
{
	int rc;

	partition->is_settled = false;
	rc = partition_state(partition, state);
	if (rc == 0 && !partition->is_settled && !partition->is_private &&
	    !partition->options.read_only)
		return fail(FAIL_AGAIN, "partition %d: locked by another "
		    "process, and its control page may be old",
		    partition->number);
	return rc;
}

int
partition_state_checked(struct partition *partition,
    struct partition_state *state)
{
	enum { TRIES = 8 };

	for (int i = 0; i < TRIES; i++) {
		int rc = check_state(partition, state);

		if (rc < 0 || partition->options.read_only ||
		    state->is_stopped ||
		    partition->options.sync != SYNC_ALWAYS ||
		    state->durable_end >= state->log_end)
			return rc;
		rc = partition_sync(partition);
		if (rc < 0)
			return rc;
	}
	return fail(FAIL_AGAIN, "partition %d: its control page changes again "
	    "and again", partition->number);
}
