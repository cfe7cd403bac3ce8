/* Opening partitions in the thread that may wait. */
#include "server/opening.h"

static void
open_part(struct storage *storage, const struct opening_part *part)
{
	struct topic *topic;
	struct partition *partition;
	struct partition_state state;
	int failed = part->name.data == NULL
	    ? storage_topic_by_id(storage, part->id, &topic)
	    : storage_topic(storage, part->name, &topic);

	if (failed == 0)
		failed = topic_partition(topic, part->number, &partition);
	if (failed == 0)
		(void)partition_state(partition, &state);
}

static void
begin(struct task *task, struct storage *storage)
{
	const struct opening *opening = (struct opening *)task;
	const struct opening_part *parts =
	    (const void *)opening->parts.data;

	for (size_t i = 0; i < opening->parts.size / sizeof *parts; i++)
		open_part(storage, &parts[i]);
}

static void
done(struct task *task)
{
	struct opening *opening = (struct opening *)task;

	buf_release(&opening->parts);
	opening->done(opening);
}

void
opening_want(struct server *server, struct opening *opening,
    const struct opening_part *part)
{
	if (!is_storage_open(server->storage, part->name, part->id,
	    part->number))
		buf_append(&opening->parts, part, sizeof *part);
}

bool
opening_send(struct server *server, struct opening *opening)
{
	if (opening->parts.size == 0)
		return false;
	opening->task = (struct task){.begin = begin, .done = done};
	tasks_add(server->errands, &opening->task);
	return true;
}
