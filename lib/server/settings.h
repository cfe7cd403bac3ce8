/* Settings of topics, under the names that Kafka's clients use. */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "spool/settings.h"

/* Sets one key; a value that is null, or what we do anyway, is fine.
 * -FAIL_CONFIG names the key or the value. */
int settings_apply(struct topic_settings *settings, struct slice name,
    struct slice value);

/* Appends the value of a key as Kafka writes it: a plain number of bytes or
 * milliseconds, -1 for no limit. */
void settings_format(const struct topic_settings *settings,
    const struct setting_key *key, struct buf *out);

/* What Kafka has and we do not let anybody change: name and value, ending with
 * NULL. */
struct settings_fixed {
	const char *name;
	const char *value;
};
extern const struct settings_fixed settings_fixed[];

#endif
