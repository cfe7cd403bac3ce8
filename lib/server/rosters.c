/* All consumer groups of a server, by name. */
#include "server/roster.h"

#include "base/hash.h"
#include "server/roster_store.h"

#include <stdlib.h>

enum {
	BUCKETS = 1024,
	ROSTERS_MAX = 20000,
	MEMORY_MAX = 64 * 1024 * 1024,
};

struct rosters {
	struct server *server;
	bool is_loaded;
	size_t count;
	size_t memory;  /* of what members said */
	struct roster *buckets[BUCKETS];
};

struct server *
rosters_server(const struct rosters *rosters)
{
	return rosters->server;
}

bool
is_rosters_loaded(const struct rosters *rosters)
{
	return rosters->is_loaded;
}

const char *
roster_state_name(const struct roster *roster)
{
	static const char *const names[] = {"Empty", "PreparingRebalance",
	    "CompletingRebalance", "Stable"};

	return names[roster->state];
}

static void
on_timer(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	roster_expire(argument);
}

static struct roster **
bucket_of(struct rosters *rosters, struct slice id)
{
	return &rosters->buckets[hash_bytes(id.data, id.size) % BUCKETS];
}

struct roster *
rosters_find(struct rosters *rosters, struct slice id, bool may_make)
{
	struct roster **bucket = bucket_of(rosters, id);
	struct roster *roster;

	for (roster = *bucket; roster != NULL; roster = roster->next)
		if (slice_equal(id, slice_of(roster->id)))
			return roster;
	if (!may_make || rosters->count >= ROSTERS_MAX)
		return NULL;
	rosters->count++;
	roster = memory_alloc(sizeof *roster);
	roster->rosters = rosters;
	roster->id = slice_copy(id);
	roster->timer = evtimer_new(rosters->server->base, on_timer, roster);
	roster->next = *bucket;
	*bucket = roster;
	return roster;
}

void
rosters_each(struct rosters *rosters,
    bool (*each)(struct roster *roster, void *context), void *context)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct roster *roster = rosters->buckets[i], *next;
		    roster != NULL; roster = next) {
			next = roster->next;
			if (!each(roster, context))
				return;
		}
}

void
rosters_forget(struct roster *roster)
{
	struct roster **place = bucket_of(roster->rosters,
	    slice_of(roster->id));

	while (*place != roster)
		place = &(*place)->next;
	*place = roster->next;
	roster->rosters->count--;
	roster_forget_pending(roster);
	if (roster->timer != NULL)
		event_free(roster->timer);
	free(roster->protocol_type);
	free(roster->protocol);
	free(roster->id);
	free(roster);
}

void
rosters_forget_unused(struct roster *roster)
{
	if (roster->state == ROSTER_EMPTY && roster->generation == 0 &&
	    roster->pending == NULL)
		rosters_forget(roster);
}

bool
is_rosters_full(const struct rosters *rosters)
{
	return rosters->memory >= MEMORY_MAX;
}

void
rosters_count_memory(struct rosters *rosters, size_t before, size_t now)
{
	rosters->memory += now;
	rosters->memory -= before;
}

static bool
end_waits(struct roster *roster, void *context)
{
	(void)context;
	for (struct roster_member *member = roster->members; member != NULL;
	    member = member->next)
		roster_end_waits(member, ERROR_COORDINATOR_NOT_AVAILABLE);
	return true;
}

void
rosters_end(struct rosters *rosters)
{
	rosters_each(rosters, end_waits, NULL);
}

static void
on_loaded(struct rosters *rosters)
{
	rosters->is_loaded = true;
}

struct rosters *
rosters_open(struct server *server)
{
	struct rosters *rosters = memory_alloc(sizeof *rosters);

	rosters->server = server;
	roster_load_all(rosters, on_loaded);
	return rosters;
}

static bool
close_roster(struct roster *roster, void *context)
{
	(void)context;
	roster_dissolve(roster, ERROR_COORDINATOR_NOT_AVAILABLE);
	rosters_forget(roster);
	return true;
}

void
rosters_close(struct rosters *rosters)
{
	if (rosters == NULL)
		return;
	rosters_each(rosters, close_roster, NULL);
	free(rosters);
}
