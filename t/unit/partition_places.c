/* Partitions: two damaged places in one segment, and what lies between. */
#include "partition.h"

enum {
	VALUE_SIZE = 16 * 1024,
	BETWEEN = 80,      /* more than 1 MiB */
	BEHIND = 200,      /* the longer chain */
	FIRST_BAD = 1,
	SECOND_BAD = FIRST_BAD + 1 + BETWEEN,
	BATCHES = SECOND_BAD + 1 + BEHIND,
};

static int64_t
put_large(struct partition *partition, unsigned char letter)
{
	struct buf batch = {0};
	char value[VALUE_SIZE];
	int64_t first, last;
	int rc;

	memset(value, letter, sizeof(value));
	make_batch(&batch, value, sizeof(value), 1000, 1);
	rc = partition_append(partition, batch.data, batch.size, &first, &last);
	first = rc < 0 ? rc : (int64_t)batch.size;
	buf_release(&batch);
	return first;
}

/* As a lost sector of the header leaves it. */
static void
damage(int64_t byte)
{
	static const unsigned char zeros[512];
	int fd = open_inside(0, "00000000000000000000.log", O_WRONLY);

	CHECK(pwrite(fd, zeros, sizeof(zeros), byte) == sizeof(zeros),
	    "damaged");
	close(fd);
}

/* How many batches a reader shows; *bad counts damaged ranges. */
static int
count(struct partition *partition, int *bad)
{
	struct partition_reader *reader;
	struct batch_header header;
	struct position position;
	struct slice bytes;
	int shown = 0, rc;

	*bad = 0;
	partition_reader_open(&reader, partition, 0, NULL);
	while ((rc = partition_reader_next(reader, &bytes, &header,
	            &position)) != 0 && (rc == 1 || rc == -FAIL_CORRUPT)) {
		shown += rc == 1;
		*bad += rc != 1;
	}
	partition_reader_close(reader);
	return shown;
}

int
main(void)
{
	struct partition_options options = usual_options;
	struct partition *partition;
	int64_t size = 0;
	int bad;

	topic_make();
	options.sync = SYNC_NEVER;
	options.segment_bytes = 64 * 1024 * 1024;
	partition = open_with(0, options);
	for (int i = 0; i < BATCHES; i++)
		size = put_large(partition, (unsigned char)('a' + i % 26));
	damage(FIRST_BAD * size);
	damage(SECOND_BAD * size);
	CHECK(count(partition, &bad) == BATCHES - 2 && bad == 2,
	    "what lies between two damaged places is read");
	partition_close(partition);
	return unit_end();
}
