/* How mq-topic shows topics: tables for people, JSON Lines for programs. */
#ifndef CMD_TOPIC_PRINT_H
#define CMD_TOPIC_PRINT_H

#include "spool/topic.h"

enum topic_detail {
	TOPIC_LINE, /* counts: mq-topic list -v */
	TOPIC_ALL,  /* configuration and partitions: show */
	TOPIC_LOSS, /* what its deletion would lose */
};

struct topic_print;

/* Output is appended to out, some of it only by close, which frees. */
struct topic_print *topic_print_open(bool is_json, struct buf *out);
void topic_print_close(struct topic_print *print);

/* The name alone, one a line. */
void topic_print_name(struct topic_print *print, const char *name);

/* Opens the partitions of the topic to count. */
int topic_print_add(struct topic_print *print, struct topic *topic,
    enum topic_detail detail);

/* What create (from NULL) or alter would write: always 0. */
int topic_print_plan(struct topic_print *print, const char *name,
    const struct topic_settings *from, const struct topic_settings *to);

#endif
