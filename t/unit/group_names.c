/* Groups of one kind under the names of the other, and what consumer groups
 * forget: by answers that Kafka's clients know. */
#include "kafka/groups.h"
#include "kafka/membership.h"
#include "kafka/offsets.h"
#include "kafka/share.h"
#include "queue/assignment.h"
#include "remote.h"
#include "spool/group.h"

static struct client *client;
static struct arena arena;
static char member_id[128];

static void
call(enum api_key key, const void *message, void *answer)
{
	arena_clear(&arena);
	remote_call(client, key, message, &arena, answer);
}

/* A ShareGroupHeartbeat. */
static int
beat(const char *group, int32_t epoch)
{
	struct slice name = slice_of("t");
	struct share_heartbeat_request message = {
		.group_id = slice_of(group),
		.member_id = slice_of("m"),
		.member_epoch = epoch,
		.subscribed_topic_names = {&name, epoch == 0 ? 1 : -1},
	};
	struct share_heartbeat_response answer;

	call(API_SHARE_HEARTBEAT, &message, &answer);
	return answer.error_code;
}

/* A JoinGroup with a subscription to "t". */
static int
join(const char *group, const char *type)
{
	const char *const names[] = {"s", "t"};
	struct buf subscription = {0};
	struct join_group_request_protocol protocol = {slice_of("range"),
	    {NULL, 0}};
	struct join_group_request message = {
		.group_id = slice_of(group),
		.session_timeout_ms = 30000,
		.rebalance_timeout_ms = 30000,
		.member_id = slice_of(member_id),
		.protocol_type = slice_of(type),
		.protocols = {&protocol, 1},
	};
	struct join_group_response answer;

	subscription_append(&subscription, names, 2);
	protocol.metadata = buf_slice(&subscription);
	call(API_JOIN_GROUP, &message, &answer);
	snprintf(member_id, sizeof member_id, "%.*s",
	    (int)answer.member_id.size, (const char *)answer.member_id.data);
	buf_release(&subscription);
	return answer.error_code;
}

static int
join_whole(const char *group, const char *type)
{
	struct sync_group_request_assignment part = {.assignment =
	    slice_of("all")};
	struct sync_group_request message = {
		.group_id = slice_of(group),
		.generation_id = 1,
		.protocol_type = slice_of(type),
		.protocol_name = slice_of("range"),
		.assignments = {&part, 1},
	};
	struct sync_group_response answer;

	member_id[0] = 0;
	if (join(group, type) != ERROR_MEMBER_ID_REQUIRED ||
	    join(group, type) != ERROR_NONE)
		return -1;
	message.member_id = part.member_id = slice_of(member_id);
	call(API_SYNC_GROUP, &message, &answer);
	return answer.error_code;
}

static int
commit(const char *group, const char *name, const char *id, int32_t generation)
{
	struct offset_commit_request_partition partition = {
	    .committed_offset = 1, .committed_leader_epoch = -1};
	struct offset_commit_request_topic topic = {slice_of(name),
	    {&partition, 1}};
	struct offset_commit_request message = {
		.group_id = slice_of(group),
		.generation_id_or_member_epoch = generation,
		.member_id = slice_of(id),
		.topics = {&topic, 1},
	};
	struct offset_commit_response answer;
	const struct offset_commit_response_topic *topics;

	call(API_OFFSET_COMMIT, &message, &answer);
	topics = answer.topics.items;
	return ((const struct offset_commit_response_partition *)
	    topics->partitions.items)->error_code;
}

/* What is committed: -1, nothing; -2, an error. */
static int64_t
committed(const char *group, const char *name)
{
	int32_t number = 0;
	struct offset_fetch_request_topic topic = {slice_of(name),
	    {&number, 1}};
	struct offset_fetch_request_group wanted = {slice_of(group),
	    {NULL, 0}, -1, {&topic, 1}};
	struct offset_fetch_request message = {.groups = {&wanted, 1}};
	struct offset_fetch_response answer;
	const struct offset_fetch_response_group *groups;
	const struct offset_fetch_response_topic *topics;
	const struct offset_fetch_response_partition *part;

	call(API_OFFSET_FETCH, &message, &answer);
	groups = answer.groups.items;
	topics = groups->topics.items;
	part = topics->partitions.items;
	return part->error_code != 0 || groups->error_code != 0 ? -2 :
	    part->committed_offset;
}

/* An OffsetDelete: the code of the group, else that of the partition. */
static int
forget(const char *group, const char *name)
{
	struct offset_delete_request_partition partition = {0};
	struct offset_delete_request_topic topic = {slice_of(name),
	    {&partition, 1}};
	struct offset_delete_request message = {slice_of(group), {&topic, 1}};
	struct offset_delete_response answer;
	const struct offset_delete_response_topic *topics;

	call(API_OFFSET_DELETE, &message, &answer);
	if (answer.error_code != 0)
		return answer.error_code;
	topics = answer.topics.items;
	return ((const struct offset_delete_response_partition *)
	    topics->partitions.items)->error_code;
}

