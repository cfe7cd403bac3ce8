/* mq-topic over the network. */
#ifndef CMD_TOPIC_REMOTE_H
#define CMD_TOPIC_REMOTE_H

#include "topic_print.h"

#include "base/option.h"

struct brokers;

/* What the subcommands need to know of the options. */
struct topic_remote {
	struct brokers *brokers;
	struct topic_print *print;
	int64_t partitions; /* -1: not given */
	const struct option_list *settings;
	bool is_dry_run;
	bool has_detail;    /* list: more than names */
	bool if_not_exists;
};

/* Each fails and exits; only show and list print. */
void topic_remote_list(const struct topic_remote *remote);
void topic_remote_show(const struct topic_remote *remote, const char *name,
    enum topic_detail detail);
void topic_remote_create(const struct topic_remote *remote, const char *name);
void topic_remote_alter(const struct topic_remote *remote, const char *name);
void topic_remote_delete(const struct topic_remote *remote, const char *name);

#endif
