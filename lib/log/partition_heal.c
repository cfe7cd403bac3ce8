/* Healing the tail of a log after a power cut: holes that nobody was promised.
 *
 * The kernel writes the pages of a file in any order. So of batches that were
 * not synced later ones may have reached the disk, and earlier ones not. */
#include "log/aside.h"
#include "log/partition_internal.h"
#include "base/fail.h"
#include "base/file.h"

#include <inttypes.h>
#include <string.h>

enum { FILLER_SIZE = 1024 * 1024, LEAVE = 1 };

/* The batches that fill a hole: all of one size but the last. */
struct filling {
	int64_t count;
	int64_t size;
	int32_t epoch;
};

/* LEAVE if no batches of ours can be as long and have as many offsets. */
static int
plan(const struct hole *hole, const struct epochs *epochs,
    struct filling *filling)
{
	int64_t size = hole->end - hole->byte;
	int64_t offsets = hole->next - hole->offset;
	int32_t known = epochs_at(epochs, hole->offset);

	if (size < BATCH_HEADER_SIZE || offsets < 1)
		return LEAVE;
	filling->count = size / FILLER_SIZE + 1;
	if (filling->count > offsets)
		filling->count = offsets;
	filling->size = size / filling->count;
	filling->epoch = known < 0 ? hole->epoch : known;
	/* The last one is longer by less than one for each. */
	if (filling->size + filling->count > BATCH_MAX_SIZE ||
	    offsets - filling->count > INT32_MAX)
		return LEAVE;
	return 0;
}

static int
write_filler(struct partition *partition, int64_t byte, int64_t size,
    int64_t offset, int64_t next, int32_t epoch)
{
	struct batch_header header = {
		.base_offset = offset,
		.length = (int32_t)(size - BATCH_PREFIX_SIZE),
		.leader_epoch = epoch,
		.magic = BATCH_MAGIC,
		.last_offset_delta = (int32_t)(next - offset - 1),
		.base_timestamp = -1,
		.max_timestamp = -1,
		.producer_id = -1,
		.producer_epoch = -1,
		.base_sequence = -1,
	};
	struct buf bytes = {0};
	int rc;

	memset(buf_reserve(&bytes, (size_t)size), 0, (size_t)size);
	batch_encode_header(bytes.data, &header);
	batch_seal(bytes.data, (size_t)size);
	rc = file_write_at(partition->active, bytes.data, (size_t)size, byte);
	buf_release(&bytes);
	return rc;
}

static int
fill(struct partition *partition, const struct hole *hole,
    const struct filling *filling)
{
	struct hole left = *hole;
	int rc = 0;

	for (int64_t i = 1; rc == 0 && i <= filling->count; i++) {
		bool is_last = i == filling->count;
		int64_t end = is_last ? left.end : left.byte + filling->size;
		int64_t next = is_last ? left.next : left.offset + 1;

		rc = write_filler(partition, left.byte, end - left.byte,
		    left.offset, next, filling->epoch);
		left.byte = end;
		left.offset = next;
	}
	return rc;
}

static void
note(struct partition *partition, const struct hole *hole,
    struct buf *kept)
{
	char name[SEGMENT_NAME_SIZE];

	segment_format_name(name, partition->active_base);
	buf_printf(&partition->notice,
	    "%spartition %d: offsets %" PRId64 " to %" PRId64 " (segment %s, "
	    "bytes %" PRId64 " to %" PRId64 ") were not synced when the "
	    "machine stopped, and are lost",
	    partition->notice.size > 0 ? "; " : "", partition->number,
	    hole->offset, hole->next - 1, name, hole->byte, hole->end);
	if (kept->size > 0)
		buf_printf(&partition->notice, " (what is left of them is in %s)",
		    buf_text(kept));
}

static int
heal(struct partition *partition, const struct hole *hole,
    const struct epochs *epochs)
{
	struct filling filling;
	struct buf kept = {0};
	int rc = plan(hole, epochs, &filling);

	if (rc == LEAVE)
		return 0;
	rc = aside_keep(partition->dir, partition->active, hole->byte,
	    hole->end, hole->offset, hole->epoch, &kept);
	if (rc == 0)
		rc = fill(partition, hole, &filling);
	if (rc == 0)
		note(partition, hole, &kept);
	buf_release(&kept);
	return rc < 0 ? rc : 1;
}

int
partition_heal(struct partition *partition, const struct epochs *epochs,
    int64_t bound, const struct buf *holes)
{
	const struct hole *list = (const struct hole *)holes->data;
	int healed = 0;
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < holes->size / sizeof(*list); i++) {
		if (list[i].offset < bound)
			continue;
		rc = heal(partition, &list[i], epochs);
		healed += rc > 0;
	}
	if (rc >= 0 && healed > 0)
		rc = file_sync(partition->active);
	return rc < 0 ? rc : healed;
}

const char *
partition_notice(struct partition *partition)
{
	struct buf *given = &partition->notice_given;

	buf_clear(given);
	if (partition->notice.size == 0)
		return NULL;
	buf_append_slice(given, buf_slice(&partition->notice));
	buf_clear(&partition->notice);
	return buf_text(given);
}
