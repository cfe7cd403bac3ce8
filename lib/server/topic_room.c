/* Counted by looking, once in a while. */
#include "server/topic_room.h"

#include "base/fail.h"

enum {
	TOPICS_MAX = 10000,
	ROOM_MAX = 100, /* until they are counted again */
};

static int
count_topics(struct storage *storage, int *count)
{
	struct buf names = {0};
	int failed = storage_list(storage, &names);

	*count = 0;
	for (size_t i = 0; i < names.size; i++)
		*count += names.data[i] == 0;
	buf_release(&names);
	return failed;
}

int
topic_room_take(struct server *server, struct storage *storage)
{
	int count, failed = 0;

	if (server->topic_room == 0) {
		failed = count_topics(storage, &count);
		if (failed == 0 && count < TOPICS_MAX)
			server->topic_room = TOPICS_MAX - count < ROOM_MAX ?
			    TOPICS_MAX - count : ROOM_MAX;
	}
	if (failed < 0)
		return failed;
	if (server->topic_room == 0)
		return fail(FAIL_PERMISSION, "the spool has %d topics or more: "
		    "clients can make no others", TOPICS_MAX);
	server->topic_room--;
	return 0;
}
