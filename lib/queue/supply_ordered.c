/* A supply of messages of a consumer group of brokers. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"
#include "base/fail.h"

#include <stdio.h>

enum {
	WAIT_MS = 1000,        /* at the brokers */
	JOIN_WAIT_MS = 50,     /* until we look again at what the others do */
	RENEW_MS = 1000,
	LOOK_EVERY_MS = 10 * 1000, /* for partitions that were added */
};

static struct supply_ordered *
ordered_of(const struct supply *supply)
{
	return (struct supply_ordered *)(uintptr_t)supply;
}

int
supply_ordered_keep(struct supply_ordered *self, int failed)
{
	if (failed < 0 && self->failed == 0) {
		self->failed = failed;
		snprintf(self->message, sizeof(self->message), "%s",
		    fail_message());
	}
	return 0;
}

/* What may pass is tried again for a while, from the beginning. */
static int
recover(struct supply_ordered *self, int failed, struct verdict *verdicts,
    size_t count, int64_t *wake_ms)
{
	self->failed = 0;
	if (!is_patience_worth(failed) ||
	    !is_patience_left(&self->patience, BROKERS_PATIENCE_MS))
		return failed;
	supply_ordered_drop_parts(self);
	buf_clear(&self->links);
	client_close(self->coordinator);
	self->coordinator = NULL;
	self->state = ORDERED_APART;
	self->is_beating = false;
	brokers_disconnect(self->brokers);
	patience_rest(&self->patience);
	failed = supply_ordered_look(self);
	if (failed < 0 && !is_patience_worth(failed))
		return failed;
	for (size_t i = 0; i < count; i++)
		verdicts[i].lost = true;
	*wake_ms = 0;
	return (int)count;
}

/* Takes answers that are there, or come within timeout_ms (or a signal comes
 * before), the coordinator's, too. */
static int
take_ready(struct supply_ordered *self, int64_t timeout_ms)
{
	size_t count;
	struct link *links = links_of(&self->links, &count);
	int result = 0;

	links_poll(&self->links, self->coordinator == NULL ? -1 :
	    client_descriptor(self->coordinator), timeout_ms);
	for (size_t i = 0; i < count && result >= 0; i++) {
		if (links[i].is_answered)
			result = supply_ordered_take(self, &links[i]);
	}
	return result < 0 ? result : supply_ordered_tend(self);
}

/* The next grant of a partition that has none out; partitions take turns. */
static bool
hand_out(struct supply_ordered *self, int64_t count, struct grant *grant)
{
	for (size_t i = 0; i < self->part_count; i++) {
		struct ordered_part *part = self->parts[(self->turn + i) %
		    self->part_count];

		if (part->left > 0 || clock_boot_ms() < part->rest_ms ||
		    !has_cargo(&part->cargo))
			continue;
		supply_ordered_cut(self, part, count, grant);
		self->turn = (self->turn + i + 1) % self->part_count;
		part->left = grant->last - grant->first + 1;
		part->out_last = grant->last;
		part->redo = INT64_MAX;
		return true;
	}
	return false;
}

/* Looks for what there is now, unless the brokers tell by themselves. */
static int
look(struct supply_ordered *self)
{
	int failed = 0;

	if (is_links_waiting(&self->links))
		return take_ready(self, 0);
	if (clock_boot_ms() - self->looked_ms >= LOOK_EVERY_MS) {
		failed = supply_ordered_look(self);
		self->must_rejoin = self->must_rejoin || failed == 1;
	}
	if (failed >= 0)
		failed = supply_ordered_ask(self, 0);
	return failed < 0 ? failed : supply_ordered_drain(self);
}

/* When a partition has rested. */
static int64_t
next_rest(const struct supply_ordered *self)
{
	int64_t next_ms = INT64_MAX, now_ms = clock_boot_ms();

	for (size_t i = 0; i < self->part_count; i++) {
		int64_t rest_ms = self->parts[i]->rest_ms;

		if (rest_ms > now_ms && rest_ms < next_ms)
			next_ms = rest_ms;
	}
	return next_ms;
}

/* What nobody is to have any more goes first. */
static int
try_hand_out(struct supply_ordered *self, int64_t count, struct grant *grant)
{
	int failed = supply_ordered_bury_spent(self);

	return failed < 0 ? failed : hand_out(self, count, grant);
}

/* 1 if something was granted. While the group is shared out anew there may be
 * more soon, whatever there is now. */
static int
acquire(struct supply_ordered *self, int64_t count, struct grant *grant,
    int64_t *wake_ms)
{
	int result = 0;

	if (self->state != ORDERED_STABLE && !is_supply_ordered_out(self))
		result = take_ready(self, JOIN_WAIT_MS);
	if (result < 0)
		return result;
	if (self->state != ORDERED_STABLE || self->must_rejoin) {
		*wake_ms = is_supply_ordered_out(self) ? clock_boot_ms() +
		    JOIN_WAIT_MS : 0;
		return 0;
	}
	result = try_hand_out(self, count, grant);
	if (result == 0) {
		result = look(self);
		if (result >= 0)
			result = try_hand_out(self, count, grant);
	}
	if (result <= 0) {
		*wake_ms = next_rest(self);
		return result;
	}
	/* The next comes while this is written. */
	supply_ordered_keep(self, supply_ordered_ask(self, 0));
	return 1;
}

