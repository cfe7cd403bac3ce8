/* Which protocol the members of a consumer group have in common. */
#include "server/roster.h"

#include <string.h>

static bool
is_supported_by(const struct roster_member *member, const char *name)
{
	for (int32_t i = 0; i < member->protocol_count; i++)
		if (strcmp(member->protocols[i].name, name) == 0)
			return true;
	return false;
}

static bool
is_supported_by_all(const struct roster *roster, const char *name)
{
	for (const struct roster_member *member = roster->members;
	    member != NULL; member = member->next)
		if (!is_supported_by(member, name))
			return false;
	return true;
}

/* A member's vote: the first of its protocols that all can. */
static const char *
vote(const struct roster_member *member)
{
	for (int32_t i = 0; i < member->protocol_count; i++)
		if (is_supported_by_all(member->roster,
		    member->protocols[i].name))
			return member->protocols[i].name;
	return NULL;
}

const char *
roster_choose_protocol(const struct roster *roster)
{
	const char *best = NULL;
	int most = 0;

	for (const struct roster_member *member = roster->members;
	    member != NULL; member = member->next) {
		const char *name = vote(member);
		int votes = 0;

		for (const struct roster_member *other = roster->members;
		    name != NULL && other != NULL; other = other->next)
			votes += strcmp(vote(other), name) == 0;
		if (votes > most) {
			most = votes;
			best = name;
		}
	}
	return best;
}
