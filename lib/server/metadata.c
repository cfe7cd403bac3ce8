/* Metadata: topics, partitions, and that we are their leader. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/metadata.h"
#include "server/errand.h"
#include "server/names.h"
#include "server/topic_room.h"

#include <string.h>

/* One node: it is leader, the only replica and in sync. */
static void
list_ourselves(struct request *request, struct list *list)
{
	int32_t *node = request_new_list(request, &schema_int32, list, 1);

	*node = SERVER_NODE_ID;
}

/* Partitions are opened by those who use them, as that may have to wait for the
 * disk, many times if there are many. */
static int
find_epoch(struct topic *topic, int number, int32_t *epoch)
{
	struct partition *partition;
	struct partition_state state;
	int failed;

	if (!is_topic_partition_open(topic, number))
		return partition_look_up_epoch(topic_directory(topic), number,
		    topic_id(topic), epoch);
	failed = topic_partition(topic, number, &partition);
	if (failed == 0)
		failed = partition_state(partition, &state);
	*epoch = failed < 0 ? -1 : state.epoch;
	return failed;
}

static void
describe_partition(struct request *request, struct topic *topic, int number,
    struct metadata_response_partition *answer)
{
	int failed = find_epoch(topic, number, &answer->leader_epoch);

	answer->partition_index = number;
	answer->leader_id = SERVER_NODE_ID;
	if (failed < 0)
		answer->error_code = (int16_t)request_error(failed);
	list_ourselves(request, &answer->replica_nodes);
	list_ourselves(request, &answer->isr_nodes);
}

static void
describe_topic(struct request *request, struct topic *topic,
    struct metadata_response_topic *answer)
{
	const struct metadata_request *message = request->message;
	struct metadata_response_partition *partitions;
	int count = topic_partition_count(topic);

	answer->name = request_copy(request, topic_name(topic));
	memcpy(answer->topic_id, topic_id(topic), 16);
	if (message->include_topic_authorized_operations)
		answer->topic_authorized_operations = OPERATIONS_TOPIC;
	partitions = request_new_list(request,
	    &metadata_response_partition_schema, &answer->partitions, count);
	for (int i = 0; i < count; i++)
		describe_partition(request, topic, i, &partitions[i]);
}

static bool
is_id_given(const unsigned char *id)
{
	static const unsigned char zero[16];

	return memcmp(id, zero, 16) != 0;
}

static int
find_or_make(struct request *request, struct storage *storage,
    struct slice name, struct topic **topic)
{
	const struct metadata_request *message = request->message;
	int failed = storage_topic(storage, name, topic);

	if (failed != -FAIL_MISSING || !message->allow_auto_topic_creation)
		return failed;
	failed = topic_room_take(request->server, storage);
	return failed < 0 ? failed :
	    storage_topic_or_create(storage, name, topic);
}

static void
find_topic(struct request *request, struct storage *storage,
    const struct metadata_request_topic *wanted,
    struct metadata_response_topic *answer)
{
	bool by_id = request->header.version >= 10 &&
	    wanted->name.data == NULL && is_id_given(wanted->topic_id);
	struct topic *topic;
	int failed;

	answer->name = wanted->name;
	memcpy(answer->topic_id, wanted->topic_id, 16);
	if (is_request_large(request))
		failed = -FAIL_AGAIN;
	else if (by_id)
		failed = storage_topic_by_id(storage, wanted->topic_id, &topic);
	else
		failed = find_or_make(request, storage, wanted->name, &topic);
	if (failed == 0)
		describe_topic(request, topic, answer);
	else if (by_id && failed == -FAIL_MISSING)
		answer->error_code = ERROR_UNKNOWN_TOPIC_ID;
	else
		answer->error_code = (int16_t)request_error(failed);
}

/* A request on its way: what is asked for, or all names. */
struct work {
	struct names seen;
	struct buf names; /* C strings, one after the other */
	size_t at;        /* of names */
	bool is_all;
	int32_t count;    /* of the answer's topics */
};

static int32_t
count_names(const struct buf *names)
{
	int32_t count = 0;

	for (size_t i = 0; i < names->size; i++)
		count += names->data[i] == 0;
	return count;
}

static struct work *
begin_work(struct request *request, struct storage *storage)
{
	const struct metadata_request *message = request->message;
	struct metadata_response *answer = request->answer;
	struct work *work;

	request->arena.limit = SIZE_MAX;
	work = arena_take(&request->arena, 1, sizeof *work);
	work->is_all = message->topics.count < 0 ||
	    (request->header.version == 0 && message->topics.count == 0);
	if (work->is_all)
		storage_list(storage, &work->names);
	else
		names_init(&work->seen, request, message->topics.count);
	request_new_list(request, &metadata_response_topic_schema,
	    &answer->topics, work->is_all ? count_names(&work->names) :
	    message->topics.count);
	request->state = work;
	return work;
}

