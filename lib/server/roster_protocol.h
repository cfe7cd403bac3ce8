/* Protocols of consumer groups: what each member can, and what they agree on. */
#ifndef SERVER_ROSTER_PROTOCOL_H
#define SERVER_ROSTER_PROTOCOL_H

#include "kafka/membership.h"
#include "server/roster.h"

/* What most members like best of what all of them can; NULL: nothing. */
const char *roster_choose_protocol(const struct roster *roster);

/* May who says this be a member? self, if he is one, may change his mind. */
bool is_roster_consistent(const struct roster *roster,
    const struct roster_member *self,
    const struct join_group_request *message);

/* Does a member say again what it said? */
bool is_roster_member_unchanged(const struct roster_member *member,
    const struct list *protocols);

/* Does a member that comes back want the topics that it wanted, by the protocol
 * of this generation? */
bool is_roster_member_same(const struct roster_member *member,
    const struct join_group_request *message);

/* Forgets what a member said it can. */
void roster_forget_protocols(struct roster_member *member);

/* What a member said with the protocol that was chosen; a view. */
struct slice roster_member_metadata(const struct roster_member *member);

/* Do its members speak the consumers' protocol, so that their metadata are
 * subscriptions? */
bool is_roster_of_consumers(const struct roster *roster);

/* Does a member read the topic? One that cannot be understood may. */
bool is_roster_subscribed(const struct roster *roster, struct slice topic);

#endif
