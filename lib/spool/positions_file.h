/* The file `positions` of a partition: an array of known places in its log. */
#ifndef SPOOL_POSITIONS_FILE_H
#define SPOOL_POSITIONS_FILE_H

#include "log/partition.h"

#define POSITIONS_FILE "positions"

/*
 * Entries are drawn in mq-spool(5). They are ordered by offset, and so by time
 * and epoch. The file is a cache: it may be missing, garbage, or of
 * another log, so each entry has a checksum, and the log checks each place
 * before it is used. count is how many there were when it was opened.
 */
struct positions_file {
	int fd;
	int64_t count;
};

struct positions_entry {
	struct position position;
	int32_t epoch; /* of the log when the entry was made */
};

/* Opens the file of the partition in dir, made if that is asked for.
 * -FAIL_MISSING if it is not there. */
int positions_file_open(struct positions_file *file, int dir, bool create);
void positions_file_close(struct positions_file *file);

/* Reads an entry by its index: 1, or 0 if it is damaged or not there. */
int positions_file_get(const struct positions_file *file, int64_t index,
    struct positions_entry *entry);

/* How many of the first `count` entries lie below an offset (a time): entries
 * with timestamps below it. -FAIL_CORRUPT if one is damaged. */
int64_t positions_file_below(
    const struct positions_file *file, int64_t count, int64_t offset);
int64_t positions_file_before(
    const struct positions_file *file, int64_t count, int64_t wall_ms);

/* Cuts the file to so many entries; adds entries behind them. Who does either
 * has the lock: 1 if it was free, 0 if another process has it. */
int positions_file_lock(struct positions_file *file);
int positions_file_cut(struct positions_file *file, int64_t count);
int positions_file_add(struct positions_file *file,
    const struct position *positions, size_t count, int32_t epoch);

#endif
