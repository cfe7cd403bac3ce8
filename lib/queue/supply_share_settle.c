/* Settling messages of a share group: ShareAcknowledge. */
#include "queue/supply_share_internal.h"

#include "base/fail.h"
#include "kafka/error.h"
#include "queue/remote_receipts.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_RENEW_VERSION = 2 };

/* The verdicts of one request, in the order of their partitions and offsets. */
struct round {
	struct supply_share *self;
	struct link *link;
	struct verdict **verdicts;
	size_t count;
	bool is_renewal;
	bool is_last;
};

/* What was asked before is answered before; the next fetch may be on its way
 * while this is answered. */
static int
call(const struct round *round,
    const struct share_acknowledge_request *message, struct arena *arena,
    struct share_acknowledge_response *response)
{
	const struct api *api = &api_share_acknowledge;
	struct link *link = round->link;
	int32_t correlation;
	int version = client_version(link->client, api, BROKERS_PATIENCE_MS);
	int failed = version < 0 ? version : client_send(link->client, api,
	    version, message, &correlation);

	if (failed == 0 && link->is_asked)
		failed = supply_share_take(round->self, link);
	if (failed == 0 && round->self->is_greedy && !round->is_renewal &&
	    !round->is_last)
		failed = supply_share_ask_one(round->self, link, 0);
	return failed < 0 ? failed : client_receive(link->client, arena,
	    response, &correlation, BROKERS_PATIENCE_MS);
}

static struct share_details *
details_of(const struct supply_share *self, const struct verdict *verdict,
    struct arena *arena)
{
	struct share_details *details = arena_take(arena, 1,
	    sizeof(*details));

	schema_preset(&share_details_schema, details);
	if (self->options.is_manual)
		details->token = (int64_t)verdict->grant.token;
	details->delay_ms = verdict->delay_ms;
	details->is_attempt = verdict->is_attempt;
	if (!verdict->has_failure)
		return details;
	if (verdict->failure.reason != NULL)
		details->reason = slice_of(verdict->failure.reason);
	details->exit_status = verdict->failure.exit_status;
	details->signal = verdict->failure.signal;
	details->started_ms = verdict->failure.started_ms;
	details->ended_ms = verdict->failure.ended_ms;
	details->errors = verdict->failure.errors;
	return details;
}

static void
fill_word(const struct round *round, const struct verdict *verdict,
    struct arena *arena,
    struct share_acknowledge_request_acknowledgement *word)
{
	schema_preset(&share_acknowledge_request_acknowledgement_schema, word);
	word->first_offset = verdict->first;
	word->last_offset = verdict->last;
	word->acknowledge_types = remote_receipts_types(verdict->outcome);
	if (round->self->has_tags)
		word->details = details_of(round->self, verdict, arena);
}

/* Verdicts of one partition, from at on; how many they are. */
static size_t
fill_part(const struct round *round, size_t at, struct arena *arena,
    struct share_acknowledge_request_partition *part)
{
	const struct grant *grant = &round->verdicts[at]->grant;
	struct share_acknowledge_request_acknowledgement *words;
	size_t count = 0;

	while (at + count < round->count &&
	    round->verdicts[at + count]->grant.topic == grant->topic &&
	    round->verdicts[at + count]->grant.partition == grant->partition)
		count++;
	words = arena_take(arena, count, sizeof(*words));
	for (size_t i = 0; i < count; i++)
		fill_word(round, round->verdicts[at + i], arena, &words[i]);
	schema_preset(&share_acknowledge_request_partition_schema, part);
	part->partition_index = grant->partition;
	part->acknowledgement_batches = (struct list){words, (int32_t)count};
	return count;
}

static void
fill_topics(const struct round *round, struct arena *arena,
    struct share_acknowledge_request *message)
{
	struct share_acknowledge_request_topic *topics = arena_take(arena,
	    round->count + 1, sizeof(*topics));
	int32_t used = 0;

	for (size_t at = 0; at < round->count; used++) {
		size_t topic = round->verdicts[at]->grant.topic;
		struct share_acknowledge_request_partition *parts =
		    arena_take(arena, round->count, sizeof(*parts));
		int32_t count = 0;

		memcpy(topics[used].topic_id,
		    round->self->topics[topic].said.id, 16);
		while (at < round->count &&
		    round->verdicts[at]->grant.topic == topic)
			at += fill_part(round, at, arena, &parts[count++]);
		topics[used].partitions = (struct list){parts, count};
	}
	message->topics = (struct list){topics, used};
}

/* Marks what an answer says of a partition. Without tags all that was said of
 * it is lost, if some was. */
static int
take_part(const struct round *round, int topic,
    const struct share_acknowledge_response_partition *part)
{
	const int32_t *lost = part->lost.items;
	bool is_all = part->error_code == ERROR_INVALID_RECORD_STATE &&
	    !round->self->has_tags;
	int32_t number = 0;

	/* Trying again would deliver again and again. */
	if (part->error_code == ERROR_KAFKA_STORAGE_ERROR)
		return fail(FAIL_IO, "%s:%d: the broker cannot store what is "
		    "settled", round->self->topics[topic].said.name,
		    part->partition_index);
	if (part->error_code != 0 &&
	    part->error_code != ERROR_INVALID_RECORD_STATE)
		return brokers_error(part->error_code, part->error_message,
		    round->self->topics[topic].said.name);
	for (size_t i = 0; i < round->count; i++) {
		struct verdict *verdict = round->verdicts[i];

		if (verdict->grant.topic != (size_t)topic ||
		    verdict->grant.partition != part->partition_index)
			continue;
		verdict->lost = is_all;
		for (int32_t k = 0; k < part->lost.count; k++)
			verdict->lost |= lost[k] == number;
		number++;
	}
	return 0;
}

