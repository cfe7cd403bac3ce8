/* What a compiled format is made of. */
#ifndef QUEUE_FORMAT_ITEM_H
#define QUEUE_FORMAT_ITEM_H

#include "queue/format.h"

/* How a number is written: decimal text, or bytes. */
struct format_number {
	int bytes;       /* 1, 2, 4, 8; 0: decimal text */
	bool is_little;  /* least significant byte first */
};

/*
 * A literal (letter '\0') or a letter. Invariant: no two literals follow one
 * another, so that the one behind a letter is all that ends its value.
 */
struct format_item {
	char letter;
	size_t at;       /* of its percent sign in the text, for messages */
	size_t begin;    /* literal bytes in format.literals */
	size_t size;
	struct format_number number; /* %V %K %d */
	bool is_rfc3339;             /* %d{rfc3339} */
};

struct format {
	struct format_item *items;
	size_t count;
	struct buf literals;
};

struct slice format_literal(const struct format *format,
    const struct format_item *item);

/* -FAIL_USAGE if the format cannot be read back. */
int format_check_input(const struct format *format);

#endif
