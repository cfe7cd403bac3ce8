/* Connections to brokers, and what Metadata says of them. */
#include "queue/brokers.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/parse.h"
#include "kafka/error.h"

#include <stdlib.h>
#include <string.h>

enum {
	BROKERS_MAX = 10000,
	METADATA_BYTES = 64 * 1024 * 1024, /* decoded */
	/* Kafka 2.1 to 4 know it, and it has the leaders. */
	FIRST_METADATA_VERSION = 7,
};

struct node {
	int32_t id;
	char *address;
	struct client *client; /* NULL: not connected */
};

/*
 * Invariants: first is the connection that the addresses gave, or NULL. It
 * stands for the only broker where there is but one: that may call itself by
 * another name than we do.
 */
struct brokers {
	char *addresses;
	struct client *first;
	struct node *nodes;
	int node_count;
	int32_t controller;
	bool is_careful; /* asks for versions before anything else */
};

/* Tries all addresses in turn. */
static int
connect_first(struct brokers *brokers)
{
	char *copy, *rest, *address;
	int failed = fail(FAIL_USAGE, "'%s': HOST:PORT is expected",
	    brokers->addresses);

	if (brokers->first != NULL)
		return 0;
	copy = rest = memory_copy_text(brokers->addresses);
	while (failed < 0 && (address = strsep(&rest, ",")) != NULL) {
		if (*address != '\0')
			failed = client_open(&brokers->first, address,
			    BROKERS_PATIENCE_MS);
	}
	free(copy);
	if (failed < 0)
		return failed;
	return client_greet(brokers->first);
}

int
brokers_open(struct brokers **out, const char *addresses)
{
	struct brokers *brokers = memory_alloc(sizeof(*brokers));
	int failed;

	*out = NULL;
	brokers->addresses = memory_copy_text(addresses);
	brokers->controller = -1;
	failed = connect_first(brokers);
	if (failed < 0)
		brokers_close(brokers);
	else
		*out = brokers;
	return failed;
}

const char *
brokers_addresses(const struct brokers *brokers)
{
	return brokers->addresses;
}

static void
forget_nodes(struct brokers *brokers)
{
	for (int i = 0; i < brokers->node_count; i++) {
		client_close(brokers->nodes[i].client);
		free(brokers->nodes[i].address);
	}
	free(brokers->nodes);
	brokers->nodes = NULL;
	brokers->node_count = 0;
}

void
brokers_close(struct brokers *brokers)
{
	if (brokers == NULL)
		return;
	forget_nodes(brokers);
	client_close(brokers->first);
	free(brokers->addresses);
	free(brokers);
}

void
brokers_drop(struct brokers *brokers, struct client *client)
{
	if (brokers->first == client)
		brokers->first = NULL;
	for (int i = 0; i < brokers->node_count; i++) {
		if (brokers->nodes[i].client == client)
			brokers->nodes[i].client = NULL;
	}
	client_close(client);
}

void
brokers_disconnect(struct brokers *brokers)
{
	for (int i = 0; i < brokers->node_count; i++) {
		client_close(brokers->nodes[i].client);
		brokers->nodes[i].client = NULL;
	}
	client_close(brokers->first);
	brokers->first = NULL;
}

static char *
address_of(const struct metadata_response_broker *broker)
{
	bool is_ip6 = memchr(broker->host.data, ':', broker->host.size) != NULL;
	struct buf text = {0};
	char *address;

	buf_printf(&text, is_ip6 ? "[%.*s]:%d" : "%.*s:%d",
	    (int)broker->host.size, (const char *)broker->host.data,
	    broker->port);
	address = memory_copy_text(buf_text(&text));
	buf_release(&text);
	return address;
}

