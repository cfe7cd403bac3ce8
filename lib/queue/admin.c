/* Requests to the broker that changes topics. */
#include "queue/admin.h"

#include "base/fail.h"
#include "kafka/configs.h"
#include "kafka/topics.h"

#include <stdlib.h>
#include <string.h>

enum { RESPONSE_BYTES = 64 * 1024 * 1024 /* decoded */ };

/* A call about one topic, or one group. */
struct call {
	struct brokers *brokers;
	const char *name;
	struct arena arena; /* of the response */
	int failed;
};

/* Asks the controller. The one answer; NULL if it failed. */
static const void *
ask(struct call *call, const struct api *api, const void *message,
    void *response, const struct list *answers)
{
	struct client *client;
	int failed = brokers_controller(call->brokers, &client);

	if (failed == 0)
		failed = client_call(client, api, message, &call->arena,
		    response, BROKERS_PATIENCE_MS);
	if (failed == 0 && answers->count != 1)
		failed = fail(FAIL_PROTOCOL, "%s: no answer", call->name);
	call->failed = failed;
	return failed == 0 ? answers->items : NULL;
}

static void
judge(struct call *call, int code, struct slice words)
{
	if (code != 0)
		call->failed = brokers_error(code, words, call->name);
}

static int
end(struct call *call)
{
	arena_release(&call->arena);
	return call->failed;
}

static int
compare_topics(const void *a, const void *b)
{
	const struct metadata_response_topic *left = a, *right = b;

	return slice_compare(left->name, right->name);
}

/* Each name with a NUL behind it. */
static void
sort_names(const struct metadata_response *response, struct buf *names)
{
	struct metadata_response_topic *topics = response->topics.items;

	if (response->topics.count > 0)
		qsort(topics, (size_t)response->topics.count, sizeof *topics,
		    compare_topics);
	for (int32_t i = 0; i < response->topics.count; i++) {
		if (topics[i].is_internal || topics[i].error_code != 0)
			continue;
		buf_append_slice(names, topics[i].name);
		buf_append_byte(names, 0);
	}
}

int
admin_list(struct brokers *brokers,
    int (*each)(const char *name, void *data), void *data)
{
	struct arena arena = arena_limited(RESPONSE_BYTES);
	struct metadata_request message;
	struct metadata_response response;
	struct buf names = {0};
	struct client *client;
	const char *name;
	int failed = brokers_any(brokers, &client);

	schema_preset(&metadata_request_schema, &message);
	message.topics.count = -1;
	message.allow_auto_topic_creation = false;
	if (failed == 0)
		failed = client_call(client, &api_metadata, &message, &arena,
		    &response, BROKERS_PATIENCE_MS);
	if (failed == 0)
		sort_names(&response, &names);
	/* What each asks the brokers takes the place of the response. */
	for (size_t at = 0; failed >= 0 && at < names.size;
	    at += strlen(name) + 1) {
		name = (const char *)names.data + at;
		failed = each(name, data);
	}
	buf_release(&names);
	arena_release(&arena);
	return failed < 0 ? failed : 0;
}

int
admin_create(struct brokers *brokers, const char *name,
    int64_t *partitions, const struct admin_setting *settings, size_t count,
    bool is_dry_run)
{
	struct call call = {brokers, name, arena_limited(RESPONSE_BYTES), 0};
	struct create_topics_request message;
	struct create_topics_request_topic topic;
	struct create_topics_request_config *configs;
	struct create_topics_response response;
	const struct create_topics_response_topic *answer;

	schema_preset(&create_topics_request_schema, &message);
	schema_preset(&create_topics_request_topic_schema, &topic);
	message.topics = (struct list){&topic, 1};
	message.timeout_ms = BROKERS_PATIENCE_MS;
	message.validate_only = is_dry_run;
	topic.name = slice_of(name);
	topic.num_partitions = (int32_t)*partitions;
	topic.replication_factor = -1;
	configs = schema_new_list(&create_topics_request_config_schema,
	    &call.arena, &topic.configs, (int32_t)count);
	for (size_t i = 0; i < count; i++) {
		configs[i].name = settings[i].key;
		configs[i].value = settings[i].value;
	}
	answer = ask(&call, &api_create_topics, &message, &response,
	    &response.topics);
	if (answer != NULL) {
		judge(&call, answer->error_code, answer->error_message);
		if (answer->num_partitions > 0)
			*partitions = answer->num_partitions;
	}
	return end(&call);
}

/* What is described, and to whom it is told. */
struct description {
	int8_t type;
	bool skips_defaults;
	int (*each)(struct slice key, struct slice value, void *data);
	void *data;
};

static void
tell_settings(struct call *call, const struct description *description,
    const struct describe_configs_response_result *answer)
{
	const struct describe_configs_response_config *configs =
	    answer->configs.items;

	for (int32_t i = 0; call->failed == 0 && i < answer->configs.count;
	    i++) {
		if (!description->skips_defaults || (!configs[i].is_default &&
		    configs[i].config_source == CONFIGS_SOURCE_GROUP))
			call->failed = description->each(configs[i].name,
			    configs[i].value, description->data);
	}
}

