/* Goes on with a recovered spool: deliveries, dead letters, new messages. */
#include "consume.h"
#include "base/fail.h"
#include "spool/state.h"

#include <stdio.h>
#include <string.h>

enum { RANGES_MAX = 1024 };

struct range {
	int partition;
	int64_t first;
	int64_t last;
};

/* One group on one topic. */
struct consuming {
	struct spool *spool;
	const struct promises *promises;
	const struct view *view;
	const char *topic;
	const char *name;
	char *why;
	struct topic *open;
	struct group *group;
	struct range taken[RANGES_MAX]; /* delivered now */
	int taken_count;
	struct range held[RANGES_MAX];  /* leased or delayed before */
	int held_count;
	bool *is_rejected;              /* by index of its promise */
};

static int
give_up(char *why, const char *what)
{
	snprintf(why, WHY_SIZE, "%s: %s", what, fail_message());
	return -1;
}

static bool
is_in(const struct range *ranges, int count, const struct seen *seen)
{
	for (int i = 0; i < count; i++) {
		if (ranges[i].partition == seen->partition &&
		    ranges[i].first <= seen->offset &&
		    seen->offset <= ranges[i].last)
			return true;
	}
	return false;
}

static int
add_held(const struct lease_state *lease, void *context)
{
	struct consuming *it = context;

	if (it->held_count == RANGES_MAX)
		return fail(FAIL_BUG, "too many leases for the check");
	it->held[it->held_count++] = (struct range){lease->partition,
	    lease->first, lease->last};
	return 0;
}

/* The number of the promise, or -1. */
static int
find_dead_try(const struct consuming *it, const struct lease *lease)
{
	for (int i = 0; i < it->promises->count; i++) {
		const struct promise *one = &it->promises->list[i];

		if (one->kind == TRY_DEAD &&
		    strcmp(one->topic, it->topic) == 0 &&
		    strcmp(one->word, it->name) == 0 &&
		    one->partition == lease->partition &&
		    one->first == lease->first)
			return i;
	}
	return -1;
}

/* One message at a time. A death that was begun is brought to its end. */
static int
take_one(struct consuming *it)
{
	struct want want = {1, -1};
	struct lease lease = {0};
	struct settlement dead = {.lease = &lease,
	    .outcome = OUTCOME_REJECT, .is_attempt = true};
	int64_t wake_ms;
	int rc = group_exchange(it->group, NULL, 0, &want, &lease, &wake_ms);
	int doomed;

	if (rc < 0 || lease.token == 0)
		return rc < 0 ? rc : 0;
	if (it->taken_count == RANGES_MAX)
		return fail(FAIL_BUG, "too many deliveries for the check");
	it->taken[it->taken_count++] = (struct range){lease.partition,
	    lease.first, lease.last};
	dead.first = dead.last = lease.first;
	doomed = find_dead_try(it, &lease);
	if (doomed >= 0) {
		rc = group_exchange(it->group, &dead, 1, NULL, NULL, NULL);
		it->is_rejected[doomed] = true;
	}
	return rc < 0 ? rc : 1;
}

/* What was put after the crash, perhaps at an offset that had been settled. */
static bool
is_new(const struct seen *seen)
{
	return strcmp(seen->value, "after") == 0;
}

static int
judge_new(struct consuming *it, const struct seen *seen)
{
	if (is_in(it->taken, it->taken_count, seen))
		return 0;
	snprintf(it->why, WHY_SIZE, "%s:%d:%lld, put after the crash, is lost "
	    "to %s", it->topic, seen->partition, (long long)seen->offset,
	    it->name);
	return -1;
}

static int
judge(struct consuming *it, const struct seen *seen)
{
	bool is_taken = is_in(it->taken, it->taken_count, seen);
	bool is_held = is_in(it->held, it->held_count, seen);

	if (is_new(seen))
		return judge_new(it, seen);
	if ((is_taken || is_held) && is_settled(it->promises, it->topic,
	        it->name, seen->partition, seen->offset)) {
		snprintf(it->why, WHY_SIZE, "%s:%d:%lld, settled for %s, has "
		    "come back", it->topic, seen->partition,
		    (long long)seen->offset, it->name);
		return -1;
	}
	if (!is_taken && !is_held && !is_settle_tried(it->promises,
	        it->topic, it->name, seen->partition, seen->offset)) {
		snprintf(it->why, WHY_SIZE, "%s:%d:%lld is lost to %s",
		    it->topic, seen->partition, (long long)seen->offset,
		    it->name);
		return -1;
	}
	return 0;
}

static int
consume_group(struct consuming *it)
{
	struct group_options options = {.is_session = true,
	    .backoff_low_ms = -1, .backoff_high_ms = -1};
	int rc = state_leases(it->spool, it->name, it->topic, add_held, it);

	if (rc >= 0 || rc == -FAIL_MISSING)
		rc = topic_open(&it->open, it->spool, it->topic);
	if (rc < 0)
		return rc == -FAIL_MISSING ? 0 : give_up(it->why, it->topic);
	rc = group_join(&it->group, it->spool, it->name, &it->open, 1,
	    &options);
	while (rc >= 0 && (rc = take_one(it)) == 1)
		;
	if (rc < 0)
		give_up(it->why, it->name);
	for (int i = 0; i < it->view->count && rc == 0; i++) {
		if (strcmp(it->view->list[i].topic, it->topic) == 0)
			rc = judge(it, &it->view->list[i]);
	}
	group_leave(it->group);
	topic_close(it->open);
	return rc;
}

