/* Looking after the topics of brokers: list, create, alter, delete. */
#ifndef QUEUE_ADMIN_H
#define QUEUE_ADMIN_H

#include "queue/brokers.h"

/* A setting of a topic, as text. */
struct admin_setting {
	struct slice key;
	struct slice value;
};

/* Calls each with the names of all topics that are not the brokers' own, in
 * order, as a spool lists them; a negative result ends it. */
int admin_list(struct brokers *brokers,
    int (*each)(const char *name, void *data), void *data);

/* Makes a topic of some partitions (-1: as many as the brokers give it, which
 * is put there). A dry run only asks whether it could be made. -FAIL_CREATE: it
 * is there already. */
int admin_create(struct brokers *brokers, const char *name,
    int64_t *partitions, const struct admin_setting *settings, size_t count,
    bool is_dry_run);

/* Changes some settings; and adds partitions until there are so many. */
int admin_alter(struct brokers *brokers, const char *name,
    const struct admin_setting *settings, size_t count, bool is_dry_run);
int admin_extend(struct brokers *brokers, const char *name,
    int64_t partitions, bool is_dry_run);

/* Calls each with the settings of a topic, as the brokers say them. */
int admin_describe(struct brokers *brokers, const char *name,
    int (*each)(struct slice key, struct slice value, void *data), void *data);

/* The same of a group, for those that are not the defaults; brokers that know
 * of none say nothing. */
int admin_describe_group(struct brokers *brokers, const char *name,
    int (*each)(struct slice key, struct slice value, void *data), void *data);

/* Changes settings of a group; an empty value: back to the default. */
int admin_alter_group(struct brokers *brokers, const char *name,
    const struct admin_setting *settings, size_t count, bool is_dry_run);

int admin_delete(struct brokers *brokers, const char *name);

#endif
