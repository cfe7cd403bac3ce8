/* Dead letters of a consumer group, sent to its brokers. */
#include "queue/supply_ordered_internal.h"

#include "base/fail.h"
#include "queue/admin.h"
#include "queue/sink_remote.h"
#include "spool/dead_letter.h"

#include <stdio.h>
#include <string.h>

enum {
	ROOM_BYTES = 64 * 1024, /* what the story may add to a message */
	PATIENCE_MS = 5000,     /* less than a session */
};

/* Letters in the making. */
struct burial {
	struct ordered_part *part;
	const struct grant *grant;
	const struct failure *failure;
	struct dead_source source;
	struct batch_builder builder;
	int64_t count;
	struct buf scratch;
	struct buf headers;
	struct buf batch;
};

/* With room for the largest message and its story. */
static int
create(struct brokers *brokers, const char *name,
    const struct topic_settings *settings)
{
	struct topic_settings defaults;
	struct admin_setting setting = {slice_of("max.message.bytes"),
	    {0}};
	int64_t bytes = settings->max_message_bytes + ROOM_BYTES;
	char text[32];
	int64_t partitions = 1;
	int failed;

	topic_settings_default(&defaults);
	if (bytes < defaults.max_message_bytes)
		bytes = defaults.max_message_bytes;
	if (bytes > BATCH_MAX_SIZE)
		bytes = BATCH_MAX_SIZE;
	snprintf(text, sizeof(text), "%lld", (long long)bytes);
	setting.value = slice_of(text);
	failed = admin_create(brokers, name, &partitions, &setting, 1, false);
	return failed == -FAIL_CREATE ? 0 : failed;
}

static int
find(struct brokers *brokers, const struct ordered_policy *policy,
    struct remote_topic *topic)
{
	int failed = brokers_find(brokers, policy->name, 0, topic);

	if (failed != -FAIL_MISSING)
		return failed;
	failed = create(brokers, policy->name, &policy->settings);
	return failed < 0 ? failed : brokers_find(brokers, policy->name,
	    BROKERS_CREATE, topic);
}

/* The topic's own id tells its letters from those of another of its name. */
static int
find_id(struct brokers *brokers, const char *name,
    struct ordered_policy *policy)
{
	struct remote_topic topic;
	int failed = brokers_find(brokers, name, BROKERS_ID, &topic);

	if (failed == 0)
		memcpy(policy->id, topic.id, sizeof(policy->id));
	remote_topic_release(&topic);
	return failed;
}

/* On connections of its own: a Fetch may be waiting on the others. */
static int
open_sink(struct supply_ordered *self, size_t at)
{
	static const struct sink_remote_options options = {-1, PATIENCE_MS};
	struct ordered_policy *policy = &self->policies[at];
	const char *name = policy->settings.dead_letter_topic;
	struct remote_topic topic = {0};
	struct brokers *brokers = NULL;
	char own[sizeof(policy->name)];
	int failed;

	snprintf(own, sizeof(own), "%s.dead", self->topics[at].name);
	if (name[0] == '\0')
		name = own;
	if (policy->dead != NULL && strcmp(name, policy->name) == 0)
		return 0;
	if (policy->dead != NULL)
		policy->dead->kind->close(policy->dead);
	policy->dead = NULL;
	snprintf(policy->name, sizeof(policy->name), "%s", name);
	failed = brokers_open(&brokers, brokers_addresses(self->brokers));
	if (failed == 0)
		failed = find_id(brokers, self->topics[at].name, policy);
	if (failed == 0)
		failed = find(brokers, policy, &topic);
	if (failed == 0)
		policy->dead = sink_remote_open(brokers, &topic, &options);
	else
		brokers_close(brokers);
	return failed;
}

static int
add_letters(struct burial *burial, const unsigned char *bytes, size_t size)
{
	struct batch_reader batch;
	struct record record;
	int result = batch_reader_open(&batch, bytes, size, &burial->scratch);

	while (result >= 0 &&
	    (result = batch_reader_next(&batch, &record)) == 1) {
		if (record.offset < burial->grant->first ||
		    record.offset > burial->grant->last)
			continue;
		dead_letter_append(&burial->builder, &record, &burial->source,
		    burial->failure, &burial->headers);
		burial->count++;
	}
	return result;
}

/* Messages that cannot be read have no letter: nobody could deliver them
 * either. */
static int
collect(struct burial *burial)
{
	struct slice bytes = cargo_bytes(&burial->part->cargo,
	    burial->grant->serial);
	const unsigned char *data = bytes.data;
	struct batch_header header;
	size_t at = 0;
	int result = 0;

	while (bytes.size - at >= BATCH_HEADER_SIZE && result >= 0 &&
	    batch_decode_header(data + at, bytes.size - at, &header) == 0 &&
	    batch_size(&header) <= bytes.size - at &&
	    header.base_offset <= burial->grant->last) {
		if (header.base_offset + header.last_offset_delta >=
		    burial->grant->first && is_batch_intact(data + at,
		    &header) && !(header.attributes & BATCH_CONTROL))
			result = add_letters(burial, data + at,
			    batch_size(&header));
		if (result == -FAIL_CORRUPT)
			result = 0;
		at += batch_size(&header);
	}
	return result;
}

static int
store(struct burial *burial, struct sink *sink)
{
	int failed = batch_builder_finish(&burial->builder, &burial->batch);

	if (failed < 0 || burial->count == 0)
		return failed;
	failed = sink->kind->append(sink, 0, burial->count, &burial->batch);
	return failed < 0 ? failed : sink->kind->wait(sink);
}

static void
note_delay(struct supply_ordered *self, struct ordered_policy *policy)
{
	snprintf(self->note, sizeof(self->note), "no dead letter yet: %s",
	    fail_message());
	self->has_note = true;
	if (policy->dead != NULL)
		policy->dead->kind->close(policy->dead);
	policy->dead = NULL;
}

int
supply_ordered_bury(struct supply_ordered *self, struct ordered_part *part,
    const struct grant *grant, const struct failure *failure)
{
	struct ordered_policy *policy = &self->policies[part->topic];
	struct burial burial = {
		.part = part,
		.grant = grant,
		.failure = failure,
	};
	int result = open_sink(self, part->topic);

	burial.source = (struct dead_source){self->supply.group,
	    self->topics[part->topic].name, policy->id, part->partition,
	    DEAD_GENERATION_NONE, grant->attempt};
	batch_builder_init(&burial.builder, CODEC_NONE);
	if (result == 0)
		result = collect(&burial);
	if (result >= 0)
		result = store(&burial, policy->dead);
	if (result < 0)
		note_delay(self, policy);
	else
		part->dead += burial.count;
	batch_builder_release(&burial.builder);
	buf_release(&burial.scratch);
	buf_release(&burial.headers);
	buf_release(&burial.batch);
	return result >= 0;
}

void
supply_ordered_close_letters(struct supply_ordered *self)
{
	for (size_t i = 0; i < self->topic_count; i++) {
		struct sink *sink = self->policies[i].dead;

		if (sink != NULL)
			sink->kind->close(sink);
	}
}