/* The first mark of each group speaks for it. */
static bool
is_first(const struct promises *promises, int index)
{
	const struct promise *it = &promises->list[index];

	if (it->kind != TRY_SETTLE && it->kind != SETTLE &&
	    it->kind != END_SETTLE && it->kind != TRY_DEAD)
		return false;
	for (int i = 0; i < index; i++) {
		const struct promise *other = &promises->list[i];

		if ((other->kind == TRY_SETTLE || other->kind == SETTLE ||
		        other->kind == END_SETTLE ||
		        other->kind == TRY_DEAD) &&
		    strcmp(other->topic, it->topic) == 0 &&
		    strcmp(other->word, it->word) == 0)
			return false;
	}
	return true;
}

static int
look_for_held(const struct lease_state *lease, void *context)
{
	const struct promise **held = context;

	if (*held != NULL && lease->is_leased &&
	    lease->partition == (*held)->partition &&
	    lease->first <= (*held)->first && (*held)->first <= lease->last)
		*held = NULL;
	return 0;
}

int
consume_check_held(struct spool *spool, const struct promises *promises,
    char why[WHY_SIZE])
{
	for (int i = 0; i < promises->count; i++) {
		const struct promise *it = &promises->list[i], *held = it;

		if (it->kind != HELD)
			continue;
		if (state_leases(spool, it->word, it->topic, look_for_held,
		        &held) < 0)
			return give_up(why, it->word);
		if (held == NULL)
			continue;
		snprintf(why, WHY_SIZE, "%s:%d:%lld is not leased for %s any "
		    "more", it->topic, it->partition, (long long)it->first,
		    it->word);
		return -1;
	}
	return 0;
}

static int
put_one(struct topic *topic, int number)
{
	struct record record = {.timestamp = 1, .value = slice_of("after")};
	struct batch_builder builder;
	struct partition *partition;
	struct buf out = {0};
	int64_t first, last;
	int rc = topic_partition(topic, number, &partition);

	if (rc < 0)
		return rc;
	batch_builder_init(&builder, CODEC_NONE);
	batch_builder_append(&builder, &record);
	batch_builder_finish(&builder, &out);
	rc = partition_append(partition, out.data, out.size, &first, &last);
	if (rc >= 0)
		rc = partition_wait(partition, last + 1, -1);
	batch_builder_release(&builder);
	buf_release(&out);
	return rc;
}

static int
put_everywhere(struct spool *spool, struct view *view, char *why)
{
	for (int i = 0; i < view->topic_count; i++) {
		struct topic *topic;
		int rc = topic_open(&topic, spool, view->topics[i]);

		for (int n = 0; rc >= 0 && n < view->partitions[i]; n++)
			rc = put_one(topic, n);
		if (rc < 0)
			return give_up(why, "put after recovery");
		topic_close(topic);
	}
	return 0;
}

/* Those from before are still there, and the new ones. More may be: of a put
 * that was killed before it could say so. */
static int
look_again(struct spool *spool, struct view *view, char *why)
{
	static struct view now;
	int more = 0, after = 0;

	for (int i = 0; i < view->topic_count; i++)
		more += view->partitions[i];
	if (view_read(&now, spool) < 0)
		return give_up(why, "read after a put");
	for (int i = 0; i < now.count; i++)
		after += strcmp(now.list[i].value, "after") == 0;
	for (int i = 0; i < view->count; i++) {
		if (has_view_message(&now, &view->list[i]))
			continue;
		snprintf(why, WHY_SIZE, "%s is gone after a put",
		    view->list[i].value);
		return -1;
	}
	if (after == more)
		return 0;
	snprintf(why, WHY_SIZE, "put %d, then there are %d", more, after);
	return -1;
}

static int
check_letters(const struct promises *promises, const struct view *view,
    const bool *is_rejected, char *why)
{
	for (int i = 0; i < promises->count; i++) {
		const struct promise *it = &promises->list[i];
		int count = view_letters(view, it->topic, it->word,
		    it->partition, it->first);

		if (it->kind != TRY_DEAD || count == 1 ||
		    (count == 0 && !is_rejected[i]))
			continue;
		snprintf(why, WHY_SIZE, "%s:%lld: %d dead letters in the end",
		    it->topic, (long long)it->first, count);
		return -1;
	}
	return 0;
}

static int
put_more(struct spool *spool, struct view *view, char *why)
{
	int rc = put_everywhere(spool, view, why);

	if (rc == 0)
		rc = look_again(spool, view, why);
	if (rc == 0 && view_read(view, spool) < 0)
		rc = give_up(why, "read after a put");
	return rc;
}

int
consume_check(struct spool *spool, const struct promises *promises,
    struct view *view, bool is_put_first, char why[WHY_SIZE])
{
	static struct consuming it;
	static bool is_rejected[PROMISES_MAX];
	int rc = is_put_first ? put_more(spool, view, why) : 0;

	memset(is_rejected, 0, sizeof(is_rejected));
	for (int i = 0; i < promises->count && rc == 0; i++) {
		it = (struct consuming){
			.spool = spool,
			.promises = promises,
			.view = view,
			.topic = promises->list[i].topic,
			.name = promises->list[i].word,
			.why = why,
			.is_rejected = is_rejected,
		};
		if (is_first(promises, i))
			rc = consume_group(&it);
	}
	if (rc == 0 && view_read(view, spool) < 0)
		rc = give_up(why, "read after consuming");
	if (rc == 0)
		rc = check_letters(promises, view, is_rejected, why);
	return rc == 0 && !is_put_first ? put_more(spool, view, why) : rc;
}
