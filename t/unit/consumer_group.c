/* Consumer groups of a server, as Kafka's classic protocol has them: joining,
 * syncing, heartbeats, static members, sessions, and what a kill leaves. */
#include "kafka/membership.h"
#include "kafka/offsets.h"
#include "remote.h"
#include "spool/index.h"
#include "spool/topic.h"

enum { SESSION_MS = 6000, REBALANCE_MS = 8000 };

/* A client, and what it was told last. */
struct actor {
	struct client *client;
	struct arena arena;
	const char *group;
	const char *instance;
	const char *wish;      /* its metadata */
	char id[128];
	char leader[128];
	char part[64];         /* its assignment */
	int32_t generation;
	int32_t members;       /* as a leader is told */
	int16_t code;
};

static struct actor
come(const char *group, const char *instance)
{
	return (struct actor){.client = remote_connect(),
	    .arena = arena_limited(1 << 20), .group = group,
	    .instance = instance, .wish = "all"};
}

static void
go(struct actor *actor)
{
	client_close(actor->client);
	arena_release(&actor->arena);
}

static struct slice
optional(const char *text)
{
	return text == NULL ? (struct slice){NULL, 0} : slice_of(text);
}

static void
keep(char *place, size_t size, struct slice text)
{
	snprintf(place, size, "%.*s", (int)text.size,
	    text.data == NULL ? "" : (const char *)text.data);
}

static void
ask_join(struct actor *actor, int version, int32_t session_ms)
{
	struct join_group_request_protocol protocol = {slice_of("range"),
	    slice_of(actor->wish)};
	struct join_group_request message = {
		.group_id = slice_of(actor->group),
		.session_timeout_ms = session_ms,
		.rebalance_timeout_ms = REBALANCE_MS,
		.member_id = slice_of(actor->id),
		.group_instance_id = optional(actor->instance),
		.protocol_type = slice_of("test"),
		.protocols = {&protocol, 1},
	};

	remote_send(actor->client, API_JOIN_GROUP, version, &message);
}

static int
hear_join(struct actor *actor)
{
	struct join_group_response answer;

	arena_clear(&actor->arena);
	remote_receive(actor->client, &actor->arena, &answer);
	actor->code = answer.error_code;
	actor->generation = answer.generation_id;
	actor->members = answer.members.count;
	keep(actor->id, sizeof actor->id, answer.member_id);
	keep(actor->leader, sizeof actor->leader, answer.leader);
	return actor->code;
}

static int
join(struct actor *actor)
{
	ask_join(actor, 7, SESSION_MS);
	if (hear_join(actor) != ERROR_MEMBER_ID_REQUIRED)
		return actor->code;
	ask_join(actor, 7, SESSION_MS);
	return hear_join(actor);
}

/* What a leader says: "part N" to the Nth of all. */
static void
ask_sync(struct actor *actor, struct actor *const *all, int32_t count)
{
	struct sync_group_request_assignment parts[8] = {0};
	char texts[8][16];
	struct sync_group_request message = {
		.group_id = slice_of(actor->group),
		.generation_id = actor->generation,
		.member_id = slice_of(actor->id),
		.group_instance_id = optional(actor->instance),
		.protocol_type = slice_of("test"),
		.protocol_name = slice_of("range"),
		.assignments = {parts, count},
	};

	for (int32_t i = 0; i < count; i++) {
		snprintf(texts[i], sizeof texts[i], "part %d", i);
		parts[i].member_id = slice_of(all[i]->id);
		parts[i].assignment = slice_of(texts[i]);
	}
	remote_send(actor->client, API_SYNC_GROUP, 5, &message);
}

static int
hear_sync(struct actor *actor)
{
	struct sync_group_response answer;

	arena_clear(&actor->arena);
	remote_receive(actor->client, &actor->arena, &answer);
	actor->code = answer.error_code;
	keep(actor->part, sizeof actor->part, answer.assignment);
	return actor->code;
}

