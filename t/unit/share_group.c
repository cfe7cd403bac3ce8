/* Share groups of a server (KIP-932): members, sessions, leases and what becomes
 * of them, together with consumers of the directory. */
#include "kafka/share.h"
#include "kafka/share_offsets.h"
#include "remote.h"
#include "spool/state.h"
#include "world.h"

enum { ACCEPT = 1, RELEASE = 2, REJECT = 3, RENEW = 4, OPEN = 0, CLOSE = -1 };

static struct world world;
static unsigned char topic_uuid[16];

/* A client, and what it was told last. */
struct actor {
	struct client *client;
	struct arena arena;
	const char *group;
	const char *id;
	int32_t epoch;         /* of the next request */
	int32_t max_bytes;     /* 0: any number */
	int16_t code;
	int16_t acknowledged;  /* the code of that */
	int64_t first;         /* acquired; last < first: nothing */
	int64_t last;
	int attempt;
	size_t bytes;          /* of batches */
};

/* What is said of a range. */
struct word {
	int64_t first;
	int64_t last;
	int8_t types[8];
	int32_t count;
};

static struct actor
come(const char *group, const char *id)
{
	return (struct actor){.client = remote_connect(),
	    .arena = arena_limited(1 << 24), .group = group, .id = id};
}

static void
go(struct actor *actor)
{
	client_close(actor->client);
	arena_release(&actor->arena);
}

static void
ask(struct actor *actor, int64_t count, int32_t wait_ms,
    const struct word *words, int32_t word_count)
{
	struct share_fetch_request_acknowledgement batches[4] = {0};
	struct share_fetch_request_partition partition = {
	    .acknowledgement_batches = {batches, word_count}};
	struct share_fetch_request_topic topic = {
	    .partitions = {&partition, 1}};
	struct share_fetch_request message = {
		.group_id = slice_of(actor->group),
		.member_id = slice_of(actor->id),
		.share_session_epoch = actor->epoch,
		.max_wait_ms = wait_ms,
		.max_bytes = actor->max_bytes > 0 ? actor->max_bytes :
		    INT32_MAX,
		.max_records = (int32_t)count,
		.batch_size = (int32_t)count,
		.topics = {&topic, 1},
	};

	memcpy(topic.topic_id, topic_uuid, 16);
	for (int32_t i = 0; i < word_count; i++) {
		batches[i].first_offset = words[i].first;
		batches[i].last_offset = words[i].last;
		batches[i].acknowledge_types = (struct list){
		    (void *)words[i].types, words[i].count};
		message.is_renew_ack |= words[i].types[0] == RENEW;
	}
	remote_send(actor->client, API_SHARE_FETCH, 2, &message);
}

static int
hear(struct actor *actor)
{
	struct share_fetch_response answer;
	const struct share_fetch_response_topic *topics;
	const struct share_fetch_response_partition *part;
	const struct share_fetch_response_acquired *acquired;

	arena_clear(&actor->arena);
	remote_receive(actor->client, &actor->arena, &answer);
	actor->code = answer.error_code;
	actor->acknowledged = 0;
	actor->first = 0;
	actor->last = -1;
	actor->bytes = 0;
	if (answer.error_code == 0)
		actor->epoch++;
	if (answer.responses.count == 0)
		return 0;
	topics = answer.responses.items;
	part = topics->partitions.items;
	actor->code |= part->error_code;
	actor->acknowledged = part->acknowledge_error_code;
	actor->bytes = part->records.bytes.size;
	if (part->acquired_records.count == 0)
		return 0;
	acquired = part->acquired_records.items;
	actor->first = acquired->first_offset;
	actor->last = acquired[part->acquired_records.count - 1].last_offset;
	actor->attempt = acquired->delivery_count;
	return (int)(actor->last - actor->first + 1);
}

/* Takes up to count messages: how many it got. */
static int
take(struct actor *actor, int64_t count, int32_t wait_ms)
{
	ask(actor, count, wait_ms, NULL, 0);
	return hear(actor);
}

/* By ShareFetch: the code for the acknowledgement. */
static int
say_many(struct actor *actor, const struct word *words, int32_t count)
{
	ask(actor, 0, 0, words, count);
	hear(actor);
	return actor->code != 0 ? actor->code : actor->acknowledged;
}

