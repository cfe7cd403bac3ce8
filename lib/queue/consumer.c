/* What consuming a group has in common, with workers and without. */
#include "queue/consumer.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

int64_t
consumer_renew_ms(const struct consumer_options *options,
    const struct grant *grant)
{
	struct supply *supply = options->supply;

	return supply->kind->renew_ms(supply, grant->topic);
}

const char *
consumer_topic(const struct consumer_options *options,
    const struct grant *grant)
{
	return options->supply->kind->topic(options->supply, grant->topic);
}

int64_t
consumer_wait_until(const struct consumer_options *options, int64_t started_ms,
    bool has_first, int64_t wake_ms)
{
	int64_t limit_ms;

	/* The group has more to do at once. */
	if (wake_ms <= 0)
		return 1;
	if (options->follow)
		return wake_ms;
	if (has_first || options->wait_ms == 0)
		return 0;
	if (options->wait_ms > INT64_MAX / 2)
		return wake_ms;
	limit_ms = started_ms + options->wait_ms;
	if (clock_boot_ms() >= limit_ms)
		return 0;
	return wake_ms < limit_ms ? wake_ms : limit_ms;
}

void
consumer_note(const struct consumer_options *options, const char *format, ...)
{
	char text[2048];
	va_list arguments;

	if (options->notice == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	options->notice(text, false, options->context);
}

void
consumer_note_lost(const struct consumer_options *options,
    const struct verdict *verdict)
{
	consumer_note(options, "%s:%d:%lld-%lld: the lease is not ours any "
	    "more", consumer_topic(options, &verdict->grant),
	    verdict->grant.partition, (long long)verdict->first,
	    (long long)verdict->last);
}

void
consumer_tell_status(const struct consumer_options *options,
    const struct consumer_result *result, int64_t running)
{
	const char *text = options->supply->kind->notice(options->supply);

	if (text != NULL)
		consumer_note(options, "%s", text);
	if (options->status == NULL || *options->status == 0)
		return;
	*options->status = 0;
	consumer_note(options,
	    "%lld delivered, %lld released, %lld dead, %lld lost, %lld running",
	    (long long)result->delivered, (long long)result->released,
	    (long long)result->dead, (long long)result->lost,
	    (long long)running);
}
