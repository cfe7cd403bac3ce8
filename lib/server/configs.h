/* What settings of all kinds of resources share. */
#ifndef SERVER_CONFIGS_H
#define SERVER_CONFIGS_H

#include "kafka/configs.h"

/* True if a key is among those that were asked for; empty: all. */
bool is_config_wanted(const struct list *keys, const char *name);

/* What nobody can change. */
void config_set_fixed(struct describe_configs_response_config *config,
    const char *name, const char *value);

#endif