static int
beat_as(struct actor *actor, const char *id, int32_t generation)
{
	struct heartbeat_request message = {
		.group_id = slice_of(actor->group),
		.generation_id = generation,
		.member_id = slice_of(id),
		.group_instance_id = optional(actor->instance),
	};
	struct heartbeat_response answer;

	arena_clear(&actor->arena);
	remote_call(actor->client, API_HEARTBEAT, &message, &actor->arena,
	    &answer);
	return answer.error_code;
}

static int
beat(struct actor *actor)
{
	return beat_as(actor, actor->id, actor->generation);
}

/* Until it has read what it kept, a server says so. */
static void
wait_for_load(struct actor *actor)
{
	while (beat(actor) == ERROR_COORDINATOR_LOAD_IN_PROGRESS)
		poll(NULL, 0, 10);
}

static void
ask_leave(struct actor *actor)
{
	struct leave_group_request_member member = {
		.member_id = slice_of(actor->id),
		.group_instance_id = optional(actor->instance),
	};
	struct leave_group_request message = {
		.group_id = slice_of(actor->group),
		.members = {&member, 1},
	};

	remote_send(actor->client, API_LEAVE_GROUP, 5, &message);
}

static int
hear_leave(struct actor *actor)
{
	struct leave_group_response answer;
	const struct leave_group_response_member *left;

	arena_clear(&actor->arena);
	remote_receive(actor->client, &actor->arena, &answer);
	left = answer.members.items;
	return answer.error_code != 0 ? answer.error_code : left->error_code;
}

static int
leave(struct actor *actor)
{
	ask_leave(actor);
	return hear_leave(actor);
}

static int
commit_as(struct actor *actor, const char *id, int32_t generation)
{
	struct offset_commit_request_partition partition = {.committed_offset = 0,
	    .committed_leader_epoch = -1};
	struct offset_commit_request_topic topic = {slice_of("t"),
	    {&partition, 1}};
	struct offset_commit_request message = {
		.group_id = slice_of(actor->group),
		.generation_id_or_member_epoch = generation,
		.member_id = slice_of(id),
		.group_instance_id = optional(actor->instance),
		.topics = {&topic, 1},
	};
	struct offset_commit_response answer;
	const struct offset_commit_response_topic *topics;
	const struct offset_commit_response_partition *parts;

	arena_clear(&actor->arena);
	remote_call(actor->client, API_OFFSET_COMMIT, &message, &actor->arena,
	    &answer);
	topics = answer.topics.items;
	parts = topics->partitions.items;
	return parts->error_code;
}

static int
commit(struct actor *actor)
{
	return commit_as(actor, actor->id, actor->generation);
}

/* All parts are given out by a. */
static void
share_out(struct actor *a, struct actor *b)
{
	struct actor *const both[] = {a, b};

	ask_sync(b, NULL, 0);
	ask_sync(a, both, 2);
	hear_sync(a);
	hear_sync(b);
}

/* b comes to a, who leads. */
static void
gather(struct actor *a, struct actor *b)
{
	ask_join(b, 3 + 4 * (b->instance != NULL), SESSION_MS);
	while (beat(a) != ERROR_REBALANCE_IN_PROGRESS)
		poll(NULL, 0, 10);
	ask_join(a, 7, SESSION_MS);
	hear_join(a);
	hear_join(b);
	share_out(a, b);
}

