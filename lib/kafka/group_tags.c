/* The fields that groups have between our tools and servers. */
#include "kafka/group_tags.h"

static const struct field group_counts_fields[] = {
	FIELD(group_counts, INT64, ready),
	FIELD(group_counts, INT64, leased),
	FIELD(group_counts, INT64, delayed),
	FIELD(group_counts, INT64, dead),
	FIELD(group_counts, INT8, order),
};
const struct schema group_counts_schema = SCHEMA(group_counts);
