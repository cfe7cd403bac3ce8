/* What our tools and servers say of groups beyond Kafka's words: in tagged
 * fields, which others pass over. mq-serve(1) describes them. */
#ifndef KAFKA_GROUP_TAGS_H
#define KAFKA_GROUP_TAGS_H

#include "kafka/schema.h"

enum { GROUP_TAG = 1000 /* the tag of each of them */ };

/* With a group's offset in a partition, for who asks for it: what is about
 * it. */
struct group_counts {
	int64_t ready;
	int64_t leased;
	int64_t delayed;
	int64_t dead;
	int8_t order; /* enum group_order */
};

extern const struct schema group_counts_schema;

#endif
