/* DescribeConfigs, AlterConfigs, IncrementalAlterConfigs: settings of topics,
 * and of groups. */
#include "server/handlers.h"

#include "base/fail.h"
#include "server/configs.h"
#include "server/errand.h"
#include "server/group_configs.h"
#include "server/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
is_config_wanted(const struct list *keys, const char *name)
{
	const struct slice *names = keys->items;

	for (int32_t i = 0; i < keys->count; i++)
		if (slice_equal(names[i], slice_of(name)))
			return true;
	return keys->count <= 0;
}

void
config_set_fixed(struct describe_configs_response_config *config,
    const char *name, const char *value)
{
	config->name = slice_of(name);
	config->value = slice_of(value);
	config->read_only = true;
	config->is_default = true;
	config->config_source = CONFIGS_SOURCE_DEFAULT;
	config->config_type = CONFIGS_TYPE_STRING;
}

static int
type_of(const struct setting_key *key)
{
	switch (key->type) {
	case SETTING_BOOL:
		return CONFIGS_TYPE_BOOL;
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_MILLISECONDS:
		return CONFIGS_TYPE_LONG;
	default:
		return CONFIGS_TYPE_STRING;
	}
}

static void
set_value(struct request *request,
    struct describe_configs_response_config *config,
    const struct setting_key *key, const struct topic_settings *settings,
    const struct topic_settings *defaults)
{
	struct buf value = {0}, preset = {0};

	settings_format(settings, key, &value);
	settings_format(defaults, key, &preset);
	config->name = slice_of(key->name);
	config->value = request_copy(request, buf_text(&value));
	config->is_default = slice_equal(buf_slice(&value),
	    buf_slice(&preset));
	config->config_source = config->is_default ? CONFIGS_SOURCE_DEFAULT :
	    CONFIGS_SOURCE_TOPIC;
	config->config_type = (int8_t)type_of(key);
	config->documentation = slice_of(key->help);
	buf_release(&value);
	buf_release(&preset);
}

static void
describe_topic(struct request *request, const struct list *keys,
    const struct topic_settings *settings,
    struct describe_configs_response_result *answer)
{
	struct topic_settings defaults;
	struct describe_configs_response_config *configs;
	int32_t count = 0, room = 0;

	topic_settings_default(&defaults);
	while (topic_setting_keys[room].name != NULL)
		room++;
	configs = request_new_list(request,
	    &describe_configs_response_config_schema, &answer->configs,
	    room + 16);
	for (const struct setting_key *key = topic_setting_keys;
	    key->name != NULL; key++)
		if (strcmp(key->name, "partitions") != 0 &&
		    is_config_wanted(keys, key->name))
			set_value(request, &configs[count++], key, settings,
			    &defaults);
	for (const struct settings_fixed *fixed = settings_fixed;
	    fixed->name != NULL; fixed++) {
		if (is_config_wanted(keys, fixed->name))
			config_set_fixed(&configs[count++], fixed->name,
			    fixed->value);
	}
	answer->configs.count = count;
}

static void
describe_broker(struct request *request, struct storage *storage,
    struct describe_configs_response_result *answer)
{
	const struct spool_settings *settings =
	    spool_settings(storage_spool(storage));
	struct describe_configs_response_config *configs = request_new_list(
	    request, &describe_configs_response_config_schema,
	    &answer->configs, 2);
	char number[24];

	configs[0].name = slice_of("auto.create.topics.enable");
	configs[0].value = slice_of(settings->auto_create_topics ? "true" :
	    "false");
	configs[0].config_type = CONFIGS_TYPE_BOOL;
	configs[1].name = slice_of("num.partitions");
	snprintf(number, sizeof number, "%lld",
	    (long long)settings->topic.partitions);
	configs[1].value = request_copy(request, number);
	configs[1].config_type = CONFIGS_TYPE_LONG;
	for (int i = 0; i < 2; i++) {
		configs[i].read_only = true;
		configs[i].config_source = CONFIGS_SOURCE_BROKER;
	}
}

static enum error_code
group_code(int failed)
{
	switch (-failed) {
	case FAIL_CONFIG:
		return ERROR_INVALID_CONFIG;
	case FAIL_USAGE:
		return ERROR_INVALID_REQUEST;
	default:
		return request_error(failed);
	}
}

static void
describe(struct request *request, struct storage *storage,
    const struct describe_configs_request_resource *wanted,
    struct describe_configs_response_result *answer)
{
	struct topic *topic;
	int failed = 0;

	answer->resource_type = wanted->resource_type;
	answer->resource_name = wanted->resource_name;
	if (is_request_large(request)) {
		answer->error_code = ERROR_POLICY_VIOLATION;
	} else if (wanted->resource_type == CONFIGS_BROKER) {
		describe_broker(request, storage, answer);
	} else if (wanted->resource_type == CONFIGS_TOPIC) {
		failed = storage_topic(storage, wanted->resource_name, &topic);
		if (failed == 0)
			describe_topic(request, &wanted->configuration_keys,
			    topic_settings(topic), answer);
		answer->error_code = (int16_t)request_error(failed);
	} else if (wanted->resource_type == CONFIGS_GROUP) {
		failed = group_configs_describe(request, storage, wanted,
		    answer);
		answer->error_code = (int16_t)group_code(failed);
	} else {
		failed = fail(FAIL_USAGE, "resource type %d: topics (2), "
		    "brokers (4) and groups (32) have settings",
		    wanted->resource_type);
		answer->error_code = ERROR_INVALID_REQUEST;
	}
	if (failed < 0)
		answer->error_message = request_copy(request, fail_message());
}

