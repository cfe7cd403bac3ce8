/* Acknowledgements by receipt: of leases that no session has. */
#include "server/share_receipts.h"

#include "server/share.h"

#include <stdio.h>
#include <string.h>

/* One after the other, as they stand in the request. */
struct walk {
	const struct share_acknowledge_request *message;
	const struct share_acknowledge_request_topic *topic;
	const struct share_acknowledge_request_partition *part;
	const struct share_acknowledge_request_acknowledgement *word;
	int32_t topic_at, part_at, word_at; /* of those at hand */
};

static void
start(struct walk *walk, const struct share_acknowledge_request *message)
{
	*walk = (struct walk){.message = message, .word_at = -1};
}

static bool
step(struct walk *walk)
{
	for (; walk->topic_at < walk->message->topics.count;
	    walk->topic_at++, walk->part_at = 0) {
		const struct share_acknowledge_request_topic *topics =
		    walk->message->topics.items;

		walk->topic = &topics[walk->topic_at];
		for (; walk->part_at < walk->topic->partitions.count;
		    walk->part_at++, walk->word_at = -1) {
			walk->part =
			    (const struct share_acknowledge_request_partition *)
			    walk->topic->partitions.items + walk->part_at;
			walk->word = (const void *)
			    walk->part->acknowledgement_batches.items;
			if (++walk->word_at >=
			    walk->part->acknowledgement_batches.count)
				continue;
			walk->word += walk->word_at;
			return true;
		}
	}
	return false;
}

bool
is_share_by_receipt(const struct share_acknowledge_request *message)
{
	struct walk walk;

	start(&walk, message);
	return step(&walk) && walk.word->details != NULL &&
	    walk.word->details->token != 0;
}

bool
is_share_receipts_good(const struct share_acknowledge_request *message)
{
	struct walk walk;
	size_t count = 0;

	start(&walk, message);
	while (step(&walk)) {
		const struct share_details *details = walk.word->details;
		const int8_t *types = walk.word->acknowledge_types.items;
		enum outcome outcome;

		if (details == NULL || details->token <= 0 ||
		    walk.part->partition_index < 0 ||
		    walk.word->first_offset < 0 ||
		    walk.word->last_offset < walk.word->first_offset ||
		    walk.word->last_offset == INT64_MAX ||
		    walk.word->acknowledge_types.count != 1 ||
		    shares_outcome(types[0], &outcome) < 0 ||
		    ++count > SERVER_LIST_MAX)
			return false;
	}
	return message->group_id.size > 0 && message->group_id.size <
	    sizeof(((struct receipt *)NULL)->group);
}

static int
take_receipt(struct request *request, struct storage *storage,
    const struct walk *walk, struct receipt_settlement *settlement)
{
	const struct share_acknowledge_request *message = request->message;
	const struct share_details *details = walk->word->details;
	struct receipt *receipt = &settlement->receipt;
	struct topic *topic;
	int failed = storage_topic_by_id(storage, walk->topic->topic_id,
	    &topic);

	if (failed < 0)
		return failed;
	memcpy(receipt->group, message->group_id.data, message->group_id.size);
	snprintf(receipt->topic, sizeof receipt->topic, "%s",
	    topic_name(topic));
	receipt->partition = walk->part->partition_index;
	receipt->first = walk->word->first_offset;
	receipt->last = walk->word->last_offset;
	receipt->token = (uint64_t)details->token;
	(void)shares_outcome(*(const int8_t *)
	    walk->word->acknowledge_types.items, &settlement->outcome);
	settlement->delay_ms = details->delay_ms < 0 ? -1 : details->delay_ms;
	settlement->lease_ms = details->lease_ms < 0 ? 0 : details->lease_ms;
	settlement->is_attempt = details->is_attempt;
	if (details->reason.data != NULL)
		settlement->reason = request_copy_bytes(request,
		    details->reason).data;
	return 0;
}

/* What became of all, and of those that are not answered yet. */
struct results {
	struct request *request;
	int failed;
	const struct receipt_settlement *next;
};

static void
answer_part(const unsigned char *id,
    const struct share_acknowledge_request_partition *part,
    struct share_acknowledge_response_partition *result, void *context)
{
	struct results *results = context;
	int32_t count = part->acknowledgement_batches.count;
	int32_t *lost = request_new_list(results->request, &schema_int32,
	    &result->lost, count);

	(void)id;
	result->lost.count = 0;
	for (int32_t i = 0; results->failed >= 0 && i < count; i++)
		if ((results->next++)->lost)
			lost[result->lost.count++] = i;
	if (results->failed < 0)
		result->error_code = (int16_t)request_error(results->failed);
	else if (result->lost.count > 0)
		result->error_code = ERROR_INVALID_RECORD_STATE;
}

void
share_settle_receipts(struct request *request, struct storage *storage)
{
	struct receipt_settlement *settlements;
	struct results results;
	struct buf list = {0};
	struct walk walk;
	size_t count = 0;
	int failed = 0;

	start(&walk, request->message);
	while (failed == 0 && step(&walk)) {
		settlements = buf_reserve(&list, sizeof *settlements);
		memset(settlements, 0, sizeof *settlements);
		failed = take_receipt(request, storage, &walk, settlements);
		list.size += sizeof *settlements;
		count++;
	}
	settlements = (struct receipt_settlement *)(void *)list.data;
	if (failed == 0 && count > 0)
		failed = group_settle_receipts(storage_spool(storage),
		    settlements, count, NULL);
	results = (struct results){request, failed, settlements};
	share_answer_parts(request, answer_part, &results);
	buf_release(&list);
}
