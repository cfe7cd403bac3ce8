/* Receipts settled at brokers: ShareAcknowledge without a session. */
#include "queue/remote_receipts.h"

#include "base/fail.h"
#include "kafka/error.h"

#include <stdlib.h>
#include <string.h>

enum {
	RECEIPTS_MAX = 5000,              /* in a request */
	RESPONSE_BYTES = 16 * 1024 * 1024, /* decoded */
};

struct known {
	struct known *next;
	struct remote_topic topic;
	bool is_missing;
};

/* A receipt on its way. */
struct errand {
	struct receipt_settlement *settlement;
	const struct known *known;
	struct client *client; /* its leader's */
	size_t order;          /* as it was given */
	bool is_done;
};

struct settling {
	struct brokers *brokers;
	struct known *known;
	struct errand *errands;
	size_t count;
	struct errand **chosen; /* of one request, in its order */
	size_t chosen_count;
};

static int
know(struct settling *settling, const char *name, const struct known **out)
{
	struct known *known = settling->known;
	int failed;

	while (known != NULL && strcmp(known->topic.name, name) != 0)
		known = known->next;
	*out = known;
	if (known != NULL)
		return 0;
	known = memory_alloc(sizeof(*known));
	failed = brokers_find(settling->brokers, name, BROKERS_ID,
	    &known->topic);
	if (failed == -FAIL_MISSING) {
		known->is_missing = true;
		known->topic.name = memory_copy_text(name);
		failed = 0;
	}
	known->next = settling->known;
	settling->known = known;
	*out = known;
	return failed;
}

/* What names no topic, or no partition of it, is lost. */
static int
find_leader(struct settling *settling, struct errand *errand)
{
	const struct receipt *receipt = &errand->settlement->receipt;
	int failed = know(settling, receipt->topic, &errand->known);

	if (failed < 0)
		return failed;
	errand->settlement->lost = errand->known->is_missing ||
	    receipt->partition >= errand->known->topic.partitions;
	errand->is_done = errand->settlement->lost;
	return errand->is_done ? 0 : brokers_leader(settling->brokers,
	    &errand->known->topic, receipt->partition, &errand->client);
}

