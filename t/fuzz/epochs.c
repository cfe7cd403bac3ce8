/* A file of epochs of any bytes: what is read keeps its order. */
#include "fuzz.h"
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

static void
check_same(const struct epochs *epochs)
{
	struct buf text = {0};
	struct epochs again;

	epochs_format(epochs, &text);
	epochs_parse(&again, buf_text(&text));
	MUST(is_equal(epochs, &again), "what is written is read");
	buf_release(&text);
}

/* A newer epoch cuts above its start, whatever is asked since. */
static void
check_add(struct epochs *epochs, int32_t since, int64_t start)
{
	int32_t epoch = epochs_last(epochs) + 1;

	if (epoch == INT32_MAX)
		return;
	epochs_add(epochs, epoch, start);
	check_order(epochs);
	check_same(epochs);
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
	char *text = take_text(&input);
	struct epochs epochs;

	epochs_parse(&epochs, text);
	check_order(&epochs);
	check_same(&epochs);
	epochs_at(&epochs, start);
	check_add(&epochs, since, start);
	free(text);
	return 0;
}
