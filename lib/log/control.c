/* The control page: its bytes, checked. */
#include "log/control.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"

#include <endian.h>
#include <string.h>

enum { DURABLE_AT = 192, READ_TRIES = 64 };

static const char log_magic[8] = "mq-log\0\1";
static const char durable_magic[8] = "mq-sync\1";
static const char born_magic[8] = "mq-born\1";

/* Big-endian, as in mq-spool(5). */
struct log_record {
	char magic[8];
	unsigned char topic_id[16];
	uint32_t number;
	uint32_t epoch;
	unsigned char boot[16];
	uint64_t generation;
	uint64_t log_start;
	uint64_t log_end;
	uint64_t segment;
	uint64_t length;
	uint64_t last_batch;
	uint64_t stamp;
	uint32_t zero;
	uint32_t crc;
};

struct durable_record {
	char magic[8];
	uint64_t generation;
	uint64_t end;
	uint64_t segment;
	uint64_t byte;
	uint64_t syncing_end;
	uint64_t count;
	uint32_t flags;
	uint32_t crc;
};

struct born_record {
	char magic[8];
	unsigned char topic_id[16];
	unsigned char boot[16];
	uint32_t number;
	uint32_t crc;
};

enum { FLAG_SYNCING = 1, FLAG_STOPPED = 2 };

_Static_assert(sizeof(struct log_record) <= DURABLE_AT, "records overlap");
_Static_assert(DURABLE_AT + sizeof(struct durable_record) <= CONTROL_WORDS_AT,
    "the words lie behind the records");

static void
encode_log(struct log_record *record, const struct control_log *log)
{
	*record = (struct log_record){
		.number = htobe32((uint32_t)log->number),
		.epoch = htobe32((uint32_t)log->epoch),
		.generation = htobe64(log->generation),
		.log_start = htobe64((uint64_t)log->log_start),
		.log_end = htobe64((uint64_t)log->log_end),
		.segment = htobe64((uint64_t)log->segment),
		.length = htobe64((uint64_t)log->length),
		.last_batch = htobe64((uint64_t)log->last_batch),
		.stamp = htobe64((uint64_t)log->stamp),
	};
	memcpy(record->magic, log_magic, sizeof(log_magic));
	memcpy(record->topic_id, log->topic_id, sizeof(record->topic_id));
	memcpy(record->boot, log->boot.bytes, sizeof(record->boot));
	record->crc = htobe32(hash_crc32c(0, record,
	    offsetof(struct log_record, crc)));
}

static bool
decode_log(const struct log_record *record, struct control_log *log)
{
	if (memcmp(record->magic, log_magic, sizeof(log_magic)) != 0 ||
	    be32toh(record->crc) !=
	        hash_crc32c(0, record, offsetof(struct log_record, crc)))
		return false;
	memcpy(log->topic_id, record->topic_id, sizeof(log->topic_id));
	memcpy(log->boot.bytes, record->boot, sizeof(record->boot));
	log->number = (int32_t)be32toh(record->number);
	log->epoch = (int32_t)be32toh(record->epoch);
	log->generation = be64toh(record->generation);
	log->log_start = (int64_t)be64toh(record->log_start);
	log->log_end = (int64_t)be64toh(record->log_end);
	log->segment = (int64_t)be64toh(record->segment);
	log->length = (int64_t)be64toh(record->length);
	log->last_batch = (int64_t)be64toh(record->last_batch);
	log->stamp = (int64_t)be64toh(record->stamp);
	return true;
}

static void
encode_durable(struct durable_record *record,
    const struct control_durable *durable)
{
	uint32_t flags = (durable->is_syncing ? FLAG_SYNCING : 0) |
	    (durable->is_stopped ? FLAG_STOPPED : 0);

	*record = (struct durable_record){
		.generation = htobe64(durable->generation),
		.end = htobe64((uint64_t)durable->end),
		.segment = htobe64((uint64_t)durable->segment),
		.byte = htobe64((uint64_t)durable->byte),
		.syncing_end = htobe64((uint64_t)durable->syncing_end),
		.count = htobe64(durable->count),
		.flags = htobe32(flags),
	};
	memcpy(record->magic, durable_magic, sizeof(durable_magic));
	record->crc = htobe32(hash_crc32c(0, record,
	    offsetof(struct durable_record, crc)));
}

static bool
decode_durable(const struct durable_record *record,
    struct control_durable *durable)
{
	uint32_t flags = be32toh(record->flags);

	if (memcmp(record->magic, durable_magic, sizeof(durable_magic)) != 0 ||
	    be32toh(record->crc) !=
	        hash_crc32c(0, record, offsetof(struct durable_record, crc)))
		return false;
	durable->generation = be64toh(record->generation);
	durable->end = (int64_t)be64toh(record->end);
	durable->segment = (int64_t)be64toh(record->segment);
	durable->byte = (int64_t)be64toh(record->byte);
	durable->syncing_end = (int64_t)be64toh(record->syncing_end);
	durable->count = be64toh(record->count);
	durable->is_syncing = flags & FLAG_SYNCING;
	durable->is_stopped = flags & FLAG_STOPPED;
	return true;
}