static int
say(struct actor *actor, int64_t first, int64_t last, int8_t type)
{
	const struct word word = {first, last, {type}, 1};

	return say_many(actor, &word, 1);
}

/* By ShareAcknowledge. */
static int
settle(struct actor *actor, int64_t first, int64_t last, int8_t type)
{
	struct share_acknowledge_request_acknowledgement batch = {first, last,
	    {&type, 1}, NULL};
	struct share_acknowledge_request_partition partition = {
	    .acknowledgement_batches = {&batch, 1}};
	struct share_acknowledge_request_topic topic = {
	    .partitions = {&partition, 1}};
	struct share_acknowledge_request message = {
		.group_id = slice_of(actor->group),
		.member_id = slice_of(actor->id),
		.share_session_epoch = actor->epoch,
		.is_renew_ack = type == RENEW,
		.topics = {&topic, 1},
	};
	struct share_acknowledge_response answer;
	const struct share_acknowledge_response_topic *topics;
	const struct share_acknowledge_response_partition *part;

	memcpy(topic.topic_id, topic_uuid, 16);
	arena_clear(&actor->arena);
	remote_call(actor->client, API_SHARE_ACKNOWLEDGE, &message,
	    &actor->arena, &answer);
	if (answer.error_code != 0)
		return answer.error_code;
	actor->epoch++;
	topics = answer.responses.items;
	part = topics->partitions.items;
	return part->error_code;
}

/* A heartbeat: the member's epoch then, or minus the code. */
static int
beat(struct actor *actor, int32_t epoch, int *assigned)
{
	struct slice name = slice_of("t");
	struct share_heartbeat_request message = {
		.group_id = slice_of(actor->group),
		.member_id = slice_of(actor->id),
		.member_epoch = epoch,
		.subscribed_topic_names = {&name, epoch == 0 ? 1 : -1},
	};
	struct share_heartbeat_response answer;

	arena_clear(&actor->arena);
	remote_call(actor->client, API_SHARE_HEARTBEAT, &message,
	    &actor->arena, &answer);
	*assigned = answer.assignment == NULL ? -1 :
	    answer.assignment->topic_partitions.count;
	return answer.error_code != 0 ? -answer.error_code :
	    answer.member_epoch;
}

/* Everything that is there is done, in all that a test may have left. */
static void
finish(const char *group)
{
	struct actor actor = come(group, "finisher");

	while (take(&actor, 1000, 0) > 0)
		say(&actor, actor.first, actor.last, ACCEPT);
	go(&actor);
}

static void
start(struct topic_settings *settings)
{
	topic_settings_default(settings);
	settings->lease_ms = 600000;
	settings->max_attempts = 3;
	settings->backoff_low_ms = 10;
	settings->backoff_high_ms = 40;
	remote_begin(settings);
	world = world_open("t");
	memcpy(topic_uuid, topic_id(world.topic), 16);
}

static void
test_members(void)
{
	struct actor a = come("members", "a"), nobody = come("members", "");
	int assigned, epoch;

	CHECK(beat(&nobody, 0, &assigned) == -ERROR_INVALID_REQUEST,
	    "a member without an id is refused");
	CHECK(beat(&a, 3, &assigned) == -ERROR_GROUP_ID_NOT_FOUND,
	    "a group that nobody is in is not found");
	epoch = beat(&a, 0, &assigned);
	CHECK(epoch > 0 && assigned == 1,
	    "epoch 0 joins, and is told the partitions");
	CHECK(beat(&a, epoch, &assigned) == epoch && assigned == -1,
	    "a heartbeat is told them no second time");
	CHECK(beat(&a, epoch + 1, &assigned) == -ERROR_FENCED_MEMBER_EPOCH,
	    "an epoch that was not is fenced");
	nobody.id = "b";
	CHECK(beat(&nobody, 1, &assigned) == -ERROR_UNKNOWN_MEMBER_ID,
	    "who did not join is unknown");
	CHECK(beat(&a, -1, &assigned) == -1 &&
	    beat(&a, epoch, &assigned) < -1, "epoch -1 leaves");
	go(&a);
	go(&nobody);
}

