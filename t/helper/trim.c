/* trim SPOOL TOPIC PARTITION OFFSET: moves a log start, as DeleteRecords does,
 * and prints it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fail.h"
#include "spool/topic.h"

static int
trim(struct spool *spool, char **words, int64_t *start)
{
	struct partition *partition;
	struct topic *topic;
	int rc = topic_open(&topic, spool, words[0]);

	if (rc < 0)
		return rc;
	rc = topic_partition(topic, atoi(words[1]), &partition);
	if (rc >= 0)
		rc = partition_trim(partition, atoll(words[2]), start);
	topic_close(topic);
	return rc;
}

int
main(int argc, char **argv)
{
	struct spool *spool;
	int64_t start;
	int rc;

	if (argc != 5)
		return 64;
	rc = spool_open(&spool, argv[1], SPOOL_WRITE, true);
	if (rc >= 0)
		rc = trim(spool, argv + 2, &start);
	if (rc < 0) {
		fprintf(stderr, "trim: %s\n", fail_message());
		return fail_status(rc);
	}
	printf("%lld\n", (long long)start);
	spool_close(spool);
	return 0;
}
