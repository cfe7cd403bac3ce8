/* A file of epochs of any bytes: what is read keeps its order. */
#include "log.h"
#include "log/epochs.h"

static void
check_order(const struct epochs *epochs)
{
	MUST(epochs->count <= EPOCHS_MAX, "there is room for all lines");
	for (size_t i = 0; i < epochs->count; i++) {
		MUST(epochs->lines[i].epoch > 0 && epochs->lines[i].start >= 0,
		    "numbers are in range");
		MUST(i == 0 || (epochs->lines[i].epoch >
		    epochs->lines[i - 1].epoch && epochs->lines[i].start >
		    epochs->lines[i - 1].start), "both columns ascend");
	}
}

static bool
is_equal(const struct epochs *a, const struct epochs *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (a->lines[i].epoch != b->lines[i].epoch ||
		    a->lines[i].start != b->lines[i].start)
			return false;
	return a->count == b->count;
}

/* A newer epoch cuts above its start, whatever is asked since. */
static void
check_append(struct epochs *epochs, int32_t since, int64_t start)
{
	int32_t epoch = epochs_last(epochs) + 1;
	struct epochs again;

	if (epoch == INT32_MAX)
		return;
	MUST(epochs_append(epochs, log_dir, epoch, start) == 0, "appended");
	check_order(epochs);
	MUST(epochs_read(&again, log_dir) == 0 && is_equal(epochs, &again),
	    "what is written is read");
	MUST(epochs_last(epochs) == epoch, "the newest is the last");
	MUST(since >= epoch ? epochs_cut(epochs, since) == INT64_MAX
	    : epochs_cut(epochs, since) <= start, "nothing is cut too high");
	MUST(epochs_at(epochs, start) == epoch || epochs->count == EPOCHS_MAX,
	    "its batches carry it");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	int32_t since = (int32_t)take_bytes(&input, 4);
	int64_t start = (int64_t)(take_bytes(&input, 8) >> 1);
	struct epochs epochs;

	log_make();
	log_clear();
	log_write("epochs", (struct slice){input.at, input.left});
	MUST(epochs_read(&epochs, log_dir) == 0, "any file is read");
	check_order(&epochs);
	epochs_at(&epochs, start);
	check_append(&epochs, since, start);
	return 0;
}
