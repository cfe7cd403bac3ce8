/* CreateTopics, DeleteTopics, CreatePartitions. */
#include "server/handlers.h"

#include "base/fail.h"
#include "kafka/topics.h"
#include "server/errand.h"
#include "server/settings.h"
#include "server/topic_room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A code, and the message of the failure that it is for. */
static int
refuse(struct create_topics_response_topic *answer, struct request *request,
    enum error_code code)
{
	answer->error_code = (int16_t)code;
	answer->error_message = request_copy(request, fail_message());
	return -FAIL_DATA;
}

/* As many as topic.yaml may say. */
static int
set_partitions(struct topic_settings *settings, int32_t count)
{
	char number[16];

	snprintf(number, sizeof number, "%d", count);
	return topic_settings_set(settings, "partitions", number);
}

/* How many partitions, and that one node can hold them. */
static int
take_counts(struct request *request,
    const struct create_topics_request_topic *wanted,
    struct create_topics_response_topic *answer,
    struct topic_settings *settings)
{
	bool is_assigned = wanted->assignments.count > 0;
	int32_t count = is_assigned ? wanted->assignments.count :
	    wanted->num_partitions;

	if (is_assigned && (wanted->num_partitions != -1 ||
	    wanted->replication_factor != -1)) {
		fail(FAIL_USAGE, "counts and assignments exclude each other");
		return refuse(answer, request, ERROR_INVALID_REQUEST);
	}
	if (wanted->replication_factor != -1 &&
	    wanted->replication_factor != 1) {
		fail(FAIL_USAGE, "replication factor %d: this is one node",
		    wanted->replication_factor);
		return refuse(answer, request,
		    ERROR_INVALID_REPLICATION_FACTOR);
	}
	if (count != -1 && set_partitions(settings, count) < 0)
		return refuse(answer, request, ERROR_INVALID_PARTITIONS);
	return 0;
}

static int
take_configs(struct request *request, const struct list *configs,
    struct create_topics_response_topic *answer,
    struct topic_settings *settings)
{
	const struct create_topics_request_config *items = configs->items;

	for (int32_t i = 0; i < configs->count; i++)
		if (settings_apply(settings, items[i].name, items[i].value) <
		    0)
			return refuse(answer, request, ERROR_INVALID_CONFIG);
	return 0;
}

static void
create(struct request *request, struct storage *storage,
    const struct create_topics_request_topic *wanted,
    struct create_topics_response_topic *answer)
{
	const struct create_topics_request *message = request->message;
	struct topic_settings settings =
	    spool_settings(storage_spool(storage))->topic;
	struct topic *topic;
	char *name = slice_copy(wanted->name);
	int failed = take_counts(request, wanted, answer, &settings);

	if (failed == 0)
		failed = take_configs(request, &wanted->configs, answer,
		    &settings);
	if (failed == 0 && message->validate_only) {
		failed = storage_topic(storage, wanted->name, &topic);
		if (failed == 0) {
			fail(FAIL_CREATE, "topic %s: is there already", name);
			refuse(answer, request, ERROR_TOPIC_ALREADY_EXISTS);
		} else if (failed != -FAIL_MISSING) {
			refuse(answer, request, request_error(failed));
		}
	} else if (failed == 0) {
		failed = topic_room_take(request->server, storage);
		if (failed == 0)
			failed = topic_create(storage_spool(storage), name,
			    &settings);
		if (failed == -FAIL_PERMISSION)
			refuse(answer, request, ERROR_POLICY_VIOLATION);
		else if (failed < 0)
			refuse(answer, request, request_error(failed));
	}
	if (answer->error_code == 0) {
		storage_topic_id(storage, answer->name, answer->topic_id);
		answer->num_partitions = (int32_t)settings.partitions;
		answer->replication_factor = 1;
	}
	free(name);
}

static bool
is_named_twice(const struct create_topics_request_topic *topics, int32_t count,
    int32_t which)
{
	for (int32_t i = 0; i < count; i++)
		if (i != which && slice_equal(topics[i].name,
		    topics[which].name))
			return true;
	return false;
}

/* One topic. */
static bool
step_create(struct request *request, struct storage *storage)
{
	const struct create_topics_request *message = request->message;
	struct create_topics_response *answer = request->answer;
	const struct create_topics_request_topic *topics =
	    message->topics.items;
	struct create_topics_response_topic *answers = answer->topics.items;
	int32_t i = request->steps[0]++;

	if (i >= message->topics.count)
		return false;
	answers[i].name = topics[i].name;
	if (is_named_twice(topics, message->topics.count, i)) {
		fail(FAIL_USAGE, "the topic is named twice");
		refuse(&answers[i], request, ERROR_INVALID_REQUEST);
	} else {
		create(request, storage, &topics[i], &answers[i]);
	}
	return true;
}

