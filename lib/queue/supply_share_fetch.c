/* Taking messages of a share group: ShareFetch. */
#include "queue/supply_share_internal.h"

#include "base/fail.h"
#include "kafka/error.h"

#include <string.h>

enum {
	FETCH_BYTES = 16 * 1024 * 1024,
	RECORDS_MAX = 5000,
};

/* What the session has to be told of a leader's parts of a topic. */
struct news {
	int32_t *gone;
	int32_t gone_count;
	struct share_fetch_request_partition *fresh;
	int32_t fresh_count;
};

static void
collect(struct supply_share *self, const struct link *link, size_t topic,
    struct news *news)
{
	size_t count;
	struct share_part *parts = share_parts(self, &count);

	for (size_t i = 0; i < count; i++) {
		if (parts[i].topic != topic || parts[i].client != link->client)
			continue;
		if (parts[i].is_gone && parts[i].is_told &&
		    link->epoch != 0)
			news->gone[news->gone_count++] = parts[i].partition;
		if (!parts[i].is_gone &&
		    (!parts[i].is_told || link->epoch == 0)) {
			struct share_fetch_request_partition *fresh =
			    &news->fresh[news->fresh_count++];

			schema_preset(&share_fetch_request_partition_schema,
			    fresh);
			fresh->partition_index = parts[i].partition;
		}
		parts[i].is_told = !parts[i].is_gone;
	}
}

static void
lay_out(struct supply_share *self, const struct link *link,
    struct arena *arena, struct share_fetch_request *message)
{
	size_t topics = self->topic_count, parts;
	struct share_fetch_request_topic *fresh = schema_new_list(
	    &share_fetch_request_topic_schema, arena, &message->topics,
	    (int32_t)topics);
	struct share_fetch_request_forgotten *gone = schema_new_list(
	    &share_fetch_request_forgotten_schema, arena,
	    &message->forgotten_topics_data, (int32_t)topics);

	(void)share_parts(self, &parts);
	message->topics.count = message->forgotten_topics_data.count = 0;
	for (size_t i = 0; i < topics; i++) {
		struct news news = {
			arena_take(arena, parts, sizeof(int32_t)), 0,
			arena_take(arena, parts, sizeof(*news.fresh)), 0,
		};

		collect(self, link, i, &news);
		if (news.fresh_count > 0) {
			memcpy(fresh->topic_id, self->topics[i].said.id, 16);
			(fresh++)->partitions = (struct list){news.fresh,
			    news.fresh_count};
			message->topics.count++;
		}
		if (news.gone_count > 0) {
			memcpy(gone->topic_id, self->topics[i].said.id, 16);
			(gone++)->partitions = (struct list){news.gone,
			    news.gone_count};
			message->forgotten_topics_data.count++;
		}
	}
}

static void
set_terms(const struct supply_share *self, struct share_terms *terms)
{
	const struct supply_share_options *options = &self->options;

	schema_preset(&share_terms_schema, terms);
	terms->lease_ms = options->lease_ms;
	terms->max_attempts = options->max_attempts;
	terms->backoff_low_ms = options->backoff_low_ms;
	terms->backoff_high_ms = options->backoff_high_ms;
	terms->order = (int8_t)options->order;
	terms->is_manual = options->is_manual;
	terms->starts = self->starts;
}

int
supply_share_ask_one(struct supply_share *self, struct link *link,
    int64_t wait_ms)
{
	struct arena arena = arena_limited(SIZE_MAX);
	struct share_fetch_request message;
	struct share_terms terms;
	int32_t correlation;
	int version = client_version(link->client, &api_share_fetch,
	    BROKERS_PATIENCE_MS);
	int failed = version < 0 ? version : 0;
	int64_t count = self->want_count < RECORDS_MAX ? self->want_count :
	    RECORDS_MAX;

	schema_preset(&share_fetch_request_schema, &message);
	message.group_id = slice_of(self->supply.group);
	message.member_id = slice_of(self->member);
	message.share_session_epoch = link->epoch;
	message.max_wait_ms = (int32_t)wait_ms;
	message.min_bytes = 1;
	message.max_bytes = FETCH_BYTES;
	message.max_records = message.batch_size = (int32_t)count;
	message.share_acquire_mode = 1; /* no more than that (KIP-1206) */
	set_terms(self, &terms);
	if (link->epoch == 0 && self->has_tags)
		message.terms = &terms;
	lay_out(self, link, &arena, &message);
	if (failed == 0)
		failed = client_send(link->client, &api_share_fetch, version,
		    &message, &correlation);
	arena_release(&arena);
	if (failed < 0)
		return failed;
	link->epoch = link->epoch == INT32_MAX ? 1 : link->epoch + 1;
	link->is_asked = true;
	link->is_patient = wait_ms > 0;
	return 0;
}

