/* Whether the name of a share group is another group's, and its settings. */
#include "server/share_groups.h"

#include "kafka/share.h"
#include "server/roster.h"
#include "spool/group.h"

#include <stdlib.h>

struct name_check {
	struct task task;
	struct request *request;
	void (*next)(struct request *request, enum error_code code,
	    const struct group_settings *settings);
	enum error_code code;
	struct group_settings settings;
};

static void
begin_check(struct task *task, struct storage *storage)
{
	struct name_check *check = (struct name_check *)task;
	const struct share_heartbeat_request *message =
	    check->request->message;
	struct slice name = request_copy_bytes(check->request,
	    message->group_id);
	enum group_order order = ORDER_NONE;
	int found = group_order_of(storage_spool(storage), name.data, &order);

	if (found < 0)
		check->code = ERROR_COORDINATOR_NOT_AVAILABLE;
	else if (found > 0 && order == ORDER_PARTITION)
		check->code = ERROR_GROUP_ID_NOT_FOUND;
	if (group_settings_get(storage_spool(storage), name.data,
	    &check->settings) < 0)
		check->code = ERROR_COORDINATOR_NOT_AVAILABLE;
}

/* Somebody may have joined meanwhile. */
static void
end_check(struct task *task)
{
	struct name_check *check = (struct name_check *)task;
	struct request *request = check->request;
	const struct share_heartbeat_request *message = request->message;
	const struct roster *roster = rosters_find(request->server->rosters,
	    message->group_id, false);

	if (roster != NULL && roster->members != NULL)
		check->code = ERROR_GROUP_ID_NOT_FOUND;
	if (request->connection == NULL)
		request_answer(request);
	else
		check->next(request, check->code, &check->settings);
	free(check);
}

void
share_name_check(struct request *request,
    void (*next)(struct request *request, enum error_code code,
        const struct group_settings *settings))
{
	struct name_check *check = memory_alloc(sizeof *check);

	check->request = request;
	check->next = next;
	check->task.begin = begin_check;
	check->task.done = end_check;
	tasks_add(request->server->index, &check->task);
}