static void
test_sessions(void)
{
	struct actor a = come("sessions", "a");
	const struct word word = {0, 0, {ACCEPT}, 1};

	a.epoch = 1;
	take(&a, 1, 0);
	CHECK(a.code == ERROR_SHARE_SESSION_NOT_FOUND,
	    "a session begins with epoch 0");
	a.epoch = OPEN;
	CHECK(say_many(&a, &word, 1) == ERROR_INVALID_REQUEST,
	    "which acknowledges nothing");
	a.epoch = OPEN;
	CHECK(settle(&a, 0, 0, ACCEPT) == ERROR_INVALID_SHARE_SESSION_EPOCH,
	    "nor is it an acknowledgement alone");
	take(&a, 1, 0);
	CHECK(a.code == 0 && a.epoch == 1, "it takes, if there is something");
	a.epoch = 5;
	take(&a, 1, 0);
	CHECK(a.code == ERROR_INVALID_SHARE_SESSION_EPOCH,
	    "epochs come one after another");
	a.epoch = 1;
	take(&a, 1, 0);
	CHECK(a.code == 0, "and a bad one changes nothing");
	a.epoch = OPEN;
	take(&a, 1, 0);
	CHECK(a.code == 0 && a.epoch == 1, "epoch 0 begins another one");
	go(&a);
}

static void
test_words(void)
{
	struct actor a = come("words", "a"), b = come("words", "b");
	const struct word mixed = {4, 9, {1, 2, 3, 1, 1, 1}, 6};
	const struct word bad[] = {{4, 5, {1}, 1}, {5, 6, {1}, 1}};
	const struct word turned = {5, 4, {1}, 1}, few = {4, 9, {1, 1}, 2};
	struct topic *dead;
	struct partition *log;
	struct partition_state state = {0};

	world_put(&world, 0, 10, NULL);
	CHECK(take(&a, 4, 0) == 4 && a.first == 0 && a.attempt == 1 &&
	    a.bytes > 61, "a member takes as many as it asks for");
	CHECK(take(&b, 100, 0) == 6 && b.first == 4,
	    "the next one what is left");
	CHECK(say(&b, 0, 3, ACCEPT) == ERROR_INVALID_RECORD_STATE,
	    "what another one has is not acknowledged");
	CHECK(settle(&a, 0, 3, ACCEPT) == 0, "what is one's own is");
	CHECK(settle(&a, 0, 3, ACCEPT) == ERROR_INVALID_RECORD_STATE,
	    "once");
	CHECK(settle(&a, 0, 4, ACCEPT) == ERROR_INVALID_RECORD_STATE,
	    "nor together with what another one has");
	CHECK(say_many(&b, bad, 2) == ERROR_INVALID_REQUEST &&
	    say_many(&b, &turned, 1) == ERROR_INVALID_REQUEST &&
	    say_many(&b, &few, 1) == ERROR_INVALID_REQUEST &&
	    say(&b, 4, 4, 9) == ERROR_INVALID_REQUEST,
	    "ranges that overlap, end before they begin, say too little or "
	    "something unknown are refused");
	CHECK(say_many(&b, &bad[0], 0) == 0 && take(&a, 100, 0) == 0,
	    "and change nothing");
	CHECK(say_many(&b, &mixed, 1) == 0, "each has a word of its own");
	CHECK(take(&a, 100, 0) == 1 && a.first == 5 && a.attempt == 2,
	    "what is released comes again, for the second time");
	CHECK(say(&a, 5, 5, RELEASE) == 0 && take(&b, 9, 0) == 1 &&
	    b.attempt == 3, "and a third time");
	CHECK(say(&b, 5, 5, RELEASE) == 0 && take(&b, 9, 0) == 0,
	    "after the last attempt it does not come again");
	world_must(topic_open(&dead, world.spool, "t.dead"));
	world_must(topic_partition(dead, 0, &log));
	world_must(partition_state(log, &state));
	CHECK(state.log_end == 2,
	    "it is a dead letter, as is what was rejected");
	topic_close(dead);
	go(&a);
	go(&b);
}

