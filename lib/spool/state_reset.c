/* Moving groups to another place of the log, and deleting them. */
#include "spool/state.h"

#include <stdlib.h>

#include "base/fail.h"
#include "base/futex.h"
#include "spool/dead_letter.h"
#include "spool/roster.h"
#include "spool/state_target.h"
#include "spool/sub.h"

/* A change of some rows of a group. targets has one for each row: where it
 * goes, or -1 if its topic is gone. */
struct change {
	struct spool *spool;
	struct index *index;
	uint64_t generation; /* of the index in which the rows are */
	int64_t group_id;    /* 0: there is none */
	struct state_rows rows;
	struct state_log log;
	int64_t *targets;
	int64_t *starts;
	int64_t *epochs; /* of the logs in which the targets are */
};

/* -FAIL_MISSING says which of the two is missing. */
static int
check_there(const struct change *change, const char *group, const char *topic)
{
	if (change->rows.count > 0)
		return 0;
	if (topic)
		return fail(FAIL_MISSING, "group %s does not read topic %s",
		    group, topic);
	return fail(FAIL_MISSING, "there is no group %s", group);
}

static int
find_group(struct change *change, const char *group)
{
	int result = index_read(change->index);

	if (result < 0)
		return result;
	sql_bind_text(index_sql(change->index), SQL_STATE_GROUP, 1, group);
	result = sql_get(index_sql(change->index), SQL_STATE_GROUP,
	    SQL_NO_VALUES, &change->group_id, 1);
	index_abort(change->index);
	return result < 0 ? result : 0;
}

static int
open_change(struct change *change, struct spool *spool, const char *group,
    const char *topic)
{
	int result;

	*change = (struct change){.spool = spool, .log = {.spool = spool}};
	result = index_open(&change->index, spool);
	if (result == -FAIL_MISSING)
		return check_there(change, group, topic);
	if (result >= 0)
		result = find_group(change, group);
	if (result >= 0)
		result =
		    state_rows_load(&change->rows, change->index, group, topic);
	if (result < 0)
		return result;
	change->generation = index_generation(change->index);
	change->targets =
	    memory_alloc((change->rows.count + 1) * sizeof(int64_t));
	change->starts =
	    memory_alloc((change->rows.count + 1) * sizeof(int64_t));
	change->epochs =
	    memory_alloc((change->rows.count + 1) * sizeof(int64_t));
	return 0;
}

static void
close_change(struct change *change)
{
	state_log_close(&change->log);
	state_rows_release(&change->rows);
	free(change->targets);
	free(change->starts);
	free(change->epochs);
}

static int
check_members(const struct change *change, const char *group,
    const struct session *sessions)
{
	int64_t id = change->group_id;
	int members = roster_refuse(index_sql(change->index), sessions, id,
	    group);

	if (members >= 0)
		members = state_rows_members(change->index, sessions, id);
	if (members <= 0)
		return members;
	return fail(FAIL_AGAIN, "group %s has %d living member%s: stop %s "
	    "first", group, members, members == 1 ? "" : "s",
	    members == 1 ? "it" : "them");
}

static int
check_idle(const struct change *change, const char *group)
{
	struct session sessions;
	int result = session_look(&sessions, spool_directory(change->spool));

	if (result >= 0)
		result = check_members(change, group, &sessions);
	session_close(&sessions);
	return result;
}

/* Begins what changes rows, or a snapshot that only looks. */
static int
begin(const struct change *change, const char *group, bool dry_run)
{
	int result =
	    dry_run ? index_read(change->index) : index_begin(change->index);

	if (result < 0)
		return result;
	if (index_generation(change->index) != change->generation)
		result = fail(
		    FAIL_AGAIN, "the index was replaced meanwhile: try again");
	else
		result = check_idle(change, group);
	if (result < 0)
		index_abort(change->index);
	return result;
}

static int
end(const struct change *change, int result, bool dry_run)
{
	if (result < 0 || dry_run) {
		index_abort(change->index);
		return result;
	}
	result = index_commit(change->index);
	return result < 0 ? result : index_durable(change->index);
}

/* A group may have members before it has a place. */
static int
check_rows(const struct change *change, const char *group, const char *topic)
{
	int result = 0;

	if (change->rows.count > 0)
		return 0;
	if (change->group_id != 0)
		result = begin(change, group, true);
	if (result >= 0 && change->group_id != 0)
		index_abort(change->index);
	return result < 0 ? result : check_there(change, group, topic);
}

static int
find_targets(struct change *change, enum reset kind, int64_t value)
{
	for (size_t i = 0; i < change->rows.count; i++) {
		const struct state_row *row = &change->rows.items[i];
		int result = state_log_open(&change->log, row);

		change->targets[i] = -1;
		if (result == 1)
			result = state_target_find(&change->log, row, kind,
			    value, &change->targets[i]);
		if (result < 0)
			return result;
		change->starts[i] = change->log.start;
		change->epochs[i] = change->log.state.epoch;
	}
	return 0;
}

static int
move_rows(const struct change *change)
{
	struct sql *sql = index_sql(change->index);
	int result = roster_void(sql, change->group_id);

	for (size_t i = 0; i < change->rows.count && result >= 0; i++)
		if (change->targets[i] >= 0)
			result = sub_reset(sql, change->rows.items[i].sub,
			    change->targets[i], change->epochs[i]);
	return result;
}