/* One resource. */
static bool
step_describe(struct request *request, struct storage *storage)
{
	const struct describe_configs_request *message = request->message;
	struct describe_configs_response *answer = request->answer;
	const struct describe_configs_request_resource *resources =
	    message->resources.items;
	struct describe_configs_response_result *answers =
	    answer->results.items;
	int32_t i = request->steps[0]++;

	if (i >= message->resources.count)
		return false;
	describe(request, storage, &resources[i], &answers[i]);
	return true;
}

/* In the thread of the index, which has the settings of groups. */
void
handle_describe_configs(struct request *request)
{
	static const struct errand errand = {.step = step_describe};
	const struct describe_configs_request *message = request->message;
	struct describe_configs_response *answer = request->answer;

	request_new_list(request, &describe_configs_response_result_schema,
	    &answer->results, message->resources.count);
	errand_send(request, request->server->index, &errand);
}

/* A topic whose settings are being changed. */
struct change {
	struct topic *topic;
	struct topic_settings settings;
	enum error_code code;
};

static int
begin_change(struct storage *storage, int8_t type, struct slice name,
    struct change *change)
{
	int failed;

	change->code = ERROR_NONE;
	if (type != CONFIGS_TOPIC) {
		change->code = ERROR_INVALID_REQUEST;
		return fail(FAIL_USAGE, "resource type %d: only topics (2) "
		    "and groups (32) can be changed", type);
	}
	failed = storage_topic(storage, name, &change->topic);
	change->code = request_error(failed);
	if (failed == 0)
		change->settings = *topic_settings(change->topic);
	return failed;
}

static int
end_change(struct change *change, int failed, bool validate_only)
{
	if (failed == 0 && !validate_only)
		failed = topic_alter(change->topic, &change->settings);
	if (failed < 0 && change->code == ERROR_NONE)
		change->code = failed == -FAIL_CONFIG ? ERROR_INVALID_CONFIG :
		    request_error(failed);
	return failed;
}

/* AlterConfigs: all keys that are not named go back to their defaults. */
static void
forget_settings(struct topic_settings *settings)
{
	int64_t partitions = settings->partitions;

	topic_settings_default(settings);
	settings->partitions = partitions;
}

static int
change_one(struct change *change,
    const struct change_configs_request_config *config)
{
	struct topic_settings defaults;
	struct buf value = {0};
	char *name = NULL;
	int failed;

	switch (config->config_operation) {
	case CONFIGS_SET:
		return settings_apply(&change->settings, config->name,
		    config->value);
	case CONFIGS_DELETE:
		topic_settings_default(&defaults);
		name = slice_copy(config->name);
		failed = topic_settings_get(&defaults, name, &value);
		if (failed == 0)
			failed = settings_apply(&change->settings,
			    config->name, buf_slice(&value));
		free(name);
		buf_release(&value);
		return failed;
	default:
		return fail(FAIL_CONFIG, "%.*s: is not a list",
		    (int)config->name.size, (const char *)config->name.data);
	}
}

static int
change_topic(struct storage *storage,
    const struct change_configs_request_resource *wanted, bool is_whole,
    bool validate_only, enum error_code *code)
{
	const struct change_configs_request_config *configs =
	    wanted->configs.items;
	struct change change;
	int failed = begin_change(storage, wanted->resource_type,
	    wanted->resource_name, &change);

	if (failed == 0 && is_whole)
		forget_settings(&change.settings);
	for (int32_t i = 0; i < wanted->configs.count && failed == 0; i++)
		failed = change_one(&change, &configs[i]);
	failed = end_change(&change, failed, validate_only);
	*code = change.code;
	return failed;
}

static void
change(struct request *request, struct storage *storage,
    const struct change_configs_request_resource *wanted,
    struct change_configs_response_topic *answer)
{
	const struct change_configs_request *message = request->message;
	bool is_whole = request->api->key == API_ALTER_CONFIGS;
	bool is_group = wanted->resource_type == CONFIGS_GROUP;
	enum error_code code = ERROR_NONE;
	int failed = is_group ? group_configs_change(storage, wanted, is_whole,
	    message->validate_only) : change_topic(storage, wanted, is_whole,
	    message->validate_only, &code);

	if (is_group)
		code = group_code(failed);
	answer->resource_type = wanted->resource_type;
	answer->resource_name = wanted->resource_name;
	answer->error_code = (int16_t)code;
	if (failed < 0)
		answer->error_message = request_copy(request, fail_message());
}

/* One resource. */
static bool
step_change(struct request *request, struct storage *storage)
{
	const struct change_configs_request *message = request->message;
	struct change_configs_response *answer = request->answer;
	const struct change_configs_request_resource *resources =
	    message->resources.items;
	struct change_configs_response_topic *answers =
	    answer->responses.items;
	int32_t i = request->steps[0]++;

	if (i >= message->resources.count)
		return false;
	change(request, storage, &resources[i], &answers[i]);
	return true;
}

void
handle_change_configs(struct request *request)
{
	static const struct errand errand = {.step = step_change};
	const struct change_configs_request *message = request->message;
	struct change_configs_response *answer = request->answer;

	request_new_list(request, &change_configs_response_topic_schema,
	    &answer->responses, message->resources.count);
	errand_send(request, request->server->index, &errand);
}