/* What lies below the group's start, or the log's. */
static void
test_starts(void)
{
	struct actor a = come("starts", "a"), b = come("starts", "b");
	struct partition *log;
	int64_t log_start;

	finish("starts");
	world_put(&world, 0, 10, NULL);
	CHECK(take(&a, 4, 0) == 4 && take(&b, 2, 0) == 2 &&
	    take(&a, 4, 0) == 4, "two members, in turn");
	CHECK(settle(&b, b.first, b.last, ACCEPT) == 0 &&
	    settle(&a, b.first, a.last, ACCEPT) == ERROR_INVALID_RECORD_STATE,
	    "what another one settled above the group's start is not one's "
	    "own");
	go(&a);
	go(&b);
	finish("starts");
	a = come("starts", "a");
	world_put(&world, 0, 10, NULL);
	CHECK(take(&a, 10, 0) == 10 &&
	    settle(&a, a.first, a.first + 3, ACCEPT) == 0 &&
	    settle(&a, a.first, a.first + 5, ACCEPT) == 0,
	    "what is settled below the start may be said again, with more");
	CHECK(settle(&a, a.first, a.first + 5, ACCEPT) ==
	    ERROR_INVALID_RECORD_STATE, "but not alone");
	world_must(topic_partition(world.topic, 0, &log));
	world_must(partition_trim(log, a.first + 8, &log_start));
	CHECK(settle(&a, a.first + 6, a.first + 7, ACCEPT) == 0,
	    "what was deleted while it was held is settled");
	CHECK(settle(&a, a.first + 8, a.last, ACCEPT) == 0, "as is the rest");
	go(&a);
}

static void
test_bytes(void)
{
	struct actor a = come("bytes", "a");

	finish("bytes");
	for (int i = 0; i < 5; i++)
		world_put(&world, 0, 1, NULL);
	CHECK(take(&a, 1, 0) == 1 && a.bytes > 61 &&
	    settle(&a, a.first, a.first, ACCEPT) == 0, "a batch has a size");
	a.max_bytes = (int32_t)(2 * a.bytes + a.bytes / 2);
	CHECK(take(&a, 100, 0) == 2 &&
	    settle(&a, a.first, a.last, ACCEPT) == 0,
	    "an answer has as many batches as fit in the bytes asked for");
	a.max_bytes = 1;
	CHECK(take(&a, 100, 0) == 1 && a.attempt == 1 &&
	    settle(&a, a.first, a.last, ACCEPT) == 0,
	    "but one if none does: for the first time");
	a.max_bytes = 0;
	CHECK(take(&a, 100, 0) == 1 && a.attempt == 1 &&
	    settle(&a, a.first, a.last, ACCEPT) == 0, "then the rest comes");
	go(&a);
}

static void
test_ends(void)
{
	struct actor a = come("ends", "a"), b = come("ends", "b");
	int assigned;

	finish("ends");
	world_put(&world, 0, 4, NULL);
	CHECK(take(&a, 2, 0) == 2, "one takes two");
	a.epoch = CLOSE;
	CHECK(say(&a, a.first, a.first, ACCEPT) == 0,
	    "epoch -1 acknowledges the first, and closes");
	CHECK(take(&b, 10, 2000) == 3 && b.attempt == 2,
	    "the second one is free, counted, and comes with what is new");
	go(&b);
	a.epoch = OPEN;
	CHECK(take(&a, 10, 5000) > 0,
	    "what a connection had that was cut off is free at once");
	b = come("ends", "b");
	beat(&a, 0, &assigned);
	beat(&a, -1, &assigned);
	CHECK(settle(&a, a.first, a.first, ACCEPT) == 0,
	    "a member that leaves may yet say what became of it");
	a.epoch = CLOSE;
	take(&a, 0, 0);
	CHECK(take(&b, 10, 5000) > 0 && b.first > a.first,
	    "until it closes its session: then the rest is free");
	go(&a);
	go(&b);
}

static void
test_waits(void)
{
	struct actor a = come("waits", "a"), b = come("waits", "b");
	int64_t begin_ms, took_ms;

	finish("waits");
	take(&a, 1, 0);
	begin_ms = clock_boot_ms();
	CHECK(take(&a, 1, 300) == 0 && clock_boot_ms() - begin_ms >= 299,
	    "who finds nothing waits as long as it says");
	ask(&a, 1, 15000, NULL, 0);
	CHECK(!remote_has_answer(a.client, 100), "or longer");
	begin_ms = clock_boot_ms();
	world_put(&world, 0, 1, NULL);
	CHECK(hear(&a) == 1 && clock_boot_ms() - begin_ms < 5000,
	    "until a process of the directory puts something");
	ask(&b, 1, 15000, NULL, 0);
	CHECK(!remote_has_answer(b.client, 100),
	    "what another one has is not there");
	begin_ms = clock_boot_ms();
	settle(&a, a.first, a.last, RELEASE);
	took_ms = clock_boot_ms();
	CHECK(hear(&b) == 1 && took_ms - begin_ms < 5000,
	    "until it is released");
	go(&b);
	CHECK(take(&a, 1, 15000) == 1, "or its holder is cut off");
	settle(&a, a.first, a.last, ACCEPT);
	go(&a);
}