/* Whoever waits for messages looks again. */
static void
ring_topics(struct change *change)
{
	for (size_t i = 0; i < change->rows.count; i++) {
		uint32_t *doorbell;

		if (state_log_open(&change->log, &change->rows.items[i]) != 1)
			continue;
		doorbell = topic_doorbell(change->log.topic);
		if (doorbell && !is_spool_read_only(change->spool))
			futex_ring(doorbell);
	}
}

static void
report_changes(const struct change *change,
    void (*each)(const struct reset_change *change, void *context),
    void *context)
{
	for (size_t i = 0; i < change->rows.count; i++) {
		struct reset_change done = {
		    .topic = change->rows.items[i].topic,
		    .partition = change->rows.items[i].partition,
		    .from = change->starts[i],
		    .to = change->targets[i]};

		if (done.to >= 0)
			each(&done, context);
	}
}

/* What is to be changed of a group; topic NULL and partition -1 are all. */
struct wanted {
	const char *group;
	const char *topic;
	int partition;
	enum reset kind;
	int64_t value;
	bool dry_run;
};

/* Leaves out what is of other partitions. */
static int
keep_partition(struct change *change, const struct wanted *wanted)
{
	bool is_there = wanted->partition < 0;

	for (size_t i = 0; i < change->rows.count && wanted->partition >= 0;
	    i++) {
		if (change->rows.items[i].partition == wanted->partition)
			is_there = change->targets[i] >= 0;
		else
			change->targets[i] = -1;
	}
	return is_there ? 0 : fail(FAIL_MISSING, "group %s does not read "
	    "partition %d of topic %s", wanted->group, wanted->partition,
	    wanted->topic);
}

static int
change_places(struct change *change, struct spool *spool,
    const struct wanted *wanted)
{
	int result = open_change(change, spool, wanted->group, wanted->topic);

	if (result >= 0)
		result = check_rows(change, wanted->group, wanted->topic);
	if (result >= 0)
		result = find_targets(change, wanted->kind, wanted->value);
	if (result >= 0)
		result = keep_partition(change, wanted);
	if (result >= 0)
		result = begin(change, wanted->group, wanted->dry_run);
	if (result >= 0) {
		result = wanted->dry_run ? 0 : move_rows(change);
		result = end(change, result, wanted->dry_run);
	}
	if (result >= 0 && !wanted->dry_run)
		ring_topics(change);
	return result < 0 ? result : 0;
}

int
state_reset(struct spool *spool, const char *group, const char *topic,
    enum reset kind, int64_t value, bool dry_run,
    void (*each)(const struct reset_change *change, void *context),
    void *context)
{
	struct change change;
	int result = change_places(&change, spool,
	    &(struct wanted){group, topic, -1, kind, value, dry_run});

	if (result == 0)
		report_changes(&change, each, context);
	close_change(&change);
	return result;
}

int
state_move(struct spool *spool, const char *group, const char *topic,
    int partition, int64_t offset)
{
	struct change change;
	int result = partition < 0 ? fail(FAIL_MISSING, "no partition %d",
	    partition) : 0;

	if (result < 0)
		return result;
	result = change_places(&change, spool, &(struct wanted){group, topic,
	    partition, RESET_OFFSET, offset, false});
	close_change(&change);
	return result;
}

/* A group of that name that is made later starts anew: that a message died in
 * this one must not keep it from having a letter then. */
static int
forget_letters(struct sql *sql, const struct state_row *row)
{
	struct buf from = {0}, to = {0};
	int result;

	dead_letter_key_start(row->group, row->uuid, &from);
	buf_append_slice(&to, buf_slice(&from));
	to.data[to.size - 1]++;
	sql_bind_blob(sql, SQL_DEAD_FORGET, 1, buf_slice(&from));
	sql_bind_blob(sql, SQL_DEAD_FORGET, 2, buf_slice(&to));
	result = sql_run(sql, SQL_DEAD_FORGET, SQL_NO_VALUES);
	buf_release(&from);
	buf_release(&to);
	return result;
}

static int
delete_row(struct sql *sql, const struct state_row *row)
{
	static const enum sql_statement steps[] = {SQL_SUB_DROP_RANGES,
	    SQL_COMMITTED_DROP, SQL_SUB_DELETE};
	int result = 0;

	for (size_t i = 0; i < sizeof steps / sizeof *steps && result >= 0; i++)
		result = sql_run(sql, steps[i], SQL_VALUES(row->sub));
	return result < 0 ? result : forget_letters(sql, row);
}

/* A group on other topics stays. */
static int
delete_rows(const struct change *change, const char *group)
{
	struct sql *sql = index_sql(change->index);
	int result = 0;

	for (size_t i = 0; i < change->rows.count && result >= 0; i++)
		result = delete_row(sql, &change->rows.items[i]);
	if (result >= 0)
		result = sql_run(sql, SQL_GROUP_DELETE,
		    SQL_VALUES(change->group_id));
	if (result > 0)
		result = roster_forget(sql, change->group_id);
	sql_bind_text(sql, SQL_GROUP_SETTING_FORGET, 1, group);
	if (result >= 0)
		result = sql_run(sql, SQL_GROUP_SETTING_FORGET, SQL_NO_VALUES);
	return result;
}

int
state_delete_group(
    struct spool *spool, const char *group, const char *topic, bool dry_run)
{
	struct change change;
	int result = open_change(&change, spool, group, topic);

	if (result >= 0 && (topic != NULL || change.group_id == 0))
		result = check_there(&change, group, topic);
	if (result >= 0)
		result = begin(&change, group, dry_run);
	if (result >= 0) {
		result = dry_run ? 0 : delete_rows(&change, group);
		result = end(&change, result, dry_run);
	}
	close_change(&change);
	return result < 0 ? result : 0;
}