/* Takes the list of brokers; keeps connections to those that stay. */
static int
take_nodes(struct brokers *brokers, const struct metadata_response *response)
{
	const struct metadata_response_broker *said = response->brokers.items;
	int count = response->brokers.count;
	struct node *nodes;

	if (count < 1 || count > BROKERS_MAX)
		return fail(FAIL_PROTOCOL, "%s: knows of %d brokers",
		    brokers->addresses, count);
	nodes = memory_alloc((size_t)count * sizeof(*nodes));
	for (int i = 0; i < count; i++) {
		nodes[i].id = said[i].node_id;
		nodes[i].address = address_of(&said[i]);
		for (int k = 0; k < brokers->node_count; k++) {
			struct node *old = &brokers->nodes[k];

			if (old->id != nodes[i].id ||
			    strcmp(old->address, nodes[i].address) != 0)
				continue;
			nodes[i].client = old->client;
			old->client = NULL;
		}
	}
	forget_nodes(brokers);
	brokers->nodes = nodes;
	brokers->node_count = count;
	brokers->controller = response->controller_id;
	return 0;
}

static struct node *
find_node(struct brokers *brokers, int32_t id)
{
	for (int i = 0; i < brokers->node_count; i++) {
		if (brokers->nodes[i].id == id)
			return &brokers->nodes[i];
	}
	return NULL;
}

int
brokers_node(struct brokers *brokers, int32_t id, struct client **client)
{
	struct node *node = find_node(brokers, id);
	int failed;

	if (node == NULL)
		return fail(FAIL_AGAIN, "%s: knows of no broker %d",
		    brokers->addresses, id);
	if (node->client == NULL && (brokers->node_count == 1 ||
	    (brokers->first != NULL && strcmp(node->address,
	    client_address(brokers->first)) == 0))) {
		failed = connect_first(brokers);
		*client = brokers->first;
		return failed;
	}
	if (node->client == NULL) {
		failed = client_open(&node->client, node->address,
		    BROKERS_PATIENCE_MS);
		if (failed >= 0)
			failed = client_greet(node->client);
		if (failed < 0)
			return failed;
	}
	*client = node->client;
	return 0;
}

int
brokers_any(struct brokers *brokers, struct client **client)
{
	int failed = connect_first(brokers);

	*client = brokers->first;
	return failed;
}

int
brokers_leader(struct brokers *brokers, const struct remote_topic *topic,
    int partition, struct client **client)
{
	if (partition >= topic->partitions || topic->leaders[partition] < 0)
		return fail(FAIL_AGAIN, "topic %s: nobody leads partition %d",
		    topic->name, partition);
	return brokers_node(brokers, topic->leaders[partition], client);
}

/* Sends Metadata, right behind the greeting where the version need not be
 * known, and takes the answer. */
static int
ask_once(struct brokers *brokers, const char *name, int want,
    struct arena *arena, struct metadata_response *response)
{
	const struct api *api = &api_metadata;
	struct metadata_request_topic wanted;
	struct metadata_request message;
	int32_t correlation;
	int version = FIRST_METADATA_VERSION, failed = connect_first(brokers);

	schema_preset(api->request, &message);
	schema_preset(&metadata_request_topic_schema, &wanted);
	message.topics = (struct list){&wanted, name == NULL ? 0 : 1};
	message.allow_auto_topic_creation = (want & BROKERS_CREATE) != 0;
	if (name != NULL)
		wanted.name = slice_of(name);
	if (failed == 0 && (brokers->is_careful || (want & BROKERS_ID)))
		version = client_version(brokers->first, api,
		    BROKERS_PATIENCE_MS);
	if (failed == 0)
		failed = version < 0 ? version : client_send(brokers->first,
		    api, version, &message, &correlation);
	if (failed == 0)
		failed = client_receive(brokers->first, arena, response,
		    &correlation, BROKERS_PATIENCE_MS);
	return failed < 0 ? failed : take_nodes(brokers, response);
}

/* A broker that does not know the version closes the connection. */
static int
ask_metadata(struct brokers *brokers, const char *name, int want,
    struct arena *arena, struct metadata_response *response)
{
	bool was_careful;
	int failed;

