/* mq-get: what its options say, shared by its ways of reading. */
#ifndef CMD_GET_H
#define CMD_GET_H

#include "get_group.h"
#include "queue/filter.h"
#include "queue/framing.h"
#include "queue/range.h"
#include "spool/topic.h"

struct get_options {
	const char *directory;
	const char *brokers;
	const char *offset;       /* -o, NULL: start */
	int64_t partition;        /* -p, -1: all */
	int64_t count;            /* -c, -1: no limit */
	bool follow;
	int64_t wait_ms;          /* -w, 0: not at all */
	struct framing_options framing_options;
	struct option_list keys;
	struct option_list tags;
	struct option_list headers;
	const char *since;
	const char *until;
	bool verbose;
	bool quiet;
	struct get_group_options group;
	/* What the texts mean, once get_prepare has looked. */
	struct framing framing;
	struct filter filter;
	struct range range;
};

/* Reads the texts; a bad one is a usage error. */
void get_prepare(struct get_options *options);

/* Opens the topics, or fails and exits. The caller frees the list. */
struct topic **get_topics(struct spool *spool, char **names, int count);

/* What readers tell on stderr; context is the struct get_options. Damage is
 * named even if quiet, trimmed offsets are a note. -v: each message's place. */
void get_print_notice(const char *text, bool is_damage, void *context);
void get_print_message(const struct message *message, void *context);

/* The pure read: changes no message and no group. Returns the exit status, or
 * dies of the signal that ended it. */
int get_read(const struct get_options *options, char **names, int count);

#endif
