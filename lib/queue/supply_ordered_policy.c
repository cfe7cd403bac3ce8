/* What a member of a consumer group does about failures: as its topics say. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"
#include "kafka/configs.h"

#include <limits.h>
#include <string.h>

enum { REFRESH_MS = 1000 };

static const char *const wanted[] = {"max.message.bytes", "mq.backoff",
	"mq.dlq", "mq.max-attempts"};
enum { WANTED = sizeof(wanted) / sizeof(*wanted) };

/* A value that means nothing to us is one of another kind of broker. */
static void
take_setting(struct topic_settings *settings,
    const struct describe_configs_response_config *config)
{
	struct buf value = {0};

	if (config->value.size == 0)
		return;
	buf_append_slice(&value, config->value);
	for (size_t i = 0; i < WANTED; i++) {
		if (slice_equal(config->name, slice_of(wanted[i])))
			(void)topic_settings_set(settings, wanted[i],
			    buf_text(&value));
	}
	buf_release(&value);
}

static bool
has_suffix(const char *name, const char *suffix)
{
	size_t size = strlen(name), end = strlen(suffix);

	return size > end && strcmp(name + size - end, suffix) == 0;
}

/* Of a topic that the broker says nothing of they stay as they were. */
static void
take_settings(struct supply_ordered *self,
    const struct describe_configs_response_result *said)
{
	const struct describe_configs_response_config *configs =
	    said->configs.items;

	for (size_t i = 0; i < self->topic_count; i++) {
		const char *name = self->topics[i].name;
		struct ordered_policy *policy = &self->policies[i];

		if (said->error_code != 0 ||
		    !slice_equal(said->resource_name, slice_of(name)))
			continue;
		topic_settings_default(&policy->settings);
		for (int32_t k = 0; k < said->configs.count; k++)
			take_setting(&policy->settings, &configs[k]);
		policy->is_dead_letters = has_suffix(name, ".dead") ||
		    strcmp(name, policy->settings.dead_letter_topic) == 0;
	}
}

static void
fill(const struct supply_ordered *self, struct arena *arena,
    struct describe_configs_request *message)
{
	struct describe_configs_request_resource *resources;

	schema_preset(&describe_configs_request_schema, message);
	resources = schema_new_list(&describe_configs_request_resource_schema,
	    arena, &message->resources, (int32_t)self->topic_count);
	for (size_t i = 0; i < self->topic_count; i++) {
		struct slice *keys = arena_take(arena, WANTED, sizeof(*keys));

		for (size_t k = 0; k < WANTED; k++)
			keys[k] = slice_of(wanted[k]);
		resources[i].resource_type = CONFIGS_TOPIC;
		resources[i].resource_name = slice_of(self->topics[i].name);
		resources[i].configuration_keys = (struct list){keys, WANTED};
	}
}

int
supply_ordered_read_settings(struct supply_ordered *self)
{
	struct arena arena = arena_limited(ORDERED_RESPONSE_BYTES);
	struct describe_configs_request message;
	struct describe_configs_response response;
	const struct describe_configs_response_result *results;
	int64_t now_ms = clock_boot_ms();
	int failed;

	if (self->settings_ms > 0 && now_ms - self->settings_ms < REFRESH_MS)
		return 0;
	fill(self, &arena, &message);
	failed = supply_ordered_call(self, &api_describe_configs, &message,
	    &arena, &response);
	results = failed == 0 ? response.results.items : NULL;
	for (int32_t i = 0; failed == 0 && i < response.results.count; i++)
		take_settings(self, &results[i]);
	if (failed == 0)
		self->settings_ms = now_ms;
	arena_release(&arena);
	return failed;
}

int64_t
supply_ordered_max_attempts(const struct supply_ordered *self, size_t topic)
{
	return self->options.max_attempts > 0 ? self->options.max_attempts :
	    self->policies[topic].settings.max_attempts;
}

/* Doubled with each attempt. */
int64_t
supply_ordered_backoff_ms(const struct supply_ordered *self, size_t topic,
    int attempt)
{
	const struct topic_settings *settings =
	    &self->policies[topic].settings;
	int64_t delay_ms = self->options.backoff_low_ms;
	int64_t high_ms = self->options.backoff_high_ms;

	if (delay_ms < 0)
		delay_ms = settings->backoff_low_ms;
	if (high_ms < 0)
		high_ms = settings->backoff_high_ms;
	while (--attempt > 0 && delay_ms > 0 && delay_ms < high_ms)
		delay_ms = delay_ms > INT64_MAX / 2 ? INT64_MAX : delay_ms * 2;
	return delay_ms < high_ms ? delay_ms : high_ms;
}

/* The first failure in a grant counts: what is behind it comes again. */
void
supply_ordered_note_failure(struct ordered_part *part, int64_t first,
    int64_t last, int attempt)
{
	if (first > part->redo)
		return;
	part->failed_first = first;
	part->failed_last = last;
	part->attempt = attempt;
	part->is_untold = true;
}

void
supply_ordered_cut(const struct supply_ordered *self,
    struct ordered_part *part, int64_t count, struct grant *grant)
{
	int64_t next = cargo_first(&part->cargo), left = INT64_MAX;
	int attempt = 1;

	if (next < part->failed_first) {
		left = part->failed_first - next;
	} else if (next <= part->failed_last) {
		left = part->failed_last - next + 1;
		attempt = part->attempt + 1;
	}
	if (attempt >= supply_ordered_max_attempts(self, part->topic) &&
	    !self->policies[part->topic].is_dead_letters)
		left = 1;
	(void)cargo_take(&part->cargo, count < left ? count : left, grant);
	grant->attempt = attempt;
}
