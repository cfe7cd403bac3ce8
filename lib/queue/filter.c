/* Filters: globs over keys, tags and headers, and a span of time. */
#include "queue/filter.h"
#include "base/parse.h"
#include <string.h>

void
filter_init(struct filter *filter)
{
	memset(filter, 0, sizeof(*filter));
	filter->since_ms = INT64_MIN;
	filter->until_ms = INT64_MAX;
}

bool
is_filter_empty(const struct filter *filter)
{
	return filter->key_count == 0 && filter->tag_count == 0 &&
	    filter->header_count == 0 && filter->since_ms == INT64_MIN &&
	    filter->until_ms == INT64_MAX;
}

static bool
is_key_match(const struct filter *filter, struct slice key)
{
	for (size_t i = 0; i < filter->key_count; i++) {
		if (key.data != NULL && is_glob_match(filter->keys[i], key))
			return true;
	}
	return filter->key_count == 0;
}

static bool
is_tag_match(const struct filter *filter, const struct record *record)
{
	struct slice tag;

	if (filter->tag_count == 0)
		return true;
	if (!record_find_header(record, RECORD_TAG, &tag))
		return false;
	for (size_t i = 0; i < filter->tag_count; i++) {
		if (slice_equal(slice_of(filter->tags[i]), tag))
			return true;
	}
	return false;
}

/* wanted is "name=GLOB". */
static bool
has_header(const struct record *record, const char *wanted)
{
	const char *equals = strchr(wanted, '=');
	struct record_header header;
	struct slice name;
	size_t position = 0;

	if (equals == NULL)
		return false;
	name = (struct slice){wanted, (size_t)(equals - wanted)};
	while (record_next_header(record, &position, &header) > 0) {
		if (slice_equal(header.name, name) &&
		    header.value.data != NULL &&
		    is_glob_match(equals + 1, header.value))
			return true;
	}
	return false;
}

static bool
is_header_match(const struct filter *filter, const struct record *record)
{
	for (size_t i = 0; i < filter->header_count; i++) {
		if (has_header(record, filter->headers[i]))
			return true;
	}
	return filter->header_count == 0;
}

bool
is_filter_match(const struct filter *filter, const struct record *record)
{
	return record->timestamp >= filter->since_ms &&
	    (record->timestamp < filter->until_ms ||
	    filter->until_ms == INT64_MAX) &&
	    is_key_match(filter, record->key) &&
	    is_tag_match(filter, record) && is_header_match(filter, record);
}
