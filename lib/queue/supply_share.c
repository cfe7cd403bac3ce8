/* A supply of messages of a share group of brokers (KIP-932). */
#include "queue/supply_share_internal.h"

#include "base/clock.h"
#include "base/fail.h"

#include <stdio.h>

enum {
	WAIT_MS = 4000,    /* at our servers, which let other requests by */
	MUTE_WAIT_MS = 500, /* at others, which do not */
};

static struct supply_share *
share_of(const struct supply *supply)
{
	return (struct supply_share *)(uintptr_t)supply;
}

/* Not so long that we could not be heard of. */
static int64_t
wait_ms(const struct supply_share *self)
{
	int64_t most_ms = self->has_tags ? WAIT_MS : MUTE_WAIT_MS;
	int64_t beat_ms = self->beat_every_ms * 4 / 5;

	return most_ms > beat_ms && beat_ms > 0 ? beat_ms : most_ms;
}

/* Keeps a failure for the next exchange, which is to tell of it. */
static int
keep(struct supply_share *self, int failed)
{
	if (failed < 0 && self->failed == 0) {
		self->failed = failed;
		snprintf(self->message, sizeof(self->message), "%s",
		    fail_message());
	}
	return 0;
}

/* The sessions end with their connections, and all they hold is lost. */
static void
disconnect(struct supply_share *self)
{
	size_t count;
	struct share_part *parts = share_parts(self, &count);

	for (size_t i = 0; i < count; i++) {
		parts[i].client = NULL;
		parts[i].is_told = false;
	}
	brokers_disconnect(self->brokers);
	buf_clear(&self->links);
	cargo_forget(&self->cargo);
	if (!self->options.is_manual)
		self->lost_serial = self->cargo.serial;
	self->epoch = 0;
	self->beat_ms = 0;
}

/* What may pass is tried again for a while; the verdicts are lost, as far as
 * they were not told. */
static int
recover(struct supply_share *self, int failed, struct verdict *verdicts,
    size_t count, int64_t *wake_ms)
{
	self->failed = 0;
	if (!is_patience_worth(failed) ||
	    !is_patience_left(&self->patience, BROKERS_PATIENCE_MS))
		return failed;
	disconnect(self);
	for (size_t i = 0; i < count; i++)
		verdicts[i].lost = true;
	patience_rest(&self->patience);
	*wake_ms = 0;
	return (int)count;
}

/* Takes answers that are there, or come within timeout_ms (or a signal comes
 * before): 1 if any did. */
static int
take_ready(struct supply_share *self, int64_t timeout_ms)
{
	size_t count;
	struct link *links = links_of(&self->links, &count);
	int result = 0;

	links_poll(&self->links, -1, timeout_ms);
	for (size_t i = 0; i < count && result >= 0; i++) {
		if (!links[i].is_answered)
			continue;
		result = supply_share_take(self, &links[i]);
		result = result < 0 ? result : 1;
	}
	return result;
}

/* Looks for what there is now; what waits at the brokers tells by itself. Those
 * of others may have to load a partition first. */
static int
look(struct supply_share *self)
{
	size_t count;
	struct link *links = links_of(&self->links, &count);
	int failed;

	if (is_links_waiting(&self->links))
		return take_ready(self, 0);
	failed = supply_share_ask(self, self->has_tags ? 0 : MUTE_WAIT_MS);
	for (size_t i = 0; failed == 0 && i < count; i++) {
		if (links[i].is_asked)
			failed = supply_share_take(self, &links[i]);
	}
	return failed;
}

static int
exchange(struct supply *supply, struct verdict *verdicts, size_t count,
    const struct want *want, struct grant *grant, int64_t *wake_ms)
{
	struct supply_share *self = share_of(supply);
	int lost = 0, failed = self->failed;

	*grant = GRANT_NONE;
	*wake_ms = INT64_MAX;
	if (failed < 0)
		fail((enum fail)-failed, "%s", self->message);
	if (failed == 0)
		failed = supply_share_beat(self);
	/* Others do not take a second request before they answer the first. */
	self->is_greedy = self->has_tags && want->count > 0 &&
	    !has_cargo(&self->cargo) && !is_links_waiting(&self->links);
	if (want->count > 0)
		self->want_count = want->count;
	if (failed == 0 && count > 0)
		failed = supply_share_settle(self, verdicts, count, false);
	if (failed < 0)
		return recover(self, failed, verdicts, count, wake_ms);
	for (size_t i = 0; i < count; i++)
		lost += verdicts[i].lost;
	if (want->count <= 0 || cargo_take(&self->cargo, want->count, grant))
		return lost;
	failed = look(self);
	if (failed < 0) {
		failed = recover(self, failed, NULL, 0, wake_ms);
		return failed < 0 ? failed : lost;
	}
	(void)cargo_take(&self->cargo, want->count, grant);
	return lost;
}