static int
delete(const char *group)
{
	struct slice name = slice_of(group);
	struct delete_groups_request message = {{&name, 1}};
	struct delete_groups_response answer;

	call(API_DELETE_GROUPS, &message, &answer);
	return ((const struct delete_groups_response_result *)
	    answer.results.items)->error_code;
}

static void
test_share_group(void)
{
	member_id[0] = 0;
	CHECK(beat("shared", 0) == 0, "a member makes a share group");
	CHECK(join("shared", "consumer") ==
	    ERROR_INCONSISTENT_GROUP_PROTOCOL && member_id[0] == 0,
	    "which is not joined as a consumer group");
	CHECK(commit("shared", "t", "", -1) == ERROR_GROUP_ID_NOT_FOUND &&
	    commit("shared", "t", "m", 1) == ERROR_GROUP_ID_NOT_FOUND,
	    "nor are offsets committed to it");
	CHECK(committed("shared", "t") == -1, "so it has none");
	CHECK(forget("shared", "t") == ERROR_GROUP_ID_NOT_FOUND,
	    "and none to forget");
	CHECK(beat("shared", -1) == 0 &&
	    join("shared", "consumer") == ERROR_MEMBER_ID_REQUIRED,
	    "when it is gone, having held nothing, its name is free");
}

static void
test_local_group(void)
{
	member_id[0] = 0;
	CHECK(join("local", "consumer") == ERROR_INCONSISTENT_GROUP_PROTOCOL &&
	    commit("local", "t", "", -1) == ERROR_GROUP_ID_NOT_FOUND &&
	    forget("local", "t") == ERROR_GROUP_ID_NOT_FOUND &&
	    committed("local", "t") == -1,
	    "so it is with one that the directory has shared");
	CHECK(beat("local", 0) == 0, "which is shared here, too");
}

static void
test_consumer_group(void)
{
	CHECK(commit("mine", "t", "", -1) == 0, "a commit makes a group");
	CHECK(beat("mine", 0) == ERROR_GROUP_ID_NOT_FOUND &&
	    beat("mine", 1) == ERROR_GROUP_ID_NOT_FOUND,
	    "which nobody shares, also while nobody is in it");
	CHECK(delete("mine") == 0 && beat("mine", 0) == 0,
	    "until it is deleted");
	CHECK(join_whole("theirs", "consumer") == 0, "nor one with members");
	CHECK(beat("theirs", 0) == ERROR_GROUP_ID_NOT_FOUND,
	    "whatever they have");
}

static void
test_forget(void)
{
	CHECK(forget("none", "t") == ERROR_GROUP_ID_NOT_FOUND,
	    "a group that is not there forgets nothing");
	CHECK(join_whole("readers", "consumer") == 0 &&
	    commit("readers", "t", member_id, 1) == 0 &&
	    commit("readers", "u", member_id, 1) == 0,
	    "a member reads t, and not u");
	CHECK(forget("readers", "t") == ERROR_GROUP_SUBSCRIBED_TO_TOPIC &&
	    committed("readers", "t") == 1, "what it reads is not forgotten");
	CHECK(forget("readers", "u") == 0 && committed("readers", "u") == -1,
	    "what it does not read is");
	CHECK(join_whole("others", "connect") == 0 &&
	    forget("others", "u") == ERROR_NON_EMPTY_GROUP,
	    "who does not say what they read, have it all");
	CHECK(commit("empty", "t", "", -1) == 0 && forget("empty", "t") == 0 &&
	    committed("empty", "t") == -1, "without members all is forgotten");
}

/* Another topic, and a group of the directory that has read "t". */
static void
make_local(void)
{
	struct spool *spool = place_open(SPOOL_WRITE);
	struct topic_settings settings;
	struct group_options options = {.order = ORDER_NONE,
	    .backoff_low_ms = -1, .backoff_high_ms = -1};
	struct group *group;
	struct topic *topic;

	topic_settings_default(&settings);
	remote_must(topic_create(spool, "u", &settings), "topic");
	remote_must(topic_open(&topic, spool, "t"), "topic");
	remote_must(group_join(&group, spool, "local", &topic, 1, &options),
	    "group");
	group_leave(group);
	topic_close(topic);
	spool_close(spool);
}

int
main(void)
{
	remote_begin(NULL);
	make_local();
	client = remote_connect();
	arena = arena_limited(1 << 20);
	while (forget("none", "t") == ERROR_COORDINATOR_LOAD_IN_PROGRESS)
		poll(NULL, 0, 10);
	test_share_group();
	test_local_group();
	test_consumer_group();
	test_forget();
	client_close(client);
	arena_release(&arena);
	CHECK(remote_stop() == 0, "the server ends with 0");
	return unit_end();
}