static int
describe(struct brokers *brokers, const char *name,
    const struct description *description)
{
	struct call call = {brokers, name, arena_limited(RESPONSE_BYTES), 0};
	struct describe_configs_request message;
	struct describe_configs_request_resource resource;
	struct describe_configs_response response;
	const struct describe_configs_response_result *answer;

	schema_preset(&describe_configs_request_schema, &message);
	schema_preset(&describe_configs_request_resource_schema, &resource);
	message.resources = (struct list){&resource, 1};
	resource.resource_type = description->type;
	resource.resource_name = slice_of(name);
	resource.configuration_keys.count = -1;
	answer = ask(&call, &api_describe_configs, &message, &response,
	    &response.results);
	if (answer != NULL && description->type == CONFIGS_TOPIC)
		judge(&call, answer->error_code, answer->error_message);
	if (call.failed == 0 && answer->error_code == 0)
		tell_settings(&call, description, answer);
	return end(&call);
}

int
admin_describe(struct brokers *brokers, const char *name,
    int (*each)(struct slice key, struct slice value, void *data), void *data)
{
	const struct description topic = {CONFIGS_TOPIC, false, each, data};

	return describe(brokers, name, &topic);
}

int
admin_describe_group(struct brokers *brokers, const char *name,
    int (*each)(struct slice key, struct slice value, void *data), void *data)
{
	const struct description group = {CONFIGS_GROUP, true, each, data};

	return describe(brokers, name, &group);
}

/* What is altered: of a group, where no value means to delete it. */
struct alteration {
	int8_t type;
	const struct admin_setting *settings;
	size_t count;
	bool is_dry_run;
};

static int
alter(struct brokers *brokers, const char *name,
    const struct alteration *alteration)
{
	struct call call = {brokers, name, arena_limited(RESPONSE_BYTES), 0};
	const struct admin_setting *settings = alteration->settings;
	struct change_configs_request message;
	struct change_configs_request_resource resource;
	struct change_configs_request_config *configs;
	struct change_configs_response response;
	const struct change_configs_response_topic *answer;

	schema_preset(&change_configs_request_schema, &message);
	schema_preset(&change_configs_request_resource_schema, &resource);
	message.resources = (struct list){&resource, 1};
	message.validate_only = alteration->is_dry_run;
	resource.resource_type = alteration->type;
	resource.resource_name = slice_of(name);
	configs = schema_new_list(&change_configs_request_config_schema,
	    &call.arena, &resource.configs, (int32_t)alteration->count);
	for (size_t i = 0; i < alteration->count; i++) {
		configs[i].name = settings[i].key;
		configs[i].config_operation = CONFIGS_SET;
		configs[i].value = settings[i].value;
		if (alteration->type != CONFIGS_GROUP ||
		    settings[i].value.size > 0)
			continue;
		configs[i].config_operation = CONFIGS_DELETE;
		configs[i].value = (struct slice){0};
	}
	answer = ask(&call, &api_change_configs, &message, &response,
	    &response.responses);
	if (answer != NULL)
		judge(&call, answer->error_code, answer->error_message);
	return end(&call);
}

int
admin_alter(struct brokers *brokers, const char *name,
    const struct admin_setting *settings, size_t count, bool is_dry_run)
{
	return alter(brokers, name, &(struct alteration){CONFIGS_TOPIC,
	    settings, count, is_dry_run});
}

int
admin_alter_group(struct brokers *brokers, const char *name,
    const struct admin_setting *settings, size_t count, bool is_dry_run)
{
	return alter(brokers, name, &(struct alteration){CONFIGS_GROUP,
	    settings, count, is_dry_run});
}

int
admin_extend(struct brokers *brokers, const char *name,
    int64_t partitions, bool is_dry_run)
{
	struct call call = {brokers, name, arena_limited(RESPONSE_BYTES), 0};
	struct create_partitions_request message;
	struct create_partitions_request_topic topic;
	struct create_partitions_response response;
	const struct create_partitions_response_result *answer;

	schema_preset(&create_partitions_request_schema, &message);
	schema_preset(&create_partitions_request_topic_schema, &topic);
	message.topics = (struct list){&topic, 1};
	message.timeout_ms = BROKERS_PATIENCE_MS;
	message.validate_only = is_dry_run;
	topic.name = slice_of(name);
	topic.count = (int32_t)partitions;
	topic.assignments.count = -1;
	answer = ask(&call, &api_create_partitions, &message, &response,
	    &response.results);
	if (answer != NULL)
		judge(&call, answer->error_code, answer->error_message);
	return end(&call);
}

int
admin_delete(struct brokers *brokers, const char *name)
{
	struct call call = {brokers, name, arena_limited(RESPONSE_BYTES), 0};
	struct delete_topics_request message;
	struct delete_topics_request_topic topic;
	struct delete_topics_response response;
	const struct delete_topics_response_topic *answer;
	struct slice old_name = slice_of(name);

	schema_preset(&delete_topics_request_schema, &message);
	schema_preset(&delete_topics_request_topic_schema, &topic);
	topic.name = slice_of(name);
	message.topics = (struct list){&topic, 1};
	message.topic_names = (struct list){&old_name, 1};
	message.timeout_ms = BROKERS_PATIENCE_MS;
	answer = ask(&call, &api_delete_topics, &message, &response,
	    &response.responses);
	if (answer != NULL)
		judge(&call, answer->error_code, answer->error_message);
	return end(&call);
}