/* Has the brokers tell when there is more: 1 if there is already. */
static int
wait_for_more(struct supply_share *self, int64_t until_ms)
{
	int64_t left_ms = until_ms - clock_boot_ms();
	int failed = self->failed;

	if (failed == 0)
		failed = supply_share_beat(self);
	if (left_ms > wait_ms(self))
		left_ms = wait_ms(self);
	if (failed == 0 && !has_cargo(&self->cargo))
		failed = supply_share_ask(self, left_ms > 0 ? left_ms : 0);
	keep(self, failed);
	return failed < 0 || has_cargo(&self->cargo);
}

static int
sleep_for_more(struct supply *supply, int64_t until_ms)
{
	struct supply_share *self = share_of(supply);
	int64_t left_ms;

	if (wait_for_more(self, until_ms) == 1)
		return 0;
	if (until_ms > self->beat_ms)
		until_ms = self->beat_ms;
	left_ms = until_ms - clock_boot_ms();
	return keep(self, take_ready(self, left_ms > 0 ? left_ms : 0));
}

/* The first leader's connection; others are looked at now and then. */
static int
arm(struct supply *supply, int *descriptor)
{
	struct supply_share *self = share_of(supply);
	int result = wait_for_more(self, INT64_MAX);

	*descriptor = result == 0 ? links_descriptor(&self->links) : -1;
	return result;
}

static bool
answer(struct supply *supply)
{
	struct supply_share *self = share_of(supply);
	int result = take_ready(self, 0);

	keep(self, result);
	return result != 0;
}

static int
begin(struct supply *supply, const struct grant *grant, int64_t from)
{
	return cargo_begin(&share_of(supply)->cargo, grant, from);
}

static const char *
name_of(const struct supply *supply, size_t topic)
{
	return share_of(supply)->topics[topic].said.name;
}

static int
next(struct supply *supply, struct message *message)
{
	struct supply_share *self = share_of(supply);

	return cargo_next(&self->cargo, &supply->reading,
	    name_of(supply, self->cargo.grant.topic), message);
}

static int64_t
end(const struct supply *supply)
{
	return share_of(supply)->cargo.end;
}

/* Often enough to be a member, too. */
static int64_t
renew_ms(const struct supply *supply, size_t topic)
{
	const struct supply_share *self = share_of(supply);
	int64_t every_ms = self->options.lease_ms > 0 ?
	    self->options.lease_ms : self->topics[topic].lease_ms;

	every_ms /= 3;
	if (every_ms <= 0 || every_ms > self->beat_every_ms)
		every_ms = self->beat_every_ms;
	return every_ms > 0 ? every_ms : 1;
}

static int64_t
max_attempts(const struct supply *supply, size_t topic)
{
	const struct supply_share *self = share_of(supply);

	if (self->options.max_attempts > 0)
		return self->options.max_attempts;
	return self->topics[topic].max_attempts > 0 ?
	    self->topics[topic].max_attempts : INT64_MAX;
}

static const char *
notice(struct supply *supply)
{
	(void)supply;
	return NULL;
}

/* What waits is ended by the next request of its session, which wants nothing:
 * whatever came meanwhile is ours to give back. */
static int
end_waiting(struct supply_share *self)
{
	size_t count;
	struct link *links = links_of(&self->links, &count);
	int failed = 0;

	self->want_count = 0;
	for (size_t i = 0; failed == 0 && i < count; i++) {
		if (!links[i].is_asked)
			continue;
		links[i].is_asked = false;
		failed = supply_share_ask(self, 0);
		if (failed == 0)
			failed = supply_share_take(self, &links[i]);
		links[i].is_asked = failed == 0;
		if (failed == 0)
			failed = supply_share_take(self, &links[i]);
	}
	return failed;
}

/* Gives back what was granted and nobody had, not as an attempt. */
static int
give_back(struct supply_share *self)
{
	struct hand hand;
	struct grant grant;
	int failed;

	hand_init(&hand, &self->supply);
	while (cargo_take(&self->cargo, INT64_MAX, &grant))
		hand_give_back(&hand, &grant, grant.first, grant.last);
	failed = supply_share_settle(self,
	    (struct verdict *)(void *)hand.verdicts.data, hand_count(&hand),
	    true);
	hand_release(&hand);
	return failed;
}

/* What cannot be told now ends with its connection, or its time. */
static void
close_share(struct supply *supply)
{
	struct supply_share *self = share_of(supply);

	if (self->failed == 0 && self->patience.since_ms == 0 &&
	    end_waiting(self) == 0 && give_back(self) == 0)
		(void)supply_share_leave(self);
	supply_share_release(self);
}

const struct supply_kind supply_share_kind = {exchange, sleep_for_more, arm,
    answer, begin, next, end, name_of, renew_ms, max_attempts, notice,
    close_share};
