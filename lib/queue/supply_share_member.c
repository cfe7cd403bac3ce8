/* Members of share groups: heartbeats, and what is assigned to us. */
#include "queue/supply_share_internal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/error.h"

#include <stdlib.h>
#include <string.h>

int
supply_share_topic(const struct supply_share *self, const unsigned char *id)
{
	for (size_t i = 0; i < self->topic_count; i++) {
		if (memcmp(self->topics[i].said.id, id, 16) == 0)
			return (int)i;
	}
	return -1;
}

static struct share_part *
find_part(struct supply_share *self, size_t topic, int partition)
{
	size_t count;
	struct share_part *parts = share_parts(self, &count);

	for (size_t i = 0; i < count; i++) {
		if (parts[i].topic == topic && parts[i].partition == partition)
			return &parts[i];
	}
	return NULL;
}

static void
add_part(struct supply_share *self, size_t topic, int partition)
{
	struct share_part part = {topic, partition, NULL, false, false};
	struct share_part *old = find_part(self, topic, partition);

	if (self->options.partition >= 0 &&
	    partition != self->options.partition)
		return;
	if (old != NULL)
		old->is_gone = false;
	else
		buf_append(&self->parts, &part, sizeof(part));
}

static int
connect_leader(struct supply_share *self, struct share_part *part)
{
	const struct remote_topic *topic = &self->topics[part->topic].said;
	struct client *client;
	int failed = brokers_leader(self->brokers, topic, part->partition,
	    &client);

	if (failed < 0)
		return failed;
	if (part->client != client)
		part->is_told = false;
	part->client = client;
	(void)links_with(&self->links, client);
	return 0;
}

static int
look(struct supply_share *self, size_t topic)
{
	struct remote_topic *old = &self->topics[topic].said, said;
	int failed = brokers_find(self->brokers, old->name, BROKERS_ID, &said);

	if (failed == -FAIL_MISSING)
		return fail(FAIL_MISSING, "topic %s: was deleted", old->name);
	if (failed < 0)
		return failed;
	free(old->leaders);
	free(said.name);
	old->leaders = said.leaders;
	old->partitions = said.partitions;
	memcpy(old->id, said.id, sizeof(old->id));
	return 0;
}

int
supply_share_find_leaders(struct supply_share *self)
{
	size_t count;
	struct share_part *parts;
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < self->topic_count; i++)
		failed = look(self, i);
	parts = share_parts(self, &count);
	for (size_t i = 0; failed == 0 && i < count; i++) {
		if (!parts[i].is_gone)
			failed = connect_leader(self, &parts[i]);
	}
	return failed;
}

static int
assign(struct supply_share *self,
    const struct share_heartbeat_response_assignment *assignment)
{
	const struct share_heartbeat_response_assigned *assigned =
	    assignment->topic_partitions.items;
	size_t count;
	struct share_part *parts = share_parts(self, &count);
	bool is_strange = false;

	for (size_t i = 0; i < count; i++)
		parts[i].is_gone = true;
	for (int32_t i = 0; i < assignment->topic_partitions.count; i++) {
		const int32_t *numbers = assigned[i].partitions.items;
		int topic = supply_share_topic(self, assigned[i].topic_id);

		is_strange = is_strange || topic < 0;
		for (int32_t k = 0; topic >= 0 &&
		    k < assigned[i].partitions.count; k++)
			add_part(self, (size_t)topic, numbers[k]);
	}
	if (is_strange)
		self->epoch = 0; /* asked anew, once the ids are known */
	return supply_share_find_leaders(self);
}

static int
take_answer(struct supply_share *self,
    const struct share_heartbeat_response *response)
{
	int code = response->error_code;

	self->beat_ms = 0;
	if (code == ERROR_UNKNOWN_MEMBER_ID ||
	    code == ERROR_FENCED_MEMBER_EPOCH ||
	    (code == ERROR_GROUP_ID_NOT_FOUND && self->epoch != 0)) {
		self->epoch = 0;
		return 0;
	}
	if (code != 0)
		return brokers_error(code, response->error_message,
		    self->supply.group);
	self->has_tags = response->tags >= SHARE_TAGS_SPOKEN;
	self->epoch = response->member_epoch;
	self->beat_every_ms = response->heartbeat_interval_ms > 0 ?
	    response->heartbeat_interval_ms : 1000;
	self->beat_ms = clock_boot_ms() + self->beat_every_ms;
	return response->assignment == NULL ? 0 :
	    assign(self, response->assignment);
}

static int
call(struct supply_share *self, struct client *client, int32_t epoch,
    struct arena *arena, struct share_heartbeat_response *response)
{
	struct slice *names = memory_alloc(self->topic_count * sizeof(*names));
	struct share_heartbeat_request message;
	int failed;

	schema_preset(&share_heartbeat_request_schema, &message);
	message.group_id = slice_of(self->supply.group);
	message.member_id = slice_of(self->member);
	message.member_epoch = epoch;
	message.subscribed_topic_names = (struct list){NULL, -1};
	message.asks_tags = true;
	for (size_t i = 0; i < self->topic_count; i++)
		names[i] = slice_of(self->topics[i].said.name);
	if (epoch == 0)
		message.subscribed_topic_names =
		    (struct list){names, (int32_t)self->topic_count};
	failed = client_call(client, &api_share_heartbeat, &message, arena,
	    response, BROKERS_PATIENCE_MS);
	free(names);
	return failed;
}

/* Nothing may be waited for on a connection that asks something else: 1 if it
 * is so. What waits is waited for if the heartbeat cannot. */
static int
is_free(struct supply_share *self)
{
	bool is_urgent = clock_boot_ms() >= self->beat_ms +
	    self->beat_every_ms;
	size_t count;
	struct link *links = links_of(&self->links, &count);
	int failed = 0;

	for (size_t i = 0; failed >= 0 && i < count; i++) {
		if (!links[i].is_asked)
			continue;
		if (!is_urgent)
			return 0;
		failed = supply_share_take(self, &links[i]);
	}
	return failed < 0 ? failed : 1;
}

/* Once more at once if we have to join again. */
int
supply_share_beat(struct supply_share *self)
{
	struct arena arena = arena_limited(SHARE_RESPONSE_BYTES);
	struct share_heartbeat_response response;
	struct client *client;
	int failed = 0;

	for (int tries = 0; failed == 0 && tries < 3 &&
	    clock_boot_ms() >= self->beat_ms; tries++) {
		failed = is_free(self);
		if (failed <= 0)
			break;
		failed = brokers_coordinator(self->brokers, self->supply.group,
		    &client);
		if (failed == 0)
			failed = call(self, client, self->epoch, &arena,
			    &response);
		if (failed == 0)
			failed = take_answer(self, &response);
		arena_clear(&arena);
	}
	arena_release(&arena);
	return failed;
}

int
supply_share_leave(struct supply_share *self)
{
	struct arena arena = arena_limited(SHARE_RESPONSE_BYTES);
	struct share_heartbeat_response response;
	struct client *client;
	int failed = self->epoch == 0 ? 0 : brokers_coordinator(self->brokers,
	    self->supply.group, &client);

	if (failed == 0 && self->epoch != 0)
		failed = call(self, client, -1, &arena, &response);
	arena_release(&arena);
	return failed;
}