static void
test_renew(struct topic_settings *settings)
{
	struct actor a = come("renew", "a"), b = come("renew", "b");
	struct topic *topic;
	int64_t end_ms;
	int lost = 0;

	settings->lease_ms = 1000;
	world_must(topic_create(world.spool, "short", settings));
	world_must(topic_open(&topic, world.spool, "short"));
	memcpy(topic_uuid, topic_id(topic), 16);
	topic_close(topic);
	world_close(&world);
	world = world_open("short");
	world_put(&world, 0, 1, NULL);
	CHECK(take(&a, 1, 0) == 1, "a lease of a second");
	take(&b, 1, 0);
	end_ms = clock_boot_ms() + 2500;
	for (int i = 0; clock_boot_ms() < end_ms; i++) {
		lost += i % 2 == 0 ? settle(&a, 0, 0, RENEW)
		                   : say(&a, 0, 0, RENEW);
		lost += take(&b, 1, 200);
	}
	CHECK(lost == 0, "lasts as long as it is renewed");
	CHECK(take(&b, 1, 10000) == 1 && b.attempt == 2,
	    "when its time is over, another one that waits has it");
	CHECK(settle(&a, 0, 0, ACCEPT) == ERROR_INVALID_RECORD_STATE,
	    "and the first one has not");
	CHECK(settle(&b, 0, 0, ACCEPT) == 0, "who has it settles it");
	go(&b);
	world_put(&world, 0, 1, NULL);
	CHECK(take(&a, 1, 5000) == 1, "a lease that nobody waits for");
	poll(NULL, 0, 1100);
	CHECK(settle(&a, 1, 1, ACCEPT) == ERROR_INVALID_RECORD_STATE,
	    "ends with its time, too");
	CHECK(take(&a, 1, 5000) == 1 && a.first == 1 && a.attempt == 2 &&
	    settle(&a, 1, 1, ACCEPT) == 0, "and comes again");
	go(&a);
	world_close(&world);
	world = world_open("t");
	memcpy(topic_uuid, topic_id(world.topic), 16);
}

/* Half of the takers are processes of the directory. */
static void
test_mixed(void)
{
	struct actor a = come("mixed", "a"), b = come("mixed", "b");
	struct actor *const both[] = {&a, &b};
	char seen[400] = {0};
	int64_t base, count = 0;
	int twice = 0;

	finish("mixed");
	world_join(&world, "mixed");
	world_put(&world, 0, 200, NULL);
	take(&a, 1, 0);
	base = a.first;
	say(&a, a.first, a.last, RELEASE);
	for (int i = 0; count < 200 && i < 1000; i++) {
		int64_t first, last;

		if (i % 3 == 2) {
			if (!world_take(&world, 7))
				continue;
			first = world.lease.first;
			last = world.lease.last;
			world_accept(&world);
		} else {
			struct actor *actor = both[i % 3];

			if (take(actor, 5, 0) == 0)
				continue;
			first = actor->first;
			last = actor->last;
			if (settle(actor, first, last, ACCEPT) != 0)
				twice++;
		}
		for (int64_t at = first; at <= last; at++, count++)
			twice += seen[at - base]++ > 0;
	}
	CHECK(count == 200 && twice == 0, "members of the network and of the "
	    "directory have each message once between them");
	world_leave(&world);
	CHECK(state_delete_group(world.spool, "mixed", NULL, false) ==
	    -FAIL_AGAIN, "while clients are connected, the group is in use");
	go(&a);
	go(&b);
	for (int i = 0; i < 500 && state_delete_group(world.spool, "mixed",
	    NULL, false) == -FAIL_AGAIN; i++)
		poll(NULL, 0, 20);
	CHECK(state_delete_group(world.spool, "mixed", NULL, false) ==
	    -FAIL_MISSING, "then it is not, and may be deleted");
}

