/* The bytes of a control page: what is decoded is in range and encodes again. */
#include "fuzz.h"
#include "base/hash.h"
#include "log/control.h"

enum {
	PAGE_RAW = 0, /* the input is the page */
	PAGE_SEALED,  /* the same, with the checksums that fit */
	PAGE_KINDS,
	LOG_CRC_AT = 108,
	DURABLE_AT = 192,
	DURABLE_CRC_AT = DURABLE_AT + 60,
};

static void
put_crc(unsigned char *page, size_t from, size_t at)
{
	uint32_t crc = hash_crc32c(0, page + from, at - from);

	for (int i = 0; i < 4; i++)
		page[at + (size_t)i] = (unsigned char)(crc >> (24 - 8 * i));
}

static void
seal(unsigned char *page)
{
	memcpy(page, "mq-log\0\1", 8);
	memcpy(page + DURABLE_AT, "mq-sync\1", 8);
	put_crc(page, 0, LOG_CRC_AT);
	put_crc(page, DURABLE_AT, DURABLE_CRC_AT);
}

/* Seals a page of ours with nothing to change: the places above are right. */
static void
check_places(void)
{
	struct control control = {.log.epoch = 1};
	unsigned char page[CONTROL_WORDS_AT], copy[CONTROL_WORDS_AT];

	control_encode(page, &control);
	memcpy(copy, page, sizeof(page));
	seal(copy);
	MUST(memcmp(page, copy, sizeof(page)) == 0, "a page is drawn so");
}

static void
check_ranges(const struct control *control)
{
	const struct control_log *log = &control->log;
	const struct control_durable *durable = &control->durable;

	MUST(log->log_start >= 0 && log->log_start <= log->log_end &&
	    log->segment <= log->log_end && log->log_end < INT64_MAX,
	    "offsets are in order");
	MUST(log->last_batch >= 0 && log->last_batch <= log->length,
	    "the last batch is in the segment");
	MUST(durable->end >= 0 && durable->end <= log->log_end &&
	    durable->segment >= 0 && durable->segment <= log->segment,
	    "no more is durable than there is");
	MUST(log->epoch >= 0 && log->epoch < INT32_MAX &&
	    log->generation == durable->generation,
	    "the records belong to each other");
}

static void
check_again(const struct control *control)
{
	unsigned char page[CONTROL_USED], again[CONTROL_WORDS_AT];
	struct control other = {0};

	memset(page, 0, sizeof(page));
	control_encode(page, control);
	MUST(control_decode(page, &other), "what was read can be written");
	control_encode(again, &other);
	MUST(memcmp(page, again, sizeof(again)) == 0, "and reads the same");
	MUST(other.log.log_end == control->log.log_end &&
	    other.log.stamp == control->log.stamp &&
	    other.durable.end == control->durable.end &&
	    other.durable.syncing_end == control->durable.syncing_end &&
	    other.durable.is_stopped == control->durable.is_stopped &&
	    other.durable.count == control->durable.count,
	    "field by field");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_checked;
	struct input input = {data, size};
	int kind = take_byte(&input) % PAGE_KINDS;
	unsigned char *page = memory_alloc(CONTROL_USED);
	struct control control = {0};

	if (!is_checked)
		check_places();
	is_checked = true;
	if (input.left > 0)
		memcpy(page, input.at, input.left < CONTROL_USED ? input.left
		    : CONTROL_USED);
	if (kind == PAGE_SEALED)
		seal(page);
	if (control_decode(page, &control)) {
		check_ranges(&control);
		check_again(&control);
	}
	free(page);
	return 0;
}
