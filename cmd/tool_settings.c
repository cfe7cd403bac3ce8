/* Settings of topics that options name: -X KEY=VALUE. */
#include "tool_settings.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

static struct admin_setting
parse(const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL)
		tool_usage("-X '%s': KEY=VALUE is expected", text);
	return (struct admin_setting){
	    .key = {text, (size_t)(equals - text)},
	    .value = slice_of(equals + 1),
	};
}

void
tool_settings_apply(const struct option_list *list,
    struct topic_settings *settings)
{
	for (size_t i = 0; i < list->count; i++) {
		struct admin_setting setting = parse(list->items[i]);
		char *key = slice_copy(setting.key);

		tool_must(topic_settings_set(settings, key,
		    setting.value.data));
		free(key);
	}
}

struct admin_setting *
tool_settings_named(const struct option_list *list)
{
	struct admin_setting *settings = memory_alloc((list->count + 1) *
	    sizeof *settings);

	for (size_t i = 0; i < list->count; i++)
		settings[i] = parse(list->items[i]);
	return settings;
}
