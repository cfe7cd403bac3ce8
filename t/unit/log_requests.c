/* What clients ask of a log: where it begins and ends, that it be trimmed, and
 * where its epochs end. */
#include "kafka/fetch.h"
#include "kafka/topics.h"
#include "remote.h"
#include "world.h"

enum { NEWEST = -3 };

static struct world world;
static struct client *client;
static struct arena arena;

/* The log start that it answers, or minus the code. */
static int64_t
delete_to(const char *topic, int32_t number, int64_t offset)
{
	struct delete_records_request_partition partition = {number, offset};
	struct delete_records_request_topic asked = {slice_of(topic),
	    {&partition, 1}};
	struct delete_records_request message = {{&asked, 1}, 30000};
	struct delete_records_response answer;
	const struct delete_records_response_topic *topics;
	const struct delete_records_response_partition *part;

	arena_clear(&arena);
	remote_call(client, API_DELETE_RECORDS, &message, &arena, &answer);
	topics = answer.topics.items;
	part = topics->partitions.items;
	if (part->error_code != 0 && part->low_watermark != -1)
		return INT64_MIN;
	return part->error_code != 0 ? -part->error_code : part->low_watermark;
}

static int64_t
offset_of(int64_t timestamp, int32_t epoch)
{
	struct list_offsets_request_partition partition = {
	    .current_leader_epoch = epoch, .timestamp = timestamp};
	struct list_offsets_request_topic asked = {slice_of("t"),
	    {&partition, 1}};
	struct list_offsets_request message = {.replica_id = -1,
	    .topics = {&asked, 1}};
	struct list_offsets_response answer;
	const struct list_offsets_response_topic *topics;
	const struct list_offsets_response_partition *part;

	arena_clear(&arena);
	remote_call(client, API_LIST_OFFSETS, &message, &arena, &answer);
	topics = answer.topics.items;
	part = topics->partitions.items;
	return part->error_code != 0 ? -part->error_code : part->offset;
}

/* The code; *start is the log's. */
static int
fetch(int64_t offset, int64_t *start)
{
	struct fetch_request_partition partition = {
	    .current_leader_epoch = -1, .fetch_offset = offset,
	    .last_fetched_epoch = -1, .partition_max_bytes = 1 << 20};
	struct fetch_request_topic asked = {.partitions = {&partition, 1}};
	struct fetch_request message = {.max_bytes = 1 << 20,
	    .session_epoch = -1, .topics = {&asked, 1}};
	struct fetch_response answer;
	const struct fetch_response_topic *topics;
	const struct fetch_response_partition *part;

	memcpy(asked.topic_id, topic_id(world.topic), 16);
	arena_clear(&arena);
	remote_call(client, API_FETCH, &message, &arena, &answer);
	topics = answer.responses.items;
	part = topics->partitions.items;
	*start = part->log_start_offset;
	return part->error_code;
}

/* The end of an epoch, or minus the code; *found is whose end it is. */
static int64_t
end_of(int32_t current, int32_t epoch, int32_t *found)
{
	struct leader_epoch_request_partition partition = {0, current, epoch};
	struct leader_epoch_request_topic asked = {slice_of("t"),
	    {&partition, 1}};
	struct leader_epoch_request message = {-1, {&asked, 1}};
	struct leader_epoch_response answer;
	const struct leader_epoch_response_topic *topics;
	const struct leader_epoch_response_partition *part;

	arena_clear(&arena);
	remote_call(client, API_LEADER_EPOCH, &message, &arena, &answer);
	topics = answer.topics.items;
	part = topics->partitions.items;
	*found = part->leader_epoch;
	return part->error_code != 0 ? -1000 - part->error_code
	                             : part->end_offset;
}

static struct partition *
log_of(void)
{
	struct partition *log;

	world_must(topic_partition(world.topic, 0, &log));
	return log;
}

static void
test_delete(void)
{
	int64_t start = 0, earliest = offset_of(-2, -1);

	world_put(&world, 0, 10, NULL);
	CHECK(earliest == 0 && offset_of(-1, -1) == 10,
	    "a log begins at 0 and ends behind its last message");
	CHECK(delete_to("t", 0, 4) == 4 && offset_of(-2, -1) == 4 &&
	        offset_of(-1, -1) == 10,
	    "what is below an offset is deleted, offsets stay");
	CHECK(delete_to("t", 0, 2) == 4, "a log start never goes back");
	CHECK(delete_to("t", 0, 11) == -ERROR_OFFSET_OUT_OF_RANGE &&
	        delete_to("t", 0, -2) == -ERROR_OFFSET_OUT_OF_RANGE &&
	        delete_to("t", 9, 1) == -ERROR_UNKNOWN_TOPIC_OR_PARTITION &&
	        delete_to("u", 0, 1) == -ERROR_UNKNOWN_TOPIC_OR_PARTITION,
	    "what is not there is not deleted");
	CHECK(fetch(3, &start) == ERROR_OFFSET_OUT_OF_RANGE && start == 4 &&
	        fetch(4, &start) == 0 && start == 4,
	    "a fetch below the log start is told where it is");
	CHECK(offset_of(1000, -1) == 4,
	    "a time before the log start finds the log start");
	CHECK(delete_to("t", 0, -1) == 10 && offset_of(-2, -1) == 10,
	    "-1 deletes all");
	world_put(&world, 0, 5, NULL);
	CHECK(offset_of(-1, -1) == 15 && fetch(10, &start) == 0,
	    "and messages come behind that");
}

