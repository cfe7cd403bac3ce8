/* Filters: which messages, by key, tag, header and time; never by payload. */
#ifndef QUEUE_FILTER_H
#define QUEUE_FILTER_H

#include "log/batch.h"

/* All given ones must match; lists within one kind are any-of. */
struct filter {
	const char **keys;    /* globs */
	size_t key_count;
	const char **tags;
	size_t tag_count;
	const char **headers; /* "name=GLOB" */
	size_t header_count;
	int64_t since_ms;     /* INT64_MIN: none */
	int64_t until_ms;     /* INT64_MAX: none; not included */
};

void filter_init(struct filter *filter); /* matches everything */
bool is_filter_empty(const struct filter *filter);
bool is_filter_match(const struct filter *filter, const struct record *record);

#endif