static bool
is_consistent(const struct control *control)
{
	const struct control_log *log = &control->log;
	const struct control_durable *durable = &control->durable;

	return log->generation == durable->generation && log->epoch >= 0 &&
	    log->epoch < INT32_MAX && log->log_start >= 0 &&
	    log->log_start <= log->log_end && log->segment <= log->log_end &&
	    log->log_end < INT64_MAX && log->length >= 0 &&
	    log->last_batch >= 0 && log->last_batch <= log->length &&
	    durable->end >= 0 && durable->end <= log->log_end &&
	    durable->segment >= 0 && durable->segment <= log->segment &&
	    durable->segment <= durable->end && durable->byte >= 0 &&
	    (durable->segment < log->segment || durable->byte <= log->length);
}

bool
control_decode(const unsigned char *page, struct control *control)
{
	struct log_record log;
	struct durable_record durable;

	memcpy(&log, page, sizeof(log));
	memcpy(&durable, page + DURABLE_AT, sizeof(durable));
	memcpy(control->words, page + CONTROL_WORDS_AT,
	    sizeof(control->words));
	return decode_log(&log, &control->log) &&
	    decode_durable(&durable, &control->durable) &&
	    is_consistent(control);
}

void
control_encode(unsigned char *page, const struct control *control)
{
	struct log_record log;
	struct durable_record durable;

	encode_log(&log, &control->log);
	encode_durable(&durable, &control->durable);
	memset(page, 0, CONTROL_WORDS_AT);
	memcpy(page, &log, sizeof(log));
	memcpy(page + DURABLE_AT, &durable, sizeof(durable));
}

int
control_read(int fd, struct control *control)
{
	unsigned char page[CONTROL_USED];

	for (int i = 0; i < READ_TRIES; i++) {
		ssize_t got = file_read_at(fd, page, sizeof(page), 0);

		if (got < 0)
			return (int)got;
		if ((size_t)got < sizeof(page))
			return 0;
		if (control_decode(page, control))
			return 1;
	}
	return 0;
}

int
control_read_parts(int fd, struct control *control)
{
	unsigned char page[CONTROL_WORDS_AT];
	struct log_record log;
	struct durable_record durable;
	int parts = 0;

	for (int i = 0; i < READ_TRIES &&
	     parts != (CONTROL_HAS_LOG | CONTROL_HAS_DURABLE); i++) {
		ssize_t got = file_read_at(fd, page, sizeof(page), 0);

		if (got < 0)
			return (int)got;
		memset(page + got, 0, sizeof(page) - (size_t)got);
		memcpy(&log, page, sizeof(log));
		memcpy(&durable, page + DURABLE_AT, sizeof(durable));
		parts = decode_log(&log, &control->log) ? CONTROL_HAS_LOG : 0;
		if (decode_durable(&durable, &control->durable))
			parts |= CONTROL_HAS_DURABLE;
	}
	return parts;
}

int
control_write_log(int fd, const struct control_log *log)
{
	struct log_record record;

	encode_log(&record, log);
	return file_write_at(fd, &record, sizeof(record), 0);
}

int
control_write_durable(int fd, const struct control_durable *durable)
{
	struct durable_record record;

	encode_durable(&record, durable);
	return file_write_at(fd, &record, sizeof(record), DURABLE_AT);
}

int
control_write(int fd, const struct control *control)
{
	unsigned char page[CONTROL_WORDS_AT];
	int64_t size = file_size(fd);
	int rc;

	if (size < 0)
		return (int)size;
	if (size < CONTROL_SIZE) {
		rc = file_zero_at(fd, (size_t)(CONTROL_SIZE - size), size);
		if (rc < 0)
			return rc;
	}
	control_encode(page, control);
	return file_write_at(fd, page, sizeof(page), 0);
}

int
control_write_born(int fd, const struct control_log *log)
{
	struct born_record record = {.number = htobe32((uint32_t)log->number)};

	memcpy(record.magic, born_magic, sizeof(born_magic));
	memcpy(record.topic_id, log->topic_id, sizeof(record.topic_id));
	memcpy(record.boot, log->boot.bytes, sizeof(record.boot));
	record.crc = htobe32(hash_crc32c(0, &record,
	    offsetof(struct born_record, crc)));
	return file_write_at(fd, &record, sizeof(record), CONTROL_BORN_AT);
}

int
control_read_born(int fd, struct control_log *log)
{
	struct born_record record = {0};
	ssize_t got = file_read_at(fd, &record, sizeof(record),
	    CONTROL_BORN_AT);

	if (got < 0)
		return (int)got;
	if (memcmp(record.magic, born_magic, sizeof(born_magic)) != 0 ||
	    be32toh(record.crc) !=
	        hash_crc32c(0, &record, offsetof(struct born_record, crc)))
		return 0;
	*log = (struct control_log){
		.number = (int32_t)be32toh(record.number),
	};
	memcpy(log->topic_id, record.topic_id, sizeof(log->topic_id));
	memcpy(log->boot.bytes, record.boot, sizeof(record.boot));
	return 1;
}
