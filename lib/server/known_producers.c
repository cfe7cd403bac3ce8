/* A list of the producers of partitions, by topic and number. */
#include "server/known_producers.h"

#include <stdlib.h>

/* Of a partition of an open topic. */
struct known_producers {
	struct topic *topic;
	int partition;
	struct producers *producers;
	struct known_producers *next;
};

struct producers *
known_producers_find(struct known_producers **first, struct topic *topic,
    int partition)
{
	struct known_producers *known = *first;

	while (known != NULL && (known->topic != topic ||
	    known->partition != partition))
		known = known->next;
	if (known != NULL)
		return known->producers;
	known = memory_alloc(sizeof *known);
	known->topic = topic;
	known->partition = partition;
	known->producers = producers_open(topic, partition);
	known->next = *first;
	*first = known;
	return known->producers;
}

void
known_producers_close(struct known_producers **first,
    const struct topic *topic)
{
	struct known_producers **place = first;

	while (*place != NULL) {
		struct known_producers *known = *place;

		if (topic != NULL && known->topic != topic) {
			place = &known->next;
			continue;
		}
		*place = known->next;
		producers_close(known->producers);
		free(known);
	}
}