static void
test_refusals(void)
{
	struct actor a = come("refusals", NULL), nobody = come("", NULL);

	wait_for_load(&a);
	CHECK(join(&nobody) == ERROR_INVALID_GROUP_ID,
	    "a group without a name is refused");
	ask_join(&a, 7, 5999);
	CHECK(hear_join(&a) == ERROR_INVALID_SESSION_TIMEOUT,
	    "a session of less than 6 s is refused");
	ask_join(&a, 7, 1800001);
	CHECK(hear_join(&a) == ERROR_INVALID_SESSION_TIMEOUT,
	    "a session of more than 30 minutes is refused");
	strcpy(a.id, "stranger");
	ask_join(&a, 7, SESSION_MS);
	CHECK(hear_join(&a) == ERROR_UNKNOWN_MEMBER_ID,
	    "an id that was not given out is unknown, also in no group");
	CHECK(beat_as(&a, "x", 0) == ERROR_UNKNOWN_MEMBER_ID,
	    "nor has it a heartbeat");
	CHECK(leave(&a) == ERROR_UNKNOWN_MEMBER_ID, "nor can it leave");
	CHECK(commit_as(&a, "x", 3) == ERROR_GROUP_ID_NOT_FOUND,
	    "nor commit in a generation that never was");
	CHECK(commit_as(&a, "", -1) == ERROR_NONE,
	    "who is in no group commits to one without members");
	go(&a);
	go(&nobody);
}

static void
test_pending(void)
{
	struct actor a = come("pending", NULL), b = come("pending", NULL);
	struct actor c = come("pending", NULL);
	struct actor *const one[] = {&a};

	ask_join(&a, 7, SESSION_MS);
	CHECK(hear_join(&a) == ERROR_MEMBER_ID_REQUIRED && a.id[0] != 0,
	    "a new member is given an id first");
	ask_join(&a, 7, SESSION_MS);
	CHECK(hear_join(&a) == ERROR_NONE && a.generation == 1 &&
	    a.members == 1 && strcmp(a.leader, a.id) == 0,
	    "with it, the first one leads generation 1");
	ask_sync(&a, one, 1);
	CHECK(hear_sync(&a) == ERROR_NONE && strcmp(a.part, "part 0") == 0,
	    "and gets what it gave itself");
	ask_join(&b, 7, SESSION_MS);
	hear_join(&b);
	CHECK(beat(&a) == ERROR_NONE, "an id given out is no rebalance");
	ask_join(&c, 3, SESSION_MS);
	CHECK(!remote_has_answer(c.client, 100) &&
	    beat(&a) == ERROR_REBALANCE_IN_PROGRESS,
	    "one that joins is, in an old version at once");
	ask_join(&a, 7, SESSION_MS);
	CHECK(!remote_has_answer(c.client, 200),
	    "which waits for the one that has an id");
	CHECK(leave(&b) == ERROR_NONE && hear_join(&c) == ERROR_NONE &&
	    hear_join(&a) == ERROR_NONE && a.members == 2,
	    "until that one leaves");
	ask_join(&b, 7, SESSION_MS);
	CHECK(hear_join(&b) == ERROR_UNKNOWN_MEMBER_ID,
	    "after which its id is unknown");
	go(&a);
	go(&b);
	go(&c);
}

