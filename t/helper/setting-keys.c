/* Prints the keys of topic.yaml, one a line, from the library's table. */
#include "spool/settings.h"
#include <stdio.h>

int
main(void)
{
	const struct setting_key *key;

	for (key = topic_setting_keys; key->name != NULL; key++)
		puts(key->name);
	return 0;
}
