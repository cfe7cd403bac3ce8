/* Messages that mq-bench makes, and counting what became of them. */
#include "queue/bench_message.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct bench_order {
	const struct bench_run *run;
	int64_t producers;
	int64_t *last; /* by producer and partition; -1: none */
};

static void
append_hex(struct buf *out, uint64_t value)
{
	char text[17];
	unsigned char bytes[8];
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(value >> (56 - 8 * i));
	hex_encode(bytes, sizeof(bytes), text);
	buf_append(out, text, 16);
	buf_append_byte(out, ' ');
}

static int
parse_hex(const char *text, uint64_t *value)
{
	char copy[17];
	unsigned char bytes[8];
	int i;

	memcpy(copy, text, 16);
	copy[16] = '\0';
	if (text[16] != ' ' || hex_decode(copy, bytes, sizeof(bytes)) < 0)
		return -1;
	for (*value = 0, i = 0; i < 8; i++)
		*value = *value << 8 | bytes[i];
	return 0;
}

void
bench_message_append(struct buf *out, const struct bench_run *run,
    int64_t number, int64_t time_us, int64_t size)
{
	size_t end = out->size + (size_t)size;

	if (size >= BENCH_MESSAGE_MIN) {
		buf_append_text(out, "mqbench ");
		append_hex(out, run->id);
		append_hex(out, (uint64_t)number);
		append_hex(out, (uint64_t)time_us);
	}
	memset(buf_reserve(out, end - out->size), 'x', end - out->size);
	out->size = end;
}

/* 1 and number and time if value is a message of this run, else 0. */
static int
parse(const struct bench_run *run, struct slice value, int64_t *number,
    int64_t *time_us)
{
	const char *text = value.data;
	uint64_t id, index, time;

	if (value.size < BENCH_MESSAGE_MIN || memcmp(text, "mqbench ", 8) != 0)
		return 0;
	if (parse_hex(text + 8, &id) < 0 || parse_hex(text + 25, &index) < 0 ||
	    parse_hex(text + 42, &time) < 0)
		return 0;
	if (id != run->id || index >= (uint64_t)run->count)
		return 0;
	*number = (int64_t)index;
	*time_us = (int64_t)time;
	return 1;
}

struct bench_order *
bench_order_open(const struct bench_run *run)
{
	struct bench_order *order = memory_alloc(sizeof(*order));
	int64_t i, slots;

	order->run = run;
	order->producers = (run->count + run->share - 1) / run->share;
	slots = order->producers * run->partitions;
	order->last = memory_alloc((size_t)slots * sizeof(*order->last));
	for (i = 0; i < slots; i++)
		order->last[i] = -1;
	return order;
}

void
bench_order_close(struct bench_order *order)
{
	if (order == NULL)
		return;
	free(order->last);
	free(order);
}

bool
bench_order_read(struct bench_order *order, int partition, struct slice value,
    struct bench_tally *tally, int64_t *time_us)
{
	const struct bench_run *run = order->run;
	int64_t number, *last;

	if (!parse(run, value, &number, time_us))
		return false;
	if (run->seen != NULL)
		__atomic_fetch_add(&run->seen[number], 1, __ATOMIC_RELAXED);
	if (partition >= 0 && partition < run->partitions) {
		last = &order->last[number / run->share * run->partitions +
		    partition];
		if (number < *last)
			tally->reordered++;
		*last = number;
	}
	return true;
}

void
bench_run_compare(const struct bench_run *run, int times,
    struct bench_tally *tally)
{
	int64_t i;

	for (i = 0; i < run->count; i++) {
		if (run->stored[i] && run->seen[i] < times)
			tally->lost += times - run->seen[i];
		if (run->seen[i] > times)
			tally->duplicated += run->seen[i] - times;
	}
}
