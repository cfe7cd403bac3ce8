/* Produce: batches from the socket to the log, as they are. */
#include "server/handlers.h"

#include "server/append.h"
#include "server/parked.h"
#include "server/syncs.h"

#include <stdlib.h>

/* A request until the last of its parts is done. */
struct produce {
	struct request *request;
	struct append *appends;
	int32_t count;
	int32_t left;
};

static void
end_produce(struct produce *produce)
{
	struct request *request = produce->request;

	free(produce->appends);
	free(produce);
	request_answer(request);
}

static void
end_append(struct append *append)
{
	struct produce *produce = append->request->state;

	if (append->sync_ms >= 0)
		syncs_add(append->request->server->syncs, append->topic,
		    append->topic_id, append->answer->index, append->sync_ms);
	if (--produce->left == 0)
		end_produce(produce);
}

static void
on_appended(struct task *task)
{
	struct append *append = (struct append *)task;

	if (append->end >= 0)
		parking_look(append->request->server->parking,
		    append->topic_id);
	end_append(append);
}

static void
begin_all(struct produce *produce)
{
	for (int32_t i = 0, count = produce->count; i < count; i++) {
		struct append *append = &produce->appends[i];

		if (append_start(append))
			end_append(append);
	}
}

static int32_t
count_partitions(const struct produce_request *message)
{
	const struct produce_request_topic *topics = message->topic_data.items;
	int32_t count = 0;

	for (int32_t i = 0; i < message->topic_data.count; i++)
		count += topics[i].partition_data.count;
	return count;
}

/* The answer has the shape of the request; each of its partitions an append. */
static void
lay_out_topic(struct produce *produce, const struct produce_request_topic *topic,
    struct produce_response_topic *answer)
{
	const struct produce_request_partition *partitions =
	    topic->partition_data.items;
	struct produce_response_partition *answers = request_new_list(
	    produce->request, &produce_response_partition_schema,
	    &answer->partition_responses, topic->partition_data.count);

	answer->name = topic->name;
	for (int32_t i = 0; i < topic->partition_data.count; i++) {
		struct append *append = &produce->appends[produce->count++];

		answers[i].index = partitions[i].index;
		answers[i].base_offset = -1;
		append->task.done = on_appended;
		append->request = produce->request;
		append->topic = topic->name;
		append->bytes = partitions[i].records.bytes;
		append->answer = &answers[i];
	}
}

static void
refuse(struct produce *produce, enum error_code code)
{
	for (int32_t i = 0; i < produce->count; i++)
		produce->appends[i].answer->error_code = (int16_t)code;
	end_produce(produce);
}

void
handle_produce(struct request *request)
{
	const struct produce_request *message = request->message;
	struct produce_response *answer = request->answer;
	const struct produce_request_topic *topics = message->topic_data.items;
	struct produce *produce = memory_alloc(sizeof *produce);
	struct produce_response_topic *answers = request_new_list(request,
	    &produce_response_topic_schema, &answer->responses,
	    message->topic_data.count);

	produce->request = request;
	request->state = produce;
	produce->appends = memory_alloc(
	    ((size_t)count_partitions(message) + 1) * sizeof(struct append));
	for (int32_t i = 0; i < message->topic_data.count; i++)
		lay_out_topic(produce, &topics[i], &answers[i]);
	request->is_silent = message->acks == 0;
	produce->left = produce->count;
	if (message->acks < -1 || message->acks > 1)
		refuse(produce, ERROR_INVALID_REQUIRED_ACKS);
	else if (message->transactional_id.data != NULL)
		refuse(produce, ERROR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
	else if (produce->count == 0)
		end_produce(produce);
	else
		begin_all(produce);
}
