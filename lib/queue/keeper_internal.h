/* What kinds of keepers are made of. */
#ifndef QUEUE_KEEPER_INTERNAL_H
#define QUEUE_KEEPER_INTERNAL_H

#include "queue/keeper.h"

struct keeper_kind {
	int (*topics)(struct keeper *keeper,
	    int (*each)(const char *name, void *context), void *context);
	int (*partitions)(struct keeper *keeper, const char *topic,
	    int (*each)(const struct keeper_partition *partition,
	    void *context), void *context);
	int (*groups)(struct keeper *keeper, const char *group,
	    const char *topic,
	    int (*each)(const struct group_state *state, void *context),
	    void *context);
	int (*members)(struct keeper *keeper, const char *group,
	    void (*each)(const struct member_state *member, void *context),
	    void *context);
	int (*group_settings)(struct keeper *keeper, const char *group,
	    void (*each)(const char *key, const char *value, void *context),
	    void *context);
	int (*alter_group)(struct keeper *keeper, const char *group,
	    const struct admin_setting *settings, size_t count,
	    bool is_dry_run);
	int (*reset)(struct keeper *keeper, const struct keeper_reset *reset,
	    void (*each)(const struct reset_change *change, void *context),
	    void *context);
	int (*delete_group)(struct keeper *keeper, const char *group,
	    const char *topic, bool is_dry_run);
	void (*close)(struct keeper *keeper);
};

struct keeper {
	const struct keeper_kind *kind;
	struct spool *spool; /* NULL: brokers */
};

#endif
