/* Settings of groups, as DescribeConfigs and its kin have them. */
#ifndef SERVER_GROUP_CONFIGS_H
#define SERVER_GROUP_CONFIGS_H

#include "kafka/configs.h"
#include "server/request.h"
#include "spool/group_settings.h"

/* For the index's thread. Fills the answer; keys: which are wanted, empty:
 * all. */
int group_configs_describe(struct request *request, struct storage *storage,
    const struct describe_configs_request_resource *wanted,
    struct describe_configs_response_result *answer);

/* Changes a group as asked for; from the defaults, if is_whole. -FAIL_CONFIG
 * says what cannot be. */
int group_configs_change(struct storage *storage,
    const struct change_configs_request_resource *wanted, bool is_whole,
    bool validate_only);

#endif