static int
exchange(struct supply *supply, struct verdict *verdicts, size_t count,
    const struct want *want, struct grant *grant, int64_t *wake_ms)
{
	struct supply_ordered *self = ordered_of(supply);
	int lost = 0, failed = self->failed;

	*grant = GRANT_NONE;
	*wake_ms = INT64_MAX;
	if (failed < 0)
		fail((enum fail)-failed, "%s", self->message);
	if (failed == 0 && count > 0)
		failed = lost = supply_ordered_settle(self, verdicts, count);
	if (failed < 0)
		return recover(self, failed, verdicts, count, wake_ms);
	failed = supply_ordered_tend(self);
	if (failed == 0 && want->count > 0)
		failed = acquire(self, want->count, grant, wake_ms);
	if (failed >= 0)
		return lost;
	*grant = GRANT_NONE;
	failed = recover(self, failed, NULL, 0, wake_ms);
	return failed < 0 ? failed : lost;
}

static bool
has_more(const struct supply_ordered *self)
{
	for (size_t i = 0; i < self->part_count; i++) {
		const struct ordered_part *part = self->parts[i];

		if (part->left <= 0 && has_cargo(&part->cargo) &&
		    clock_boot_ms() >= part->rest_ms)
			return true;
	}
	return false;
}

/* Has the brokers tell when there is more: 1 if there is already. */
static int
wait_for_more(struct supply_ordered *self)
{
	int failed = self->failed;

	if (failed == 0)
		failed = supply_ordered_tend(self);
	if (failed == 0 && self->state == ORDERED_STABLE && !has_more(self))
		failed = supply_ordered_ask(self, WAIT_MS);
	supply_ordered_keep(self, failed);
	return failed < 0 || has_more(self);
}

static int
sleep_for_more(struct supply *supply, int64_t until_ms)
{
	struct supply_ordered *self = ordered_of(supply);
	int64_t left_ms;

	if (wait_for_more(self) == 1)
		return 0;
	if (until_ms > self->beat_ms)
		until_ms = self->beat_ms;
	left_ms = until_ms - clock_boot_ms();
	return supply_ordered_keep(self,
	    take_ready(self, left_ms > 0 ? left_ms : 0));
}

/* The first leader's connection; others are looked at now and then. */
static int
arm(struct supply *supply, int *descriptor)
{
	struct supply_ordered *self = ordered_of(supply);
	int result = wait_for_more(self);

	*descriptor = result == 0 ? links_descriptor(&self->links) : -1;
	return result;
}

static bool
answer(struct supply *supply)
{
	struct supply_ordered *self = ordered_of(supply);

	supply_ordered_keep(self, take_ready(self, 0));
	return self->failed < 0 || has_more(self);
}

static int
begin(struct supply *supply, const struct grant *grant, int64_t from)
{
	struct supply_ordered *self = ordered_of(supply);

	self->read_end = from;
	self->read = grant->serial <= self->lost_serial ? NULL :
	    supply_ordered_part(self, grant);
	return self->read == NULL ? 0 :
	    cargo_begin(&self->read->cargo, grant, from);
}

static const char *
name_of(const struct supply *supply, size_t topic)
{
	return ordered_of(supply)->topics[topic].name;
}

/* Of a grant that was lost meanwhile nothing is read. */
static int
next(struct supply *supply, struct message *message)
{
	struct supply_ordered *self = ordered_of(supply);

	return self->read == NULL ? 0 : cargo_next(&self->read->cargo,
	    &supply->reading, name_of(supply, self->read->topic), message);
}

static int64_t
end(const struct supply *supply)
{
	const struct supply_ordered *self = ordered_of(supply);

	return self->read == NULL ? self->read_end : self->read->cargo.end;
}

static int64_t
renew_ms(const struct supply *supply, size_t topic)
{
	(void)supply;
	(void)topic;
	return RENEW_MS;
}

static int64_t
max_attempts(const struct supply *supply, size_t topic)
{
	return supply_ordered_max_attempts(ordered_of(supply), topic);
}

/* Valid until the next exchange. */
static const char *
notice(struct supply *supply)
{
	struct supply_ordered *self = ordered_of(supply);

	if (!self->has_note)
		return NULL;
	self->has_note = false;
	return self->note;
}

static void
close_ordered(struct supply *supply)
{
	struct supply_ordered *self = ordered_of(supply);

	if (self->patience.since_ms == 0)
		supply_ordered_leave(self);
	supply_ordered_release(self);
}

const struct supply_kind supply_ordered_kind = {exchange, sleep_for_more, arm,
    answer, begin, next, end, name_of, renew_ms, max_attempts, notice,
    close_ordered};
