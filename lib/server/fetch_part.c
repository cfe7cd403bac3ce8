/* A partition that a Fetch asks for, and what its answer says of it. */
#include "server/fetch_part.h"

#include "base/fail.h"
#include "server/leader_epoch.h"
#include "server/readers.h"

#include <string.h>

enum {
	EXTENTS_MAX = 64,    /* in one partition's answer */
};

int
fetch_part_find(struct fetch_part *part)
{
	struct storage *storage = part->request->server->storage;

	if (part->request->header.version >= 13)
		return storage_topic_by_id(storage, part->topic_id,
		    &part->topic);
	return storage_topic(storage, part->name, &part->topic);
}

static void
tell_state(struct fetch_response_partition *answer,
    const struct partition_state *state)
{
	answer->high_watermark = state->high_watermark;
	answer->last_stable_offset = state->high_watermark;
	answer->log_start_offset = state->log_start;
}

int
fetch_part_look(struct fetch_part *part)
{
	struct fetch_response_partition *answer = part->answer;
	int64_t offset = part->wanted->fetch_offset;
	struct partition_state state;
	int failed = fetch_part_find(part);

	if (failed == -FAIL_MISSING && part->request->header.version >= 13) {
		answer->error_code = ERROR_UNKNOWN_TOPIC_ID;
		return failed;
	}
	if (failed == 0)
		failed = topic_partition(part->topic, part->wanted->partition,
		    &part->partition);
	failed = failed < 0 ? failed : partition_state(part->partition, &state);
	answer->error_code = (int16_t)request_error(failed);
	if (failed < 0)
		return failed;
	tell_state(answer, &state);
	answer->error_code = (int16_t)leader_epoch_check(
	    part->wanted->current_leader_epoch, state.epoch);
	if (answer->error_code == 0 && (offset < state.log_start ||
	    offset > state.log_end))
		answer->error_code = ERROR_OFFSET_OUT_OF_RANGE;
	if (answer->error_code != 0)
		return -FAIL_DATA;
	return offset < state.high_watermark;
}

/* Damage is said here and passed over: the offsets that follow tell. */
static int
next_extent(struct server *server, struct partition_reader *reader,
    int64_t max_bytes, struct partition_extent *extent)
{
	for (;;) {
		int found = partition_reader_extent(reader, max_bytes, extent);

		if (found != -FAIL_CORRUPT)
			return found;
		server_say(server, "%s", fail_message());
	}
}

/* In the place of those of the attempt before, if there is room: who waits for
 * many bytes makes many. */
static void
keep_extents(struct fetch_part *part, const struct buf *extents)
{
	struct arena *arena = &part->request->arena;
	size_t count = extents->size / sizeof(struct extent);

	if (count > part->room) {
		part->room = 2 * count;
		arena->limit = SIZE_MAX;
		part->kept = arena_take(arena, part->room,
		    sizeof(struct extent));
	}
	if (count > 0)
		memcpy(part->kept, extents->data, extents->size);
	part->answer->records.extents = part->kept;
	part->answer->records.extent_count = (int32_t)count;
}

/* A reader that has passed what did not fit is of no use later. */
int64_t
fetch_part_collect(struct fetch_part *part, struct extents *extents,
    int64_t max_bytes, bool is_first)
{
	int64_t next = part->wanted->fetch_offset, total = 0;
	struct server *server = part->request->server;
	struct readers *readers = server->readers;
	struct partition_reader *reader;
	struct partition_extent it;
	struct buf found = {0};
	int64_t enough = ((const struct fetch_request *)
	    part->request->message)->min_bytes;
	int more = readers_take(readers, part->topic, part->wanted->partition,
	    next, &reader);

	if (more < 0) {
		part->answer->error_code = (int16_t)request_error(more);
		return 0;
	}
	more = partition_reader_refresh(reader);
	while (more >= 0 && (total < max_bytes || is_first) &&
	    next < part->answer->high_watermark &&
	    found.size < EXTENTS_MAX * sizeof(struct extent) &&
	    (more = next_extent(server, reader, max_bytes - total, &it)) == 1) {
		/* A copy would stay, were this not sent now. */
		if ((it.size > max_bytes - total && !is_first) ||
		    !extents_add(extents, part->request, &it,
		    it.size >= enough, &found))
			break;
		total += it.size;
		next = it.next;
		is_first = false;
		more = 0;
	}
	if (more == 0 && total > 0)
		readers_keep(readers, part->topic, part->wanted->partition,
		    next, reader);
	else
		partition_reader_close(reader);
	keep_extents(part, &found);
	buf_release(&found);
	return total;
}

bool
is_fetch_part_of(const struct fetch_part *part, const struct news *news)
{
	return part->topic != NULL &&
	    part->wanted->partition == news->partition &&
	    memcmp(topic_id(part->topic), news->topic_id, 16) == 0 &&
	    part->wanted->fetch_offset < news->state.log_end;
}

bool
fetch_part_hear(struct fetch_part *part, const struct news *news)
{
	const struct fetch_request *message = part->request->message;
	const struct partition_state *state = &news->state;
	struct extent extent = {-1, 0, news->bytes.size, NULL};
	struct buf heard = {0};

	if (part->wanted->fetch_offset != news->first ||
	    news->bytes.size < (size_t)message->min_bytes ||
	    leader_epoch_check(part->wanted->current_leader_epoch,
	    state->epoch) != ERROR_NONE)
		return false;
	tell_state(part->answer, state);
	extent.bytes = request_copy_bytes(part->request, news->bytes).data;
	buf_append(&heard, &extent, sizeof extent);
	keep_extents(part, &heard);
	buf_release(&heard);
	return true;
}
