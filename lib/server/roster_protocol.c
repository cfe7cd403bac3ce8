/* What members of a consumer group can, and what they agree on. */
#include "server/roster_protocol.h"

#include "base/cursor.h"

#include <stdlib.h>
#include <string.h>

void
roster_forget_protocols(struct roster_member *member)
{
	for (int32_t i = 0; i < member->protocol_count; i++) {
		free(member->protocols[i].name);
		buf_release(&member->protocols[i].metadata);
	}
	free(member->protocols);
	member->protocols = NULL;
	member->protocol_count = 0;
}

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

static bool
is_offered(const struct list *protocols, const char *name)
{
	const struct join_group_request_protocol *items = protocols->items;

	for (int32_t i = 0; i < protocols->count; i++)
		if (slice_equal(items[i].name, slice_of(name)))
			return true;
	return false;
}

/* True if `offered` has one that all members can (but `self`, whose own
 * change). */
static bool
has_common_protocol(const struct roster *roster,
    const struct roster_member *self, const struct list *offered)
{
	const struct join_group_request_protocol *items = offered->items;

	for (int32_t i = 0; i < offered->count; i++) {
		const struct roster_member *member = roster->members;

		for (; member != NULL; member = member->next) {
			bool has = member == self;

			for (int32_t k = 0; k < member->protocol_count; k++)
				has = has || slice_equal(items[i].name,
				    slice_of(member->protocols[k].name));
			if (!has)
				break;
		}
		if (member == NULL)
			return true;
	}
	return false;
}

bool
is_roster_consistent(const struct roster *roster,
    const struct roster_member *self,
    const struct join_group_request *message)
{
	if (message->protocols.count <= 0 || message->protocol_type.size == 0)
		return false;
	if (roster->members == NULL)
		return true;
	return slice_equal(message->protocol_type,
	    slice_of(roster->protocol_type)) &&
	    has_common_protocol(roster, self, &message->protocols);
}

bool
is_roster_member_unchanged(const struct roster_member *member,
    const struct list *protocols)
{
	const struct join_group_request_protocol *items = protocols->items;

	if (protocols->count != member->protocol_count)
		return false;
	for (int32_t i = 0; i < protocols->count; i++)
		if (!is_offered(protocols, member->protocols[i].name) ||
		    !slice_equal(items[i].name,
		    slice_of(member->protocols[i].name)) ||
		    !slice_equal(items[i].metadata,
		    buf_slice(&member->protocols[i].metadata)))
			return false;
	return true;
}

bool
is_roster_of_consumers(const struct roster *roster)
{
	return roster->protocol_type != NULL &&
	    strcmp(roster->protocol_type, "consumer") == 0;
}

/* The version and the topics of a consumer's subscription: what follows, such
 * as the partitions that it had, is another one after each restart. */
static struct slice
subscription_of(struct slice metadata)
{
	struct cursor input = cursor_over(metadata.data, metadata.size);
	int32_t topics;

	cursor_be16(&input);
	topics = (int32_t)cursor_be32(&input);
	for (int32_t i = 0; i < topics && !input.failed; i++)
		cursor_bytes(&input, cursor_be16(&input));
	return input.failed ? metadata : (struct slice){metadata.data,
	    metadata.size - cursor_left(&input)};
}

bool
is_roster_member_same(const struct roster_member *member,
    const struct join_group_request *message)
{
	const struct roster *roster = member->roster;
	const struct join_group_request_protocol *items =
	    message->protocols.items;
	struct slice old = roster_member_metadata(member);

	for (int32_t i = 0; i < message->protocols.count; i++)
		if (slice_equal(items[i].name, slice_of(roster->protocol)))
			return slice_equal(items[i].metadata, old) ||
			    (is_roster_of_consumers(roster) &&
			    slice_equal(subscription_of(items[i].metadata),
			    subscription_of(old)));
	return false;
}

struct slice
roster_member_metadata(const struct roster_member *member)
{
	const char *protocol = member->roster->protocol;

	for (int32_t i = 0; i < member->protocol_count; i++)
		if (protocol != NULL &&
		    strcmp(member->protocols[i].name, protocol) == 0)
			return buf_slice(&member->protocols[i].metadata);
	return slice_of("");
}

static bool
is_subscribed(struct slice subscription, struct slice topic)
{
	struct cursor input = cursor_over(subscription.data,
	    subscription.size);
	int32_t topics;

	cursor_be16(&input);
	topics = (int32_t)cursor_be32(&input);
	for (int32_t i = 0; i < topics && !input.failed; i++)
		if (slice_equal(topic, cursor_bytes(&input,
		    cursor_be16(&input))))
			return true;
	return input.failed;
}

bool
is_roster_subscribed(const struct roster *roster, struct slice topic)
{
	for (const struct roster_member *member = roster->members;
	    member != NULL; member = member->next)
		if (is_subscribed(roster_member_metadata(member), topic))
			return true;
	return false;
}
