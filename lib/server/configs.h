/* What settings of all kinds of resources share. */
#ifndef SERVER_CONFIGS_H
#define SERVER_CONFIGS_H

#include "kafka/configs.h"

enum { CONFIGS_TOPIC = 2, CONFIGS_BROKER = 4, CONFIGS_GROUP = 32 };
enum { CONFIGS_SOURCE_TOPIC = 1, CONFIGS_SOURCE_BROKER = 4,
	CONFIGS_SOURCE_DEFAULT = 5, CONFIGS_SOURCE_GROUP = 8 };
enum { CONFIGS_TYPE_BOOL = 1, CONFIGS_TYPE_STRING = 2, CONFIGS_TYPE_INT = 3,
	CONFIGS_TYPE_LONG = 5 };
enum { CONFIGS_SET, CONFIGS_DELETE, CONFIGS_APPEND, CONFIGS_SUBTRACT };

/* True if a key is among those that were asked for; empty: all. */
bool is_config_wanted(const struct list *keys, const char *name);

/* What nobody can change. */
void config_set_fixed(struct describe_configs_response_config *config,
    const char *name, const char *value);

#endif