static int
compare(const void *left, const void *right)
{
	const struct errand *a = *(struct errand *const *)left;
	const struct errand *b = *(struct errand *const *)right;
	const struct receipt *one = &a->settlement->receipt;
	const struct receipt *other = &b->settlement->receipt;
	int order = strcmp(one->topic, other->topic);

	if (order != 0)
		return order;
	if (one->partition != other->partition)
		return one->partition < other->partition ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* Those that go together: of one group and one leader. False if none is
 * left. */
static bool
choose(struct settling *settling)
{
	const struct errand *first = NULL;

	settling->chosen_count = 0;
	for (size_t i = 0; i < settling->count &&
	    settling->chosen_count < RECEIPTS_MAX; i++) {
		struct errand *errand = &settling->errands[i];

		if (errand->is_done || (first != NULL &&
		    (errand->client != first->client ||
		    strcmp(errand->settlement->receipt.group,
		    first->settlement->receipt.group) != 0)))
			continue;
		first = first == NULL ? errand : first;
		errand->is_done = true;
		settling->chosen[settling->chosen_count++] = errand;
	}
	qsort(settling->chosen, settling->chosen_count,
	    sizeof(*settling->chosen), compare);
	return settling->chosen_count > 0;
}

struct list
remote_receipts_types(enum outcome outcome)
{
	static const int8_t types[] = {
		[OUTCOME_ACCEPT] = SHARE_ACCEPT,
		[OUTCOME_RELEASE] = SHARE_RELEASE,
		[OUTCOME_REJECT] = SHARE_REJECT,
		[OUTCOME_RENEW] = SHARE_RENEW,
	};

	return (struct list){(void *)(uintptr_t)&types[outcome], 1};
}

static void
fill_word(const struct receipt_settlement *settlement, struct arena *arena,
    struct share_acknowledge_request_acknowledgement *word)
{
	struct share_details *details = arena_take(arena, 1,
	    sizeof(*details));

	schema_preset(&share_details_schema, details);
	details->token = (int64_t)settlement->receipt.token;
	details->delay_ms = settlement->delay_ms;
	details->lease_ms = settlement->lease_ms;
	details->is_attempt = settlement->is_attempt;
	if (settlement->reason != NULL)
		details->reason = slice_of(settlement->reason);
	schema_preset(&share_acknowledge_request_acknowledgement_schema, word);
	word->first_offset = settlement->receipt.first;
	word->last_offset = settlement->receipt.last;
	word->acknowledge_types = remote_receipts_types(settlement->outcome);
	word->details = details;
}

/* Receipts of one partition, from at on; how many they are. */
static size_t
fill_part(const struct settling *settling, size_t at, struct arena *arena,
    struct share_acknowledge_request_partition *part)
{
	const struct errand *first = settling->chosen[at];
	int partition = first->settlement->receipt.partition;
	struct share_acknowledge_request_acknowledgement *words =
	    arena_take(arena, settling->chosen_count, sizeof(*words));
	size_t count = 0;

	while (at + count < settling->chosen_count) {
		const struct errand *errand = settling->chosen[at + count];

		if (errand->known != first->known ||
		    errand->settlement->receipt.partition != partition)
			break;
		fill_word(errand->settlement, arena, &words[count++]);
	}
	schema_preset(&share_acknowledge_request_partition_schema, part);
	part->partition_index = partition;
	part->acknowledgement_batches = (struct list){words, (int32_t)count};
	return count;
}

/* A topic for each partition, which is as good. */
static void
fill_topics(const struct settling *settling, struct arena *arena,
    struct share_acknowledge_request *message)
{
	struct share_acknowledge_request_topic *topics = arena_take(arena,
	    settling->chosen_count, sizeof(*topics));
	int32_t used = 0;

	for (size_t at = 0; at < settling->chosen_count; used++) {
		struct share_acknowledge_request_partition *part =
		    arena_take(arena, 1, sizeof(*part));

		memcpy(topics[used].topic_id,
		    settling->chosen[at]->known->topic.id, 16);
		at += fill_part(settling, at, arena, part);
		topics[used].partitions = (struct list){part, 1};
	}
	message->topics = (struct list){topics, used};
}

/* The answer stands as the request did. */
static int
take_answer(const struct settling *settling,
    const struct share_acknowledge_request *message,
    const struct share_acknowledge_response *response)
{
	const struct share_acknowledge_request_topic *asked =
	    message->topics.items;
	const struct share_acknowledge_response_topic *topics =
	    response->responses.items;
	size_t at = 0;

	if (response->responses.count != message->topics.count)
		return fail(FAIL_PROTOCOL, "an answer to other receipts");
	for (int32_t i = 0; i < message->topics.count; i++) {
		const struct share_acknowledge_request_partition *part =
		    asked[i].partitions.items;
		const struct share_acknowledge_response_partition *result =
		    topics[i].partitions.items;
		const int32_t *lost;

		if (topics[i].partitions.count != 1)
			return fail(FAIL_PROTOCOL,
			    "an answer to other receipts");
		if (result->error_code != 0 &&
		    result->error_code != ERROR_INVALID_RECORD_STATE)
			return brokers_error(result->error_code,
			    result->error_message,
			    settling->chosen[at]->known->topic.name);
		lost = result->lost.items;
		for (int32_t k = 0; k < result->lost.count; k++) {
			if (lost[k] >= 0 && lost[k] <
			    part->acknowledgement_batches.count)
				settling->chosen[at + (size_t)lost[k]]->
				    settlement->lost = 1;
		}
		at += (size_t)part->acknowledgement_batches.count;
	}
	return 0;
}

static int
send_chosen(const struct settling *settling)
{
	const struct errand *first = settling->chosen[0];
	struct arena requested = arena_limited(SIZE_MAX);
	struct arena arena = arena_limited(RESPONSE_BYTES);
	struct share_acknowledge_request message;
	struct share_acknowledge_response response;
	const char *group = first->settlement->receipt.group;
	int failed;

	schema_preset(&share_acknowledge_request_schema, &message);
	message.group_id = slice_of(group);
	message.member_id = slice_of(CLIENT_ID);
	message.share_session_epoch = -1;
	message.is_renew_ack = first->settlement->outcome == OUTCOME_RENEW;
	fill_topics(settling, &requested, &message);
	failed = client_call(first->client, &api_share_acknowledge, &message,
	    &arena, &response, BROKERS_PATIENCE_MS);
	if (failed == 0 &&
	    response.error_code == ERROR_SHARE_SESSION_NOT_FOUND)
		failed = fail(FAIL_PROTOCOL, "%s: settles nothing by receipt; "
		    "mq-serve does", client_address(first->client));
	else if (failed == 0 && response.error_code != 0)
		failed = brokers_error(response.error_code,
		    response.error_message, group);
	if (failed == 0)
		failed = take_answer(settling, &message, &response);
	arena_release(&requested);
	arena_release(&arena);
	return failed;
}

static void
release(struct settling *settling)
{
	while (settling->known != NULL) {
		struct known *next = settling->known->next;

		remote_topic_release(&settling->known->topic);
		free(settling->known);
		settling->known = next;
	}
	free(settling->errands);
	free(settling->chosen);
}

int
remote_settle_receipts(struct brokers *brokers,
    struct receipt_settlement *settlements, size_t count)
{
	struct settling settling = {.brokers = brokers, .count = count};
	int failed = 0, lost = 0;

	settling.errands = memory_alloc((count + 1) *
	    sizeof(*settling.errands));
	settling.chosen = memory_alloc((count + 1) *
	    sizeof(*settling.chosen));
	for (size_t i = 0; failed == 0 && i < count; i++) {
		settling.errands[i].settlement = &settlements[i];
		settling.errands[i].order = i;
		failed = find_leader(&settling, &settling.errands[i]);
	}
	while (failed == 0 && choose(&settling))
		failed = send_chosen(&settling);
	for (size_t i = 0; i < count; i++)
		lost += settlements[i].lost;
	release(&settling);
	return failed < 0 ? failed : lost;
}