void
handle_create_topics(struct request *request)
{
	static const struct errand errand = {.step = step_create};
	const struct create_topics_request *message = request->message;
	struct create_topics_response *answer = request->answer;

	if (message->topics.count > SERVER_LIST_MAX) {
		request_refuse(request, "CreateTopics of too many topics");
		return;
	}
	request_new_list(request, &create_topics_response_topic_schema,
	    &answer->topics, message->topics.count);
	errand_send(request, request->server->errands, &errand);
}

static void
delete_one(struct request *request, struct storage *storage,
    const struct delete_topics_request_topic *wanted,
    struct delete_topics_response_topic *answer)
{
	bool by_id = wanted->name.data == NULL;
	struct topic *topic;
	char *name;
	int failed = by_id ?
	    storage_topic_by_id(storage, wanted->topic_id, &topic) :
	    storage_topic(storage, wanted->name, &topic);

	memcpy(answer->topic_id, wanted->topic_id, 16);
	answer->name = wanted->name;
	if (failed == 0) {
		memcpy(answer->topic_id, topic_id(topic), 16);
		answer->name = request_copy(request, topic_name(topic));
		name = slice_copy(answer->name);
		failed = topic_delete(storage_spool(storage), name);
		free(name);
	}
	if (failed == 0)
		return;
	answer->error_code = by_id && failed == -FAIL_MISSING ?
	    ERROR_UNKNOWN_TOPIC_ID : (int16_t)request_error(failed);
	answer->error_message = request_copy(request, fail_message());
}

/* One topic. */
static bool
step_delete(struct request *request, struct storage *storage)
{
	const struct delete_topics_request *message = request->message;
	struct delete_topics_response *answer = request->answer;
	bool is_old = request->header.version < 6;
	const struct delete_topics_request_topic *topics =
	    message->topics.items;
	const struct slice *names = message->topic_names.items;
	struct delete_topics_request_topic named = {{0}, {0}};
	struct delete_topics_response_topic *answers = answer->responses.items;
	int32_t i = request->steps[0]++;

	if (i >= answer->responses.count)
		return false;
	if (is_old)
		named.name = names[i];
	delete_one(request, storage, is_old ? &named : &topics[i], &answers[i]);
	return true;
}

void
handle_delete_topics(struct request *request)
{
	static const struct errand errand = {.step = step_delete};
	const struct delete_topics_request *message = request->message;
	struct delete_topics_response *answer = request->answer;

	request_new_list(request, &delete_topics_response_topic_schema,
	    &answer->responses, request->header.version < 6 ?
	    message->topic_names.count : message->topics.count);
	errand_send(request, request->server->errands, &errand);
}

static void
grow(struct request *request, struct storage *storage,
    const struct create_partitions_request_topic *wanted,
    struct create_partitions_response_result *answer)
{
	const struct create_partitions_request *message = request->message;
	struct topic_settings settings;
	struct topic *topic;
	int failed = storage_topic(storage, wanted->name, &topic);

	answer->error_code = (int16_t)request_error(failed);
	if (failed == 0) {
		settings = *topic_settings(topic);
		if (wanted->count <= settings.partitions)
			failed = fail(FAIL_CONFIG, "topic %s: has %lld "
			    "partitions, and %d is not more",
			    topic_name(topic), (long long)settings.partitions,
			    wanted->count);
		else
			failed = set_partitions(&settings, wanted->count);
		if (failed < 0)
			answer->error_code = ERROR_INVALID_PARTITIONS;
	}
	if (failed == 0 && !message->validate_only) {
		failed = topic_alter(topic, &settings);
		answer->error_code = (int16_t)request_error(failed);
	}
	if (failed < 0)
		answer->error_message = request_copy(request, fail_message());
}

/* One topic. */
static bool
step_grow(struct request *request, struct storage *storage)
{
	const struct create_partitions_request *message = request->message;
	struct create_partitions_response *answer = request->answer;
	const struct create_partitions_request_topic *topics =
	    message->topics.items;
	struct create_partitions_response_result *answers =
	    answer->results.items;
	int32_t i = request->steps[0]++;

	if (i >= message->topics.count)
		return false;
	answers[i].name = topics[i].name;
	grow(request, storage, &topics[i], &answers[i]);
	return true;
}

void
handle_create_partitions(struct request *request)
{
	static const struct errand errand = {.step = step_grow};
	const struct create_partitions_request *message = request->message;
	struct create_partitions_response *answer = request->answer;

	request_new_list(request, &create_partitions_response_result_schema,
	    &answer->results, message->topics.count);
	errand_send(request, request->server->errands, &errand);
}