static void
test_barriers(void)
{
	struct actor a = come("barriers", NULL), b = come("barriers", NULL);
	struct actor *const both[] = {&a, &b};

	join(&a);
	ask_join(&b, 7, SESSION_MS);
	hear_join(&b);
	ask_join(&b, 7, SESSION_MS);
	CHECK(!remote_has_answer(b.client, 100),
	    "who joins waits until the others have joined again");
	ask_sync(&a, both, 1);
	CHECK(hear_sync(&a) == ERROR_REBALANCE_IN_PROGRESS,
	    "who syncs meanwhile is told to");
	CHECK(commit(&a) == ERROR_NONE, "but may commit yet");
	ask_join(&a, 7, SESSION_MS);
	hear_join(&a);
	hear_join(&b);
	CHECK(a.generation == 2 && b.generation == 2 &&
	    strcmp(b.leader, a.id) == 0 && a.members == 2 && b.members == 0,
	    "all are told one generation and one leader, who is told them");
	CHECK(commit(&b) == ERROR_REBALANCE_IN_PROGRESS && beat(&b) == 0,
	    "until the leader has spoken, nobody commits; hearts beat");
	ask_join(&b, 7, SESSION_MS);
	CHECK(hear_join(&b) == 0 && b.generation == 2,
	    "who joins again as before hears the same again");
	ask_sync(&b, NULL, 0);
	CHECK(!remote_has_answer(b.client, 100),
	    "who syncs waits for the leader");
	ask_sync(&a, both, 2);
	CHECK(hear_sync(&a) == 0 && hear_sync(&b) == 0 &&
	    strcmp(a.part, "part 0") == 0 && strcmp(b.part, "part 1") == 0,
	    "whose word all get");
	CHECK(commit(&b) == ERROR_NONE, "then they commit");
	CHECK(commit_as(&b, b.id, 1) == ERROR_ILLEGAL_GENERATION &&
	    beat_as(&b, b.id, 1) == ERROR_ILLEGAL_GENERATION,
	    "not in a generation that is over");
	CHECK(commit_as(&b, "", -1) == ERROR_UNKNOWN_MEMBER_ID,
	    "nor without being a member");
	ask_join(&b, 7, SESSION_MS);
	CHECK(hear_join(&b) == 0 && b.generation == 2 && beat(&a) == 0,
	    "a follower that joins again as before disturbs nobody");
	CHECK(leave(&b) == ERROR_NONE &&
	    beat(&a) == ERROR_REBALANCE_IN_PROGRESS && leave(&b) ==
	    ERROR_UNKNOWN_MEMBER_ID, "one that leaves is missed at once");
	ask_join(&a, 7, SESSION_MS);
	CHECK(hear_join(&a) == 0 && a.generation == 3 && a.members == 1,
	    "and the others go on without it");
	go(&a);
	go(&b);
}

static void
test_changes(void)
{
	struct actor a = come("changes", NULL), b = come("changes", NULL);

	join(&a);
	gather(&a, &b);
	go(&b);
	b = come("changes", NULL);
	ask_join(&b, 3, SESSION_MS);
	CHECK(!remote_has_answer(b.client, 200),
	    "a client that is cut off is a member until its session ends");
	ask_join(&a, 7, SESSION_MS);
	CHECK(hear_join(&a) == 0 && hear_join(&b) == 0 && a.members == 2,
	    "or it does not join a rebalance in time");
	share_out(&a, &b);
	b.wish = "less";
	ask_join(&b, 7, SESSION_MS);
	CHECK(!remote_has_answer(b.client, 100) &&
	    beat(&a) == ERROR_REBALANCE_IN_PROGRESS,
	    "a follower that wants something else is a rebalance");
	ask_join(&a, 7, SESSION_MS);
	CHECK(hear_join(&a) == 0 && hear_join(&b) == 0,
	    "in which all join");
	go(&a);
	go(&b);
}

static void
test_static(void)
{
	struct actor a = come("static", "one"), b = come("static", "two");
	struct actor again = come("static", "one");

	ask_join(&a, 7, SESSION_MS);
	CHECK(hear_join(&a) == ERROR_NONE && a.generation == 1,
	    "a static member joins at once");
	gather(&a, &b);
	ask_join(&again, 7, SESSION_MS);
	CHECK(hear_join(&again) == 0 && again.generation == a.generation &&
	    strcmp(again.id, a.id) != 0, "one that comes back goes on where "
	    "it was, under another id");
	CHECK(strcmp(again.leader, a.id) == 0 && again.members == 0,
	    "the leader hears its old id, so that it assigns nothing");
	ask_sync(&again, NULL, 0);
	CHECK(hear_sync(&again) == 0 && strcmp(again.part, "part 0") == 0,
	    "and what it had");
	CHECK(beat(&b) == ERROR_NONE, "nobody else is disturbed");
	CHECK(beat(&a) == ERROR_FENCED_INSTANCE_ID &&
	    commit(&a) == ERROR_FENCED_INSTANCE_ID &&
	    leave(&a) == ERROR_FENCED_INSTANCE_ID,
	    "its double is fenced in all it does");
	again.wish = "less";
	again.id[0] = 0;
	ask_join(&again, 7, SESSION_MS);
	CHECK(!remote_has_answer(again.client, 100) &&
	    beat(&b) == ERROR_REBALANCE_IN_PROGRESS,
	    "coming back with another wish is a rebalance");
	ask_join(&b, 7, SESSION_MS);
	hear_join(&b);
	hear_join(&again);
	again.id[0] = 0;
	CHECK(leave(&again) == ERROR_NONE,
	    "an operator removes a static member by its instance");
	go(&a);
	go(&b);
	go(&again);
}