	do {
		was_careful = brokers->is_careful;
		failed = ask_once(brokers, name, want, arena, response);
		if (failed >= 0 || brokers->first == NULL)
			return failed;
		brokers_drop(brokers, brokers->first);
		brokers->is_careful = true;
	} while (!was_careful && failed == -FAIL_UNAVAILABLE);
	return failed;
}

static int
take_topic(const struct metadata_response_topic *said, const char *name,
    struct remote_topic *topic)
{
	const struct metadata_response_partition *parts =
	    said->partitions.items;
	int count = said->partitions.count;

	if (said->error_code != 0)
		return brokers_judge(said->error_code, (struct slice){0}, name);
	if (count < 1)
		return ERROR_LEADER_NOT_AVAILABLE;
	topic->name = memory_copy_text(name);
	memcpy(topic->id, said->topic_id, sizeof(topic->id));
	topic->partitions = count;
	topic->leaders = memory_alloc((size_t)count * sizeof(int32_t));
	memset(topic->leaders, -1, (size_t)count * sizeof(int32_t));
	for (int i = 0; i < count; i++) {
		int at = parts[i].partition_index;

		if (at >= 0 && at < count)
			topic->leaders[at] = parts[i].leader_id;
	}
	return 0;
}

/* A code of the protocol, or a failure. */
static int
ask_topic(struct brokers *brokers, const char *name, int want,
    struct remote_topic *topic)
{
	struct arena arena = arena_limited(METADATA_BYTES);
	struct metadata_response response;
	int result = ask_metadata(brokers, name, want, &arena, &response);

	if (result == 0)
		result = response.topics.count != 1 ?
		    ERROR_UNKNOWN_TOPIC_OR_PARTITION :
		    take_topic(response.topics.items, name, topic);
	arena_release(&arena);
	return result;
}

/* A topic that is being made is not known to all yet. */
static bool
is_worth_waiting(int code, int want)
{
	if (code == ERROR_UNKNOWN_TOPIC_OR_PARTITION)
		return (want & BROKERS_CREATE) != 0;
	return code > 0 && is_error_retriable(code);
}

int
brokers_find(struct brokers *brokers, const char *name, int want,
    struct remote_topic *topic)
{
	enum { TRIES = 12 };
	int result = check_name(name, "topic");

	memset(topic, 0, sizeof(*topic));
	for (int tries = 1; tries < TRIES && result >= 0; tries++) {
		result = ask_topic(brokers, name, want, topic);
		if (!is_worth_waiting(result, want))
			break;
		clock_sleep_ms(brokers_backoff_ms(tries));
	}
	if (result > 0)
		return brokers_error(result, (struct slice){0}, name);
	return result;
}

void
remote_topic_release(struct remote_topic *topic)
{
	free(topic->name);
	free(topic->leaders);
	memset(topic, 0, sizeof(*topic));
}

/* Learns who is there, if nobody asked yet. */
static int
know_nodes(struct brokers *brokers)
{
	struct arena arena = arena_limited(METADATA_BYTES);
	struct metadata_response response;
	int failed = brokers->node_count > 0 ? 0 :
	    ask_metadata(brokers, NULL, 0, &arena, &response);

	arena_release(&arena);
	return failed;
}

int
brokers_each(struct brokers *brokers,
    int (*each)(struct client *client, void *context), void *context)
{
	struct client *client;
	int failed = know_nodes(brokers);

	for (int i = 0; failed >= 0 && i < brokers->node_count; i++) {
		failed = brokers_node(brokers, brokers->nodes[i].id, &client);
		if (failed >= 0)
			failed = each(client, context);
	}
	return failed;
}

int
brokers_controller(struct brokers *brokers, struct client **client)
{
	int failed = know_nodes(brokers);

	if (failed < 0)
		return failed;
	if (find_node(brokers, brokers->controller) == NULL)
		return brokers_any(brokers, client);
	return brokers_node(brokers, brokers->controller, client);
}
