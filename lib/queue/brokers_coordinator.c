/* Finding the broker that coordinates a group. */
#include "queue/brokers.h"

#include "base/fail.h"

enum { RESPONSE_BYTES = 1024 * 1024 /* decoded */ };

/* The coordinator's number: of the group that was asked for, as the version
 * has it. A code of the protocol, or a failure. */
static int
ask_once(struct brokers *brokers, const char *group, int32_t *id)
{
	struct arena arena = arena_limited(RESPONSE_BYTES);
	struct find_coordinator_request message;
	struct find_coordinator_response response;
	const struct find_coordinator_response_coordinator *found;
	struct slice key = slice_of(group);
	struct client *client;
	int result = brokers_any(brokers, &client);

	schema_preset(&find_coordinator_request_schema, &message);
	message.key = key;
	message.coordinator_keys = (struct list){&key, 1};
	if (result == 0)
		result = client_call(client, &api_find_coordinator, &message,
		    &arena, &response, BROKERS_PATIENCE_MS);
	if (result == 0 && response.coordinators.count > 0) {
		found = response.coordinators.items;
		result = brokers_judge(found->error_code,
		    found->error_message, group);
		*id = found->node_id;
	} else if (result == 0) {
		result = brokers_judge(response.error_code,
		    response.error_message, group);
		*id = response.node_id;
	}
	arena_release(&arena);
	return result;
}

static int
do_nothing(struct client *client, void *context)
{
	(void)client;
	(void)context;
	return 0;
}

/* Kafka makes its topic of groups when the first is asked for. */
int
brokers_coordinator(struct brokers *brokers, const char *group,
    struct client **client)
{
	struct brokers_retry retry = {0};
	int32_t id = -1;
	int result;

	do
		result = ask_once(brokers, group, &id);
	while (brokers_retry(&retry, result));
	if (result > 0)
		return brokers_error(result, (struct slice){0}, group);
	if (result == 0)
		result = brokers_node(brokers, id, client);
	if (result == -FAIL_AGAIN &&
	    brokers_each(brokers, do_nothing, NULL) == 0)
		result = brokers_node(brokers, id, client);
	return result;
}

/* It may be another one each time. */
int
brokers_ask_group(struct brokers *brokers, const char *group,
    int (*ask)(struct client *coordinator, void *context), void *context)
{
	struct brokers_retry retry = {0};
	struct client *client;
	int result;

	do {
		result = brokers_coordinator(brokers, group, &client);
		if (result == 0)
			result = ask(client, context);
	} while (brokers_retry(&retry, result));
	return result <= 0 ? result :
	    brokers_error(result, (struct slice){0}, group);
}
