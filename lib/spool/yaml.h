/* Reading YAML as far as our configuration goes: keys, values, sections. */
#ifndef SPOOL_YAML_H
#define SPOOL_YAML_H

#include "base/buf.h"

/* One "key: value". Strings are valid during the call. */
struct yaml_entry {
	const char *section; /* the key it stands under, "" at the top */
	const char *key;
	const char *value;   /* NULL: a section of this name begins */
	unsigned long line;  /* of the key, from 1 */
};

/* Calls each for every entry of a document in its order. Bad YAML, doubled
 * keys, lists, anchors, tags, a second document or sections in sections are
 * -FAIL_CONFIG with "path:LINE: ..."; what each fails with gets the same
 * prefix and becomes -FAIL_CONFIG. No text at all has no entries. */
int yaml_read(struct slice text, const char *path,
    int (*each)(const struct yaml_entry *entry, void *context), void *context);

#endif
