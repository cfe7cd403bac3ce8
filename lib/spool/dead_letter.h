/* The bytes of a dead letter: the message's record with the story in headers,
 * for those who write some (internal to groups, here and over a network). */
#ifndef SPOOL_DEAD_LETTER_H
#define SPOOL_DEAD_LETTER_H

#include "log/batch.h"
#include "spool/dead.h"

/* The generation of a letter that a member over a network makes: it knows of
 * none, so that no other letter is taken for that one. */
enum { DEAD_GENERATION_NONE = -1 };

/* Where a letter is from. */
struct dead_source {
	const char *group;
	const char *topic;
	const unsigned char *topic_id; /* 16 bytes */
	int64_t partition;
	int64_t generation;
	int64_t attempts;
};

/* Appends the key under which the index knows a letter. */
void dead_letter_key(const struct dead_source *source, int64_t offset,
    struct buf *key);

/* Appends what the keys of all letters of a group from a topic begin with. */
void dead_letter_key_start(const char *group, const unsigned char *topic_id,
    struct buf *key);

/* A key from the headers of a record; false if it is no letter. */
bool dead_letter_read_key(const struct record *record, struct buf *key);

/* A header that tells the story, and is not the message's own. */
bool is_dead_letter_header(struct slice name);

/* A record of a dead-letter topic as a letter, whose views are the record's;
 * numbers that are no numbers are as if they were not there. False if it is no
 * letter. */
bool dead_letter_read(const struct record *record, int partition,
    struct dead_letter *letter);

/* Appends the letter of a record to a batch. headers is scratch. */
void dead_letter_append(struct batch_builder *builder,
    const struct record *record, const struct dead_source *source,
    const struct failure *failure, struct buf *headers);

#endif
