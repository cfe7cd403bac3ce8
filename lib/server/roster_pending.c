/* Ids of members that were given out and not used yet. */
#include "server/roster.h"

#include <stdlib.h>

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

/* The others need not wait for it any longer. */
static void
go_on(struct roster *roster)
{
	if (roster->state == ROSTER_PREPARING)
		roster_try_complete(roster);
	else
		rosters_forget_unused(roster);
}

static void
on_time(evutil_socket_t fd, short what, void *argument)
{
	struct roster_pending *pending = argument;
	struct roster *roster = pending->roster;

	(void)fd;
	(void)what;
	forget_pending(pending);
	go_on(roster);
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

static struct roster_pending *
find(const struct roster *roster, struct slice id)
{
	struct roster_pending *pending = roster->pending;

	while (pending != NULL && !slice_equal(id, slice_of(pending->id)))
		pending = pending->next;
	return pending;
}

bool
is_roster_pending(const struct roster *roster, struct slice id)
{
	return find(roster, id) != NULL;
}

bool
roster_take_pending(struct roster *roster, struct slice id)
{
	struct roster_pending *pending = find(roster, id);

	if (pending != NULL)
		forget_pending(pending);
	return pending != NULL;
}

bool
roster_drop_pending(struct roster *roster, struct slice id)
{
	bool is_there = roster_take_pending(roster, id);

	if (is_there)
		go_on(roster);
	return is_there;
}

void
roster_forget_pending(struct roster *roster)
{
	while (roster->pending != NULL)
		forget_pending(roster->pending);
}
