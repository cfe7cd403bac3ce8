/* What readers and the check see of a partition, compared with what is known. */
#ifndef DAMAGE_LOOK_H
#define DAMAGE_LOOK_H

#include "content.h"

enum { LOOK_WHY = 400 };

/* By index of the known batch. why: what must never be, if there was any. */
struct look {
	const struct content *content;
	bool is_seen[KNOWN_MAX];    /* delivered, byte for byte */
	bool is_told[KNOWN_MAX];    /* in a range that the reader reported */
	bool is_named[KNOWN_MAX];   /* in a range that the check reported */
	bool is_beginning[KNOWN_MAX]; /* and that range begins with its byte */
	int findings;
	char why[LOOK_WHY];
};

void look_begin(struct look *look, const struct content *content);

/* Reads the batches from this known one on, up to and with another. Negative
 * if a byte is wrong, an offset is another one, or the reader fails otherwise
 * than by naming a range. */
int look_read(struct look *look, struct partition *partition, int from,
    int to);

/* Notes what the check finds. Negative if it fails. */
int look_check(struct look *look, struct partition *partition);

void look_print(const struct look *look);

/* Notes what must not be. Returns -1. */
__attribute__((format(printf, 2, 3))) int look_wrong(struct look *look,
    const char *format, ...);

#endif