/* A topic deleted meanwhile is left out. */
static bool
describe_next(struct request *request, struct storage *storage,
    struct work *work)
{
	struct metadata_response *answer = request->answer;
	struct metadata_response_topic *answers = answer->topics.items;
	const char *name;
	struct topic *topic;

	if (work->at >= work->names.size)
		return false;
	name = (const char *)work->names.data + work->at;
	work->at += strlen(name) + 1;
	if (storage_topic(storage, slice_of(name), &topic) != 0)
		return true;
	if (is_request_large(request)) {
		answers[work->count].name = request_copy(request, name);
		answers[work->count].error_code = ERROR_LEADER_NOT_AVAILABLE;
	} else {
		describe_topic(request, topic, &answers[work->count]);
	}
	work->count++;
	return true;
}

static bool
find_next(struct request *request, struct storage *storage, struct work *work)
{
	const struct metadata_request *message = request->message;
	struct metadata_response *answer = request->answer;
	const struct metadata_request_topic *topics = message->topics.items;
	struct metadata_response_topic *answers = answer->topics.items;
	int32_t i = request->steps[0]++;

	if (i >= message->topics.count)
		return false;
	if (topics[i].name.data == NULL ||
	    names_add(&work->seen, topics[i].name))
		find_topic(request, storage, &topics[i],
		    &answers[work->count++]);
	return true;
}

/* One topic. */
static bool
step_metadata(struct request *request, struct storage *storage)
{
	struct work *work = request->state;

	if (work == NULL)
		work = begin_work(request, storage);
	return work->is_all ? describe_next(request, storage, work) :
	    find_next(request, storage, work);
}

static void
end_metadata(struct request *request)
{
	const struct metadata_request *message = request->message;
	struct metadata_response *answer = request->answer;
	struct work *work = request->state;

	answer->topics.count = work->count;
	buf_release(&work->names);
	if (message->include_cluster_authorized_operations)
		answer->cluster_authorized_operations = OPERATIONS_CLUSTER;
}

/* To make a topic waits for the disk; to open those that are there reads. */
void
handle_metadata(struct request *request)
{
	static const struct errand errand = {.step = step_metadata,
	    .end = end_metadata};
	struct metadata_response *answer = request->answer;
	struct metadata_response_broker *broker = request_new_list(request,
	    &metadata_response_broker_schema, &answer->brokers, 1);

	broker->node_id = SERVER_NODE_ID;
	broker->host = request_server_host(request, &broker->port);
	answer->controller_id = SERVER_NODE_ID;
	answer->cluster_id = slice_of(request->server->cluster_id);
	errand_send(request, request->server->errands, &errand);
}

void
handle_describe_cluster(struct request *request)
{
	const struct describe_cluster_request *message = request->message;
	struct describe_cluster_response *answer = request->answer;
	struct describe_cluster_response_broker *broker = request_new_list(
	    request, &describe_cluster_response_broker_schema,
	    &answer->brokers, 1);

	if (message->include_cluster_authorized_operations)
		answer->cluster_authorized_operations = OPERATIONS_CLUSTER;
	broker->broker_id = SERVER_NODE_ID;
	broker->host = request_server_host(request, &broker->port);
	answer->controller_id = SERVER_NODE_ID;
	answer->cluster_id = slice_of(request->server->cluster_id);
	request_answer(request);
}

/* We coordinate every group. */
void
handle_find_coordinator(struct request *request)
{
	const struct find_coordinator_request *message = request->message;
	struct find_coordinator_response *answer = request->answer;
	const struct slice *keys = message->coordinator_keys.items;
	struct find_coordinator_response_coordinator *coordinators;

	answer->node_id = SERVER_NODE_ID;
	answer->host = request_server_host(request, &answer->port);
	coordinators = request_new_list(request,
	    &find_coordinator_response_coordinator_schema,
	    &answer->coordinators, message->coordinator_keys.count);
	for (int32_t i = 0; i < message->coordinator_keys.count; i++) {
		coordinators[i].key = keys[i];
		coordinators[i].node_id = SERVER_NODE_ID;
		coordinators[i].host = answer->host;
		coordinators[i].port = answer->port;
	}
	request_answer(request);
}
