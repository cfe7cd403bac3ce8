/* Tables for people: aligned columns, into a buffer. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/buf.h"

enum { TABLE_COLUMNS_MAX = 16 };

/*
 * Cells are added row by row, left to right; the titles are the first row.
 * Invariant: cells holds count texts, each ended by a NUL.
 */
struct table {
	int columns;
	size_t count;
	bool is_right[TABLE_COLUMNS_MAX];
	struct buf cells;
};

/* titles are separated by spaces; a column whose title begins with '>' is
 * aligned to the right: "TOPIC >MESSAGES". The caller releases the table. */
void table_init(struct table *table, const char *titles);
void table_release(struct table *table);

void table_add(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A count, or "-" if it is negative. */
void table_add_count(struct table *table, int64_t count);

/* A span of time in two units at most ("3d4h", "12s"), or "-" if negative. */
void table_add_age(struct table *table, int64_t ms);

/* At most max bytes of foreign text on one line: control characters, and all
 * that is not UTF-8, as \xNN; "..." says that more follows. */
void table_add_bytes(struct table *table, struct slice bytes, size_t max);

/* Appends the table: columns two spaces apart, as wide as their widest cell. */
void table_format(const struct table *table, struct buf *out);

#endif