static void
test_groups(void)
{
	struct partition_state state;

	world_put(&world, 0, 10, NULL);
	world_must(partition_state(log_of(), &state));
	world_join(&world, "g");
	CHECK(world_take(&world, 3) == 1 &&
	        world.lease.first == state.log_start,
	    "a group has leased from the log start on");
	CHECK(delete_to("t", 0, state.log_end - 2) == state.log_end - 2,
	    "all but two are deleted");
	world_leave(&world);
	world_join(&world, "g");
	CHECK(world_take(&world, 9) == 1 &&
	        world.lease.first == state.log_end - 2 &&
	        world.lease.last == state.log_end - 1,
	    "it goes on at the log start, and no lease stands before that");
	world_leave(&world);
}

/* Also in a log that is long enough for places to be known in it. */
static void
test_newest(void)
{
	struct partition_state state;
	int64_t end;

	world_must(partition_state(log_of(), &state));
	end = state.log_end;
	CHECK(offset_of(NEWEST, -1) == end - 1,
	    "the newest message is the last one");
	world_put(&world, 0, 5000, NULL);
	for (int i = 0; i < 100; i++)
		world_put(&world, 0, 4000, NULL);
	CHECK(offset_of(NEWEST, -1) == end + 4999,
	    "unless older ones came behind it");
	CHECK(delete_to("t", 0, end + 5000) == end + 5000 &&
	    offset_of(NEWEST, -1) == end + 8999,
	    "of those that are left, the first that has its time");
	world_must(partition_state(log_of(), &state));
	CHECK(delete_to("t", 0, state.log_end) == state.log_end &&
	    offset_of(NEWEST, -1) == -1, "and none where there is none");
}

static void
test_epochs(void)
{
	struct partition_state state;
	int64_t start, next;
	int32_t found, epoch;

	world_must(partition_state(log_of(), &state));
	epoch = state.epoch;
	start = state.log_end;
	CHECK(end_of(-1, epoch, &found) == start && found == epoch,
	    "the epoch that is ends with the log");
	world_must(partition_recover(log_of()));
	world_put(&world, 0, 3, NULL);
	world_must(partition_state(log_of(), &state));
	next = state.log_end;
	CHECK(state.epoch > epoch && end_of(-1, epoch, &found) == start &&
	        found == epoch,
	    "an older one ends where the next began");
	CHECK(end_of(state.epoch, state.epoch, &found) == next,
	    "the new one ends with the log");
	CHECK(end_of(-1, state.epoch + 1, &found) == -1 && found == -1,
	    "one that will be ends nowhere");
	CHECK(end_of(epoch, epoch, &found) ==
	        -1000 - ERROR_FENCED_LEADER_EPOCH &&
	    end_of(state.epoch + 1, epoch, &found) ==
	        -1000 - ERROR_UNKNOWN_LEADER_EPOCH,
	    "who believes in another epoch is told");
	CHECK(offset_of(-1, epoch) == -ERROR_FENCED_LEADER_EPOCH &&
	        offset_of(-1, state.epoch) == next,
	    "also when he asks for offsets");
}

static void
test_restart(void)
{
	struct partition_state state;
	int64_t end;

	world_must(partition_state(log_of(), &state));
	end = state.log_end;
	CHECK(delete_to("t", 0, end - 1) == end - 1, "one message is left");
	client_close(client);
	remote_kill();
	remote_start();
	client = remote_connect();
	CHECK(offset_of(-2, -1) == end - 1 && offset_of(-1, -1) == end,
	    "what was deleted stays deleted over a kill of the server");
}

int
main(void)
{
	remote_begin(NULL);
	world = world_open("t");
	client = remote_connect();
	arena = arena_limited(1 << 24);
	test_delete();
	test_groups();
	test_newest();
	test_epochs();
	test_restart();
	client_close(client);
	arena_release(&arena);
	CHECK(remote_stop() == 0, "the server ends");
	topic_close(world.topic);
	spool_close(world.spool);
	return unit_end();
}