int
supply_share_ask(struct supply_share *self, int64_t wait_ms)
{
	size_t count;
	struct link *links = links_of(&self->links, &count);
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < count; i++) {
		if (!links[i].is_asked)
			failed = supply_share_ask_one(self, &links[i],
			    wait_ms);
	}
	return failed;
}

static void
take_part(struct supply_share *self, size_t topic,
    const struct share_fetch_response_partition *part)
{
	const struct share_fetch_response_acquired *acquired =
	    part->acquired_records.items;

	if (part->acquired_records.count <= 0)
		return;
	cargo_add(&self->cargo, topic, part->partition_index,
	    part->records.bytes);
	for (int32_t i = 0; i < part->acquired_records.count; i++) {
		struct grant grant = {
			.topic = topic,
			.partition = part->partition_index,
			.first = acquired[i].first_offset,
			.last = acquired[i].last_offset,
			.token = (uint64_t)acquired[i].token,
			.attempt = acquired[i].delivery_count,
		};

		if (!is_grant_empty(&grant))
			cargo_grant(&self->cargo, &grant);
	}
}

/* Who leads has changed, or the topic has gone: that is found out anew. */
static int
take_error(struct supply_share *self, size_t topic,
    const struct share_fetch_response_partition *part)
{
	int code = part->error_code;

	if (code == ERROR_UNKNOWN_TOPIC_ID ||
	    code == ERROR_UNKNOWN_TOPIC_OR_PARTITION)
		return fail(FAIL_AGAIN, "topic %s: was deleted, or moved",
		    self->topics[topic].said.name);
	return brokers_error(code, part->error_message,
	    self->topics[topic].said.name);
}

static int
take_topic(struct supply_share *self,
    const struct share_fetch_response_topic *answer)
{
	const struct share_fetch_response_partition *parts =
	    answer->partitions.items;
	int topic = supply_share_topic(self, answer->topic_id);
	int failed = 0;

	if (topic < 0)
		return 0;
	if (answer->limits != NULL) {
		self->topics[topic].lease_ms = answer->limits->lease_ms;
		self->topics[topic].max_attempts =
		    answer->limits->max_attempts;
	}
	for (int32_t i = 0; i < answer->partitions.count; i++) {
		take_part(self, (size_t)topic, &parts[i]);
		if (failed == 0 && parts[i].error_code != 0)
			failed = take_error(self, (size_t)topic, &parts[i]);
	}
	return failed;
}

static int
take_answer(struct supply_share *self,
    const struct share_fetch_response *response)
{
	const struct share_fetch_response_topic *topics =
	    response->responses.items;
	int code = response->error_code, failed = 0;

	/* The session has ended, and all that it held with it. */
	if (code == ERROR_SHARE_SESSION_NOT_FOUND ||
	    code == ERROR_INVALID_SHARE_SESSION_EPOCH)
		return fail(FAIL_AGAIN, "group %s: the session has ended",
		    self->supply.group);
	if (code != 0)
		return brokers_error(code, response->error_message,
		    self->supply.group);
	for (size_t i = 0; i < self->topic_count && !self->has_tags; i++)
		self->topics[i].lease_ms =
		    response->acquisition_lock_timeout_ms;
	for (int32_t i = 0; i < response->responses.count; i++) {
		int result = take_topic(self, &topics[i]);

		failed = failed < 0 ? failed : result;
	}
	if (failed == 0)
		self->patience = (struct patience){0};
	return failed;
}

int
supply_share_take(struct supply_share *self, struct link *link)
{
	struct arena arena = arena_limited(SHARE_RESPONSE_BYTES);
	struct share_fetch_response response;
	int32_t correlation;
	int failed = client_receive(link->client, &arena, &response,
	    &correlation, BROKERS_PATIENCE_MS);

	link->is_asked = false;
	if (failed == 0)
		failed = take_answer(self, &response);
	arena_release(&arena);
	return failed;
}
