/* Segments: the files of a partition, each named by its first offset. */
#ifndef LOG_SEGMENT_H
#define LOG_SEGMENT_H

#include "base/file.h"

enum { SEGMENT_NAME_SIZE = 28 };

/* "00000000000000000042.log" */
void segment_format_name(char name[SEGMENT_NAME_SIZE], int64_t base);

int segment_open(int dir, int64_t base, enum file_mode mode);

/* The base offsets of a partition's segments, ascending. */
struct segment_list {
	struct buf bases; /* of int64_t */
	size_t count;
};

int segment_list_read(struct segment_list *list, int dir);
void segment_list_release(struct segment_list *list);
int64_t segment_list_at(const struct segment_list *list, size_t index);
int64_t segment_list_newest(const struct segment_list *list); /* -1: none */

/* The base of the first segment behind `base`, INT64_MAX if there is none. */
int64_t segment_list_after(const struct segment_list *list, int64_t base);

/* If the file ends before `end`, where the next write will: writes zeros behind
 * its end, so that this and later appends need no new blocks, as much again
 * as the segment holds, within limits and max_bytes. Returns the size of the
 * file then. A full disk is no error: the append finds out. */
int64_t segment_reserve(int fd, int64_t end, int64_t max_bytes);

#endif
