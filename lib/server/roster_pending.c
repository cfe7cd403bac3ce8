/* Ids of members that were given out and not used yet. */
#include "server/roster.h"

#include <stdlib.h>
#include <string.h>

static void
forget_pending(struct roster_pending *pending)
{
	struct roster_pending **place = &pending->roster->pending;

	while (*place != pending)
		place = &(*place)->next;
	*place = pending->next;
	pending->roster->pending_count--;
	event_free(pending->timer);
	free(pending->id);
	free(pending);
}

static void
on_time(evutil_socket_t fd, short what, void *argument)
{
	struct roster_pending *pending = argument;
	struct roster *roster = pending->roster;

	(void)fd;
	(void)what;
	forget_pending(pending);
	rosters_forget_unused(roster);
}

void
roster_hand_out(struct roster *roster, const char *id, int64_t session_ms)
{
	struct roster_pending *pending = memory_alloc(sizeof *pending);
	struct timeval time = {session_ms / 1000, 0};

	pending->roster = roster;
	pending->id = memory_copy_text(id);
	pending->timer = evtimer_new(rosters_server(roster->rosters)->base,
	    on_time, pending);
	event_add(pending->timer, &time);
	pending->next = roster->pending;
	roster->pending = pending;
	roster->pending_count++;
}

bool
roster_take_pending(struct roster *roster, struct slice id)
{
	for (struct roster_pending *pending = roster->pending;
	    pending != NULL; pending = pending->next)
		if (slice_equal(id, slice_of(pending->id))) {
			forget_pending(pending);
			return true;
		}
	return false;
}

void
roster_forget_pending(struct roster *roster)
{
	while (roster->pending != NULL)
		forget_pending(roster->pending);
}