/* What needs its time, at once: silence, and those who never come. */
static void
test_time(void)
{
	struct actor a = come("silent", NULL), b = come("silent", NULL);
	struct actor c = come("slow", NULL), d = come("slow", NULL);
	struct actor p = come("promised", NULL);
	int64_t end_ms = clock_boot_ms() + 15000;
	int code = 0;

	join(&a);
	gather(&a, &b);
	ask_join(&p, 7, SESSION_MS);
	hear_join(&p);
	ask_join(&c, 3, 30000);
	hear_join(&c);
	ask_join(&d, 3, SESSION_MS);
	while (clock_boot_ms() < end_ms && code == 0) {
		poll(NULL, 0, 500);
		code = beat(&a);
	}
	CHECK(code == ERROR_REBALANCE_IN_PROGRESS,
	    "a member that is silent for its session is out");
	ask_join(&p, 7, SESSION_MS);
	CHECK(hear_join(&p) == ERROR_UNKNOWN_MEMBER_ID,
	    "an id that is not used in that time is void");
	CHECK(hear_join(&d) == ERROR_NONE && d.members == 1,
	    "who does not join a rebalance in its time is out; who waits for "
	    "it longer than its session is not");
	go(&a);
	go(&b);
	go(&c);
	go(&d);
	go(&p);
}

static void
test_killed(void)
{
	struct actor a = come("killed", NULL), b = come("killed", "still");

	join(&a);
	gather(&a, &b);
	client_close(a.client);
	client_close(b.client);
	remote_kill();
	remote_start();
	a.client = remote_connect();
	b.client = remote_connect();
	wait_for_load(&a);
	CHECK(beat(&a) == 0 && beat(&b) == 0 && commit(&a) == 0,
	    "after kill -9 of the server, members go on in their generation");
	ask_sync(&a, NULL, 0);
	ask_sync(&b, NULL, 0);
	CHECK(hear_sync(&a) == 0 && strcmp(a.part, "part 0") == 0 &&
	    hear_sync(&b) == 0 && strcmp(b.part, "part 1") == 0,
	    "with the parts that they had");
	b.id[0] = 0;
	ask_join(&b, 7, SESSION_MS);
	CHECK(hear_join(&b) == 0 && b.generation == a.generation &&
	    beat(&a) == 0, "a static one also if it was restarted, too");
	go(&a);
	go(&b);
}

/* Whoever holds the index keeps the server from storing that. */
static void
test_stored(void)
{
	struct actor a = come("stored", NULL);
	struct actor *all[] = {&a};
	struct spool *spool = place_open(SPOOL_WRITE);
	struct index *index;

	CHECK(join(&a) == 0, "a member comes");
	ask_sync(&a, all, 1);
	CHECK(hear_sync(&a) == 0, "and has its part");
	remote_must(index_open(&index, spool), "index");
	remote_must(index_begin(index), "begin");
	ask_leave(&a);
	CHECK(!remote_has_answer(a.client, 200),
	    "who leaves is not answered before that is stored");
	index_abort(index);
	CHECK(hear_leave(&a) == 0, "but then");
	spool_close(spool);
	go(&a);
}

int
main(void)
{
	remote_begin(NULL);
	test_refusals();
	test_pending();
	test_barriers();
	test_changes();
	test_static();
	test_stored();
	test_killed();
	test_time();
	CHECK(remote_stop() == 0, "the server ends with 0");
	return unit_end();
}
