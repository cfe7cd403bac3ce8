/* Records: what a batch holds, one message each, with its headers. */
#ifndef LOG_RECORD_H
#define LOG_RECORD_H

#include "base/buf.h"

/* One header of a record; views. value.data NULL is a null value. */
struct record_header {
	struct slice name;
	struct slice value;
};

/*
 * A record. Views live as long as the buffers they were read from.
 * headers is the encoded list (header_count of name and value with varint
 * lengths); read it with record_next_header, write it with
 * record_append_header.
 */
struct record {
	int64_t offset;    /* filled when read, ignored when written */
	int64_t timestamp; /* ms since 1970 */
	struct slice key;  /* data NULL: no key */
	struct slice value;
	struct slice headers;
	int32_t header_count;
};

void record_append_header(struct buf *headers, struct slice name,
    struct slice value);

/* Walks record->headers: *position starts at 0. Returns 1 and the header, 0 at
 * the end, -FAIL_CORRUPT. */
int record_next_header(const struct record *record, size_t *position,
    struct record_header *header);

/* First header of that name; false if there is none. */
bool record_find_header(const struct record *record, const char *name,
    struct slice *value);

/* The name of the header that holds a message's tag. */
#define RECORD_TAG "mq.tag"

#endif
