/* Settings of topics that options name: -X KEY=VALUE. */
#ifndef CMD_TOOL_SETTINGS_H
#define CMD_TOOL_SETTINGS_H

#include "base/option.h"
#include "queue/admin.h"
#include "spool/settings.h"

/* Applies them in their order. What is no KEY=VALUE is a usage error; a key or
 * a value that cannot be exits 78. */
void tool_settings_apply(const struct option_list *list,
    struct topic_settings *settings);

/* The same as the protocol has them, as many as in the list. The values are the
 * broker's to judge: what it is may know other keys. The caller frees the
 * array; the texts are the list's. */
struct admin_setting *tool_settings_named(const struct option_list *list);

#endif
