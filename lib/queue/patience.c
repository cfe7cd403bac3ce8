/* Patience: what may pass at brokers is tried again, for a while. */
#include "queue/patience.h"

#include "base/clock.h"
#include "base/fail.h"
#include "queue/brokers.h"

bool
is_patience_worth(int failed)
{
	return failed == -FAIL_UNAVAILABLE || failed == -FAIL_AGAIN;
}

bool
is_patience_left(struct patience *patience, int64_t limit_ms)
{
	int64_t now_ms = clock_boot_ms();

	if (patience->since_ms == 0)
		patience->since_ms = now_ms;
	return now_ms - patience->since_ms < limit_ms;
}

void
patience_rest(struct patience *patience)
{
	clock_sleep_ms(brokers_backoff_ms(++patience->tries));
}
