/* Consuming a group to an output: lease, write, settle. */
#include "queue/consume.h"
#include "base/clock.h"
#include "base/fail.h"
#include "queue/delivery.h"

#include <stdio.h>

enum { LEASE_MESSAGES = 1000 };

static struct want
want_of(const struct delivery *self)
{
	const struct consumer_options *options = self->options;
	struct want want = {options->batch, options->partition};
	int64_t left = options->count - self->result->delivered;

	if (want.count == 0)
		want.count = LEASE_MESSAGES;
	if (want.count > left)
		want.count = left;
	return want;
}

/* Settles what is done and takes the next lease, waiting as the options say.
 * 1, or 0 when there is none. */
static int
acquire(struct delivery *self, int64_t started_ms)
{
	struct supply *supply = self->options->supply;
	struct want want = want_of(self);

	while (*self->options->stop == 0 && want.count > 0) {
		int64_t wake_ms, until_ms;
		int result;

		consumer_tell_status(self->options, self->result, 0);
		result = hand_exchange(&self->hand, &want, &self->grant,
		    &wake_ms);
		if (result < 0)
			return result;
		if (!is_grant_empty(&self->grant))
			return 1;
		until_ms = consumer_wait_until(self->options, started_ms,
		    self->result->delivered > 0, wake_ms);
		if (until_ms == 0)
			return 0;
		result = supply->kind->sleep(supply, until_ms);
		if (result < 0)
			return result;
	}
	return 0;
}

static int
run(struct delivery *self)
{
	int64_t started_ms = clock_boot_ms();
	int result;

	do {
		result = acquire(self, started_ms);
		if (result == 1)
			result = delivery_run(self);
	} while (result == 1);
	return result;
}

int
consume_run(const struct consumer_options *options, enum consume_ack ack,
    int fd, const char *save, struct consumer_result *result)
{
	struct delivery delivery;
	char message[1024];
	int status, told;

	*result = (struct consumer_result){.worker_status = -1};
	delivery_open(&delivery, options, ack, fd, save, result);
	status = run(&delivery);
	if (result->reader_gone)
		status = 0;
	snprintf(message, sizeof(message), "%s", fail_message());
	told = delivery_tell(&delivery);
	delivery_close(&delivery);
	if (status < 0)
		return fail((enum fail)-status, "%s", message);
	return told < 0 ? told : 0;
}
