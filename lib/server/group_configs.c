/* DescribeConfigs and its kin: settings of groups. */
#include "server/group_configs.h"

#include "base/fail.h"
#include "server/configs.h"

#include <stdlib.h>
#include <string.h>

static int
check_group(struct slice name, char **group)
{
	int failed;

	*group = slice_copy(name);
	failed = check_name(*group, "group");
	return failed < 0 || memchr(name.data, 0, name.size) == NULL ? failed :
	    fail(FAIL_USAGE, "group: a name with a NUL byte");
}

static void
fill(struct request *request, const struct group_settings *settings,
    const char *key, struct describe_configs_response_config *config)
{
	struct buf value = {0};

	group_settings_format(settings, key, &value);
	config->name = slice_of(key);
	config->value = request_copy(request, buf_text(&value));
	config->is_default = is_group_setting_default(settings, key);
	config->config_source = config->is_default ? CONFIGS_SOURCE_DEFAULT :
	    CONFIGS_SOURCE_GROUP;
	config->config_type = is_group_setting_number(key) ?
	    CONFIGS_TYPE_INT : CONFIGS_TYPE_STRING;
	buf_release(&value);
}

int
group_configs_describe(struct request *request, struct storage *storage,
    const struct describe_configs_request_resource *wanted,
    struct describe_configs_response_result *answer)
{
	const struct list *keys = &wanted->configuration_keys;
	struct group_settings settings;
	struct describe_configs_response_config *configs;
	int32_t count = 0;
	char *group;
	int failed = check_group(wanted->resource_name, &group);

	if (failed == 0)
		failed = group_settings_get(storage_spool(storage), group,
		    &settings);
	free(group);
	if (failed < 0)
		return failed;
	configs = request_new_list(request,
	    &describe_configs_response_config_schema, &answer->configs, 16);
	for (const char *const *key = group_setting_keys; *key != NULL; key++)
		if (is_config_wanted(keys, *key))
			fill(request, &settings, *key, &configs[count++]);
	for (const struct group_fixed *fixed = group_settings_fixed;
	    fixed->name != NULL; fixed++)
		if (is_config_wanted(keys, fixed->name))
			config_set_fixed(&configs[count++], fixed->name,
			    fixed->value);
	answer->configs.count = count;
	return 0;
}

static int
change_one(struct group_settings *settings,
    const struct change_configs_request_config *config)
{
	char *key = slice_copy(config->name), *value = NULL;
	int failed;

	if (config->config_operation == CONFIGS_SET)
		value = slice_copy(config->value);
	failed = config->config_operation > CONFIGS_DELETE ?
	    fail(FAIL_CONFIG, "%s: is not a list", key) :
	    group_settings_apply(settings, key, value);
	free(key);
	free(value);
	return failed;
}

int
group_configs_change(struct storage *storage,
    const struct change_configs_request_resource *wanted, bool is_whole,
    bool validate_only)
{
	const struct change_configs_request_config *configs =
	    wanted->configs.items;
	struct spool *spool = storage_spool(storage);
	struct group_settings settings = GROUP_SETTINGS_NONE;
	char *group;
	int failed = check_group(wanted->resource_name, &group);

	if (failed == 0 && !is_whole)
		failed = group_settings_get(spool, group, &settings);
	for (int32_t i = 0; i < wanted->configs.count && failed == 0; i++)
		failed = change_one(&settings, &configs[i]);
	if (failed == 0)
		failed = group_settings_check(&settings);
	if (failed == 0 && !validate_only)
		failed = group_settings_set(spool, group, &settings);
	free(group);
	return failed;
}
