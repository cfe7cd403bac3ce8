/* Checking a spool: every batch, every name, the index against the log. */
#include "spool/check.h"

#include <stdio.h>

#include "base/fail.h"
#include "spool/check_names.h"
#include "spool/positions.h"
#include "spool/positions_file.h"
#include "spool/state.h"
#include "spool/topic.h"

/* Where the findings of one check go. */
struct check {
	struct topic *topic;
	int partition;
	void (*report)(const struct check_finding *finding, void *context);
	void *context;
	int mendable;
};

static void
report_text(
    struct check *check, const char *path, const char *text, bool is_mendable)
{
	struct check_finding finding = {.path = path,
	    .byte = -1,
	    .first_offset = -1,
	    .last_offset = -1,
	    .text = text,
	    .is_mendable = is_mendable};

	check->report(&finding, check->context);
}

/* While it is deleted its files go one by one: what is missing then is no
 * fault. It is renamed first, so that whoever finds something can tell. */
static bool
is_deleted(struct topic *topic)
{
	return topic_refresh(topic) == -FAIL_MISSING;
}

/* A finding without a segment is about the control page. */
static void
report_log(const struct partition_finding *found, void *context)
{
	struct check *check = context;
	struct check_finding finding = {.byte = found->byte,
	    .first_offset = found->first_offset,
	    .last_offset = found->last_offset,
	    .text = found->text,
	    .is_mendable = found->is_mendable};
	struct buf path = {0};

	if (is_deleted(check->topic))
		return;
	buf_printf(
	    &path, "topics/%s/%d/", topic_name(check->topic), check->partition);
	if (found->file)
		buf_append_text(&path, found->file);
	else if (found->segment >= 0)
		buf_printf(&path, "%020lld.log", (long long)found->segment);
	else
		buf_append_text(&path, "control");
	finding.path = buf_text(&path);
	check->report(&finding, check->context);
	buf_release(&path);
}

/* Positions are checked by the log before they are used: wrong ones cost time. */
static int
check_positions(struct check *check)
{
	struct buf path = {0}, text = {0};
	int wrong = positions_check(check->topic, check->partition);

	if (wrong <= 0 || is_deleted(check->topic))
		return wrong < 0 ? wrong : 0;
	buf_printf(&path, "topics/%s/%d/" POSITIONS_FILE,
	    topic_name(check->topic), check->partition);
	buf_printf(&text, "%d positions are not in the log", wrong);
	report_text(check, buf_text(&path), buf_text(&text), true);
	buf_release(&path);
	buf_release(&text);
	return 1;
}

static int
check_log(struct check *check, struct partition *partition)
{
	int found = partition_check(partition, report_log, check);
	int result = found < 0 ? found : check_positions(check);

	return result < 0 ? result : found + result;
}

static int
check_partition(struct check *check, int number)
{
	struct partition *partition = NULL;
	struct buf path = {0};
	int result = topic_partition(check->topic, number, &partition);

	check->partition = number;
	if (result >= 0)
		result = check_log(check, partition);
	if (result != 0 && is_deleted(check->topic))
		return 0;
	if (partition != NULL)
		return result;
	buf_printf(&path, "topics/%s/%d", topic_name(check->topic), number);
	report_text(check, buf_text(&path), fail_message(), false);
	buf_release(&path);
	return 1;
}

/* A topic whose configuration is missing or bad is there all the same. */
static int
report_bad_topic(struct check *check, const char *name)
{
	struct buf path = {0};

	buf_printf(&path, "topics/%s/topic.yaml", name);
	report_text(check, buf_text(&path), fail_message(), false);
	buf_release(&path);
	return 1;
}

int
check_topic(struct spool *spool, const char *name,
    void (*report)(const struct check_finding *finding, void *context),
    void *context)
{
	struct check check = {.report = report, .context = context};
	int result = topic_open(&check.topic, spool, name);
	int found;

	if (result == -FAIL_CONFIG || result == -FAIL_DATA)
		return report_bad_topic(&check, name);
	if (result < 0)
		return result;
	result = found = check_names_topic(check.topic, report, context);
	for (int i = 0; result >= 0 && i < topic_partition_count(check.topic);
	     i++) {
		result = check_partition(&check, i);
		found += result > 0 ? result : 0;
	}
	topic_close(check.topic);
	return result < 0 ? result : found;
}

static void
report_index(const char *text, bool is_mended, void *context)
{
	(void)is_mended;
	report_text(context, "index.db", text, true);
}

int
check_spool(struct spool *spool,
    void (*report)(const struct check_finding *finding, void *context),
    void *context)
{
	struct check check = {.report = report, .context = context};
	int found = check_names_spool(spool, report, context);
	int result;

	if (found < 0)
		return found;
	result = state_check(spool, false, report_index, &check);
	if (result == -FAIL_CORRUPT || result == -FAIL_CONFIG) {
		report_text(&check, "index.db", fail_message(),
		    result == -FAIL_CORRUPT);
		result = 1;
	}
	return result < 0 ? result : found + result;
}

static void
count_mendable(const struct partition_finding *finding, void *context)
{
	struct check *check = context;

	check->mendable += finding->is_mendable;
}

/* Recovery only where it has something to do: it raises the epoch. */
static int
mend_partition(struct topic *topic, int number)
{
	struct check check = {.topic = topic};
	struct partition *partition;
	int result = topic_partition(topic, number, &partition);

	if (result >= 0)
		result = positions_check(topic, number);
	if (result > 0)
		result = positions_forget(topic, number);
	if (result >= 0)
		result = partition_check(partition, count_mendable, &check);
	if (result < 0 || check.mendable == 0)
		return result;
	return partition_recover(partition);
}

int
check_mend_topic(struct spool *spool, const char *name)
{
	struct topic *topic;
	int result = topic_open(&topic, spool, name);

	if (result == -FAIL_CONFIG || result == -FAIL_DATA)
		return 0;
	if (result < 0)
		return result;
	result = check_names_mend_topic(topic);
	for (int i = 0; result >= 0 && i < topic_partition_count(topic); i++)
		result = mend_partition(topic, i);
	if (result < 0 && is_deleted(topic))
		result = 0;
	topic_close(topic);
	return result < 0 ? result : 0;
}

static void
ignore_finding(const char *text, bool is_mended, void *context)
{
	(void)text, (void)is_mended, (void)context;
}

int
check_mend_spool(struct spool *spool)
{
	int result = check_names_mend_spool(spool);

	if (result >= 0)
		result = state_check(spool, true, ignore_finding, NULL);
	return result < 0 ? result : 0;
}