static int
take_answer(const struct round *round,
    const struct share_acknowledge_response *response)
{
	const struct share_acknowledge_response_topic *topics =
	    response->responses.items;
	int code = response->error_code, failed = 0;

	if (code == ERROR_SHARE_SESSION_NOT_FOUND ||
	    code == ERROR_INVALID_SHARE_SESSION_EPOCH)
		return fail(FAIL_AGAIN, "group %s: the session has ended",
		    round->self->supply.group);
	if (code != 0)
		return brokers_error(code, response->error_message,
		    round->self->supply.group);
	for (int32_t i = 0; i < response->responses.count; i++) {
		const struct share_acknowledge_response_partition *parts =
		    topics[i].partitions.items;
		int topic = supply_share_topic(round->self,
		    topics[i].topic_id);

		for (int32_t k = 0; failed == 0 && topic >= 0 &&
		    k < topics[i].partitions.count; k++)
			failed = take_part(round, topic, &parts[k]);
	}
	return failed;
}

static int
run_round(const struct round *round)
{
	struct supply_share *self = round->self;
	struct link *link = round->link;
	struct share_acknowledge_request message;
	struct share_acknowledge_response response;
	struct arena arena = arena_limited(SIZE_MAX);
	bool is_by_receipt = self->options.is_manual && round->count > 0;
	int failed;

	schema_preset(&share_acknowledge_request_schema, &message);
	message.group_id = slice_of(self->supply.group);
	message.member_id = slice_of(self->member);
	message.share_session_epoch = round->is_last ? -1 : link->epoch;
	message.is_renew_ack = round->is_renewal;
	fill_topics(round, &arena, &message);
	if (!round->is_last && !is_by_receipt)
		link->epoch = link->epoch == INT32_MAX ? 1 : link->epoch + 1;
	failed = call(round, &message, &arena, &response);
	if (failed == 0)
		failed = take_answer(round, &response);
	arena_release(&arena);
	return failed;
}

static int
compare(const void *left, const void *right)
{
	const struct verdict *a = *(struct verdict *const *)left;
	const struct verdict *b = *(struct verdict *const *)right;

	if (a->grant.topic != b->grant.topic)
		return a->grant.topic < b->grant.topic ? -1 : 1;
	if (a->grant.partition != b->grant.partition)
		return a->grant.partition < b->grant.partition ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

static struct client *
leader_of(const struct supply_share *self, const struct grant *grant)
{
	size_t count;
	const struct share_part *parts = share_parts(self, &count);

	for (size_t i = 0; i < count; i++) {
		if (parts[i].topic == grant->topic &&
		    parts[i].partition == grant->partition)
			return parts[i].client;
	}
	return NULL;
}

/* Those for one leader, renewals or not. */
static int
settle_with(struct round *round, struct verdict *verdicts, size_t count)
{
	struct supply_share *self = round->self;
	int version = client_version(round->link->client,
	    &api_share_acknowledge, BROKERS_PATIENCE_MS);

	round->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct verdict *verdict = &verdicts[i];

		if (verdict->grant.serial > self->lost_serial &&
		    (verdict->outcome == OUTCOME_RENEW) == round->is_renewal &&
		    leader_of(self, &verdict->grant) == round->link->client)
			round->verdicts[round->count++] = verdict;
	}
	if (version < 0)
		return version;
	/* Older brokers cannot renew: the lease ends when it ends. */
	if ((round->count == 0 && !round->is_last) ||
	    (round->is_renewal && version < FIRST_RENEW_VERSION))
		return 0;
	qsort(round->verdicts, round->count, sizeof(*round->verdicts),
	    compare);
	return run_round(round);
}

/* What is renewed is still held when its beginning is settled. */
int
supply_share_settle(struct supply_share *self, struct verdict *verdicts,
    size_t count, bool is_last)
{
	struct round round = {.self = self};
	size_t link_count;
	struct link *links = links_of(&self->links, &link_count);
	int failed = 0;

	for (size_t i = 0; i < count; i++)
		verdicts[i].lost = verdicts[i].grant.serial <=
		    self->lost_serial;
	round.verdicts = memory_alloc((count + 1) * sizeof(*round.verdicts));
	for (size_t i = 0; failed == 0 && i < link_count; i++) {
		round.link = &links[i];
		round.is_last = false;
		round.is_renewal = true;
		failed = settle_with(&round, verdicts, count);
		round.is_renewal = false;
		round.is_last = is_last && links[i].epoch != 0 &&
		    !self->options.is_manual;
		if (failed == 0)
			failed = settle_with(&round, verdicts, count);
	}
	free(round.verdicts);
	/* Told once, whatever is stored of it. */
	if (failed == -FAIL_IO && count > 0)
		verdicts->is_done = true;
	return failed;
}
