/* How mq-topic shows topics: tables for people, JSON Lines for programs. */
#ifndef CMD_TOPIC_PRINT_H
#define CMD_TOPIC_PRINT_H

#include "spool/topic.h"

enum topic_detail {
	TOPIC_LINE, /* counts: mq-topic list -v */
	TOPIC_ALL,  /* configuration and partitions: show */
	TOPIC_LOSS, /* what its deletion would lose */
};

/* One partition, or the sum of all; bytes and segments are -1 if only brokers
 * know them. */
struct topic_count {
	int64_t start;
	int64_t end;
	int64_t messages;
	int64_t bytes;
	int64_t segments;
};

/* What is shown of a topic. */
struct topic_facts {
	const char *name;
	const unsigned char *id;
	const struct topic_settings *settings;
	int partitions;
	const struct topic_count *counts;
};

struct topic_print;

/* Output is appended to out, some of it only by close, which frees. */
struct topic_print *topic_print_open(bool is_json, struct buf *out);
void topic_print_close(struct topic_print *print);

/* The name alone, one a line. */
void topic_print_name(struct topic_print *print, const char *name);

void topic_print_facts(struct topic_print *print,
    const struct topic_facts *facts, enum topic_detail detail);

/* Opens the partitions of the topic to count. */
int topic_print_add(struct topic_print *print, struct topic *topic,
    enum topic_detail detail);

/* What create (from NULL) or alter would write, others being " KEY=VALUE" of
 * keys that are not ours, or "": always 0. */
int topic_print_plan(struct topic_print *print, const char *name,
    const struct topic_settings *from, const struct topic_settings *to,
    const char *others);

#endif
