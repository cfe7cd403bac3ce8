/* Where a reset leads to. */
#include "spool/state_target.h"

#include "spool/positions.h"

static int
find_time(const struct state_log *log, int partition, int64_t wall_ms,
    int64_t *offset)
{
	struct position hint;
	int result = positions_find_time(log->topic, partition, wall_ms, &hint);

	if (result < 0)
		return result;
	return partition_find_time(
	    log->partition, wall_ms, result == 1 ? &hint : NULL, offset);
}

int
state_target_find(const struct state_log *log, const struct state_row *row,
    enum reset kind, int64_t value, int64_t *target)
{
	int64_t low = log->state.log_start, high = log->state.high_watermark;
	int result = 0;

	switch (kind) {
	case RESET_START:
		*target = low;
		break;
	case RESET_END:
		*target = high;
		break;
	case RESET_OFFSET:
		*target = value;
		break;
	case RESET_TIME:
		result = find_time(log, row->partition, value, target);
		break;
	case RESET_SHIFT:
		if (__builtin_add_overflow(log->start, value, target))
			*target = value < 0 ? low : high;
		break;
	}
	if (*target < low)
		*target = low;
	if (*target > high)
		*target = high;
	return result;
}
