/* Joining a consumer group of brokers, and letting go of it. */
#include "queue/supply_ordered_internal.h"

#include "base/clock.h"
#include "base/fail.h"

#include <stdlib.h>

void
supply_ordered_release(struct supply_ordered *self)
{
	supply_ordered_drop_parts(self);
	supply_ordered_close_letters(self);
	for (size_t i = 0; i < self->topic_count; i++)
		remote_topic_release(&self->topics[i]);
	free(self->topics);
	free(self->policies);
	client_close(self->coordinator);
	brokers_close(self->brokers);
	buf_release(&self->links);
	free(self);
}

static int
find_topics(struct supply_ordered *self, char *const *names, size_t count)
{
	int failed = 0;

	self->topics = memory_alloc(count * sizeof(*self->topics));
	self->policies = memory_alloc(count * sizeof(*self->policies));
	self->looked_ms = clock_boot_ms();
	for (size_t i = 0; failed == 0 && i < count; i++) {
		topic_settings_default(&self->policies[i].settings);
		self->topic_count++;
		failed = brokers_find(self->brokers, names[i], 0,
		    &self->topics[i]);
	}
	return failed;
}

/* A coordinator that has only just started is asked again. */
static int
join(struct supply_ordered *self)
{
	int failed = supply_ordered_tend(self);

	return failed == -FAIL_AGAIN || failed == -FAIL_UNAVAILABLE ?
	    supply_ordered_keep(self, failed) : failed;
}

int
supply_ordered_open(struct supply **supply, struct brokers *brokers,
    const char *group, char *const *names, size_t count,
    const struct supply_ordered_options *options)
{
	struct supply_ordered *self = memory_alloc(sizeof(*self));
	int failed;

	self->supply.kind = &supply_ordered_kind;
	self->supply.group = group;
	self->options = *options;
	self->brokers = brokers;
	failed = find_topics(self, names, count);
	if (failed == 0)
		failed = join(self);
	if (failed < 0)
		supply_ordered_release(self);
	else
		*supply = &self->supply;
	return failed;
}