/* The code for the group, or for its partition. */
static int
move_to(struct actor *actor, int64_t offset)
{
	struct alter_share_offsets_request_partition partition = {
	    .start_offset = offset};
	struct alter_share_offsets_request_topic topic = {
	    .topic_name = slice_of("t"), .partitions = {&partition, 1}};
	struct alter_share_offsets_request message = {
	    .group_id = slice_of(actor->group), .topics = {&topic, 1}};
	struct alter_share_offsets_response answer;
	const struct alter_share_offsets_response_topic *topics;
	const struct alter_share_offsets_response_partition *part;

	arena_clear(&actor->arena);
	remote_call(actor->client, API_ALTER_SHARE_OFFSETS, &message,
	    &actor->arena, &answer);
	if (answer.error_code != 0)
		return answer.error_code;
	topics = answer.responses.items;
	part = topics->partitions.items;
	return part->error_code;
}

static void
test_moved(void)
{
	struct actor a = come("moved", "a"), b = come("pinned", "b");
	struct partition_state state = {0};
	struct partition *log;

	world_put(&world, 0, 3, NULL);
	world_must(topic_partition(world.topic, 0, &log));
	world_must(partition_state(log, &state));
	CHECK(move_to(&a, state.log_end - 2) == 0 && take(&a, 100, 0) == 2 &&
	    a.first == state.log_end - 2,
	    "a group may be moved before its first member comes");
	CHECK(move_to(&a, 0) == ERROR_NON_EMPTY_GROUP, "but not while one is "
	    "there");
	world.options.order = ORDER_PARTITION;
	world_join(&world, "pinned");
	world_leave(&world);
	world.options.order = ORDER_NONE;
	CHECK(move_to(&b, 0) == ERROR_GROUP_ID_NOT_FOUND,
	    "nor one whose members own partitions");
	go(&a);
	go(&b);
}

/* A group has the order that it has. */
static void
test_orders(void)
{
	struct actor a = come("keyed", "a"), b = come("parts", "b");

	world.options.order = ORDER_PARTITION;
	world_join(&world, "parts");
	world_leave(&world);
	CHECK(take(&b, 1, 0) == 0 && b.code == ERROR_GROUP_ID_NOT_FOUND,
	    "a group whose members own partitions is no share group");
	world.options.order = ORDER_KEY;
	world_join(&world, "keyed");
	while (world_take(&world, 1000))
		world_accept(&world);
	world_put(&world, 0, 2, "k");
	CHECK(take(&a, 10, 0) == 1 && take(&b, 1, 0) == 0 &&
	    !world_take(&world, 1), "where a key is held by one lease, it is "
	    "by one of the network, too");
	CHECK(settle(&a, a.first, a.first, ACCEPT) == 0 &&
	    world_take(&world, 1), "the next comes when that is done");
	world_accept(&world);
	world_leave(&world);
	world.options.order = ORDER_NONE;
	go(&a);
	go(&b);
}

static void
test_killed(void)
{
	struct actor a = come("killed", "a");

	finish("killed");
	world_put(&world, 0, 3, NULL);
	CHECK(take(&a, 3, 0) == 3 && settle(&a, a.first, a.first, ACCEPT) == 0,
	    "one of three is done");
	remote_kill();
	world_join(&world, "killed");
	CHECK(world_take(&world, 10) && world.lease.first == a.first + 1 &&
	    world.lease.last == a.last && world.lease.attempt == 2,
	    "after kill -9 of the server the others are free at once, and "
	    "counted");
	world_leave(&world);
	go(&a);
	remote_start();
}

int
main(void)
{
	struct topic_settings settings;
	struct actor quiet, other;
	int assigned;

	start(&settings);
	test_members();
	test_sessions();
	test_words();
	test_starts();
	test_bytes();
	test_ends();
	test_waits();
	test_mixed();
	test_moved();
	test_orders();
	test_renew(&settings);
	test_killed();
	quiet = come("quiet", "quiet");
	other = come("quiet", "other");
	beat(&quiet, 0, &assigned);
	CHECK(take(&quiet, 1000, 0) > 0, "a member that says no more");
	take(&other, 1000, 0);
	for (int i = 0; i < 6 && take(&other, 1000, 9000) == 0;)
		i++;
	CHECK(other.last >= other.first && other.attempt == 2,
	    "is out after 45 s, and what it had is free");
	go(&quiet);
	go(&other);
	world_close(&world);
	CHECK(remote_stop() == 0, "the server ends with 0");
	return unit_end();
}
