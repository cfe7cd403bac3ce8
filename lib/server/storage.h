/* Storage: a spool as one thread uses it, with the topics it has open.
 *
 * Handles of the spool belong to one thread each, so every thread that works on
 * the spool has a storage of its own. */
#ifndef SERVER_STORAGE_H
#define SERVER_STORAGE_H

#include "server/shares.h"
#include "spool/producers.h"
#include "spool/roster.h"

struct storage;
int storage_open(struct storage **storage, const char *path, bool force);
void storage_close(struct storage *storage); /* accepts NULL */

/* For the storage of a loop: within one turn of it, each topic is looked at
 * only once for what may have become of it. */
struct event_base;
void storage_follow(struct storage *storage, struct event_base *base);
struct spool *storage_spool(const struct storage *storage);

/* The topic of that name, as it is now: opened on first use, opened again if
 * another has its name meanwhile. Valid until the next call with the same name.
 * -FAIL_MISSING, -FAIL_USAGE (a bad name), or others of topic_open. */
int storage_topic(struct storage *storage, struct slice name,
    struct topic **topic);

/* True if the partition of the topic of that name (NULL: of that id) is open, and
 * to look at it waits for nothing. */
bool is_storage_open(struct storage *storage, struct slice name,
    const unsigned char *id, int partition);

/* That topic if it is open, as it was when it was last asked for: a
 * topic_refresh tells whether it is so still. Else NULL. */
struct topic *storage_open_topic(struct storage *storage, struct slice name);

/* Keeps a topic that storage_topic gave open until it is dropped, also when
 * another one has its name. */
void storage_hold(struct storage *storage, struct topic *topic);
void storage_drop(struct storage *storage, struct topic *topic);

/* As that, made if it is missing and the spool's settings allow. */
int storage_topic_or_create(struct storage *storage, struct slice name,
    struct topic **topic);

/* Sets the id of the topic of that name, 16 bytes, if there is one. */
void storage_topic_id(struct storage *storage, struct slice name,
    unsigned char *id);

/* By id, 16 bytes. -FAIL_MISSING. */
int storage_topic_by_id(struct storage *storage, const unsigned char *id,
    struct topic **topic);

/* What consumer groups keep in the index; opened on first use. */
int storage_book(struct storage *storage, struct roster_book **book);

/* What producers have stored in a partition of a topic that storage_topic gave.
 * Valid as long as the topic. */
struct producers *storage_producers(struct storage *storage,
    struct topic *topic, int partition);

/* What share groups lease; made on first use. */
struct shares *storage_shares(struct storage *storage);

/* The names of all topics, sorted, as C strings one after the other. */
int storage_list(struct storage *storage, struct buf *names);

#endif
