/* Reading a partition record by record. */
#ifndef LOG_RECORD_READER_H
#define LOG_RECORD_READER_H

#include "log/partition.h"

struct record_reader;

/* Reads from the first record at or behind offset on; hint as for
 * partition_reader_open. The caller closes it. */
int record_reader_open(struct record_reader **reader,
    struct partition *partition, int64_t offset, const struct position *hint);

/* The next record below the high watermark: 1, with views that are valid until
 * the next call; 0 if there is none yet; -FAIL_CORRUPT once per bad range,
 * after which the next call goes on behind it. */
int record_reader_next(struct record_reader *reader, struct record *record);
void record_reader_close(struct record_reader *reader); /* accepts NULL */

#endif
