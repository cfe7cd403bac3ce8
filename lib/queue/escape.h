/* Backslash escapes of delimiters and formats. */
#ifndef QUEUE_ESCAPE_H
#define QUEUE_ESCAPE_H

#include "base/buf.h"

/* The byte that the escape at *at (its backslash) means: \n \r \t \0 \\ \xNN.
 * Moves *at behind it; -1 if it is none of these. */
int escape_take(const char **at);

/* Appends the bytes that text means. -FAIL_USAGE names text and place. */
int escape_append(const char *text, struct buf *out);

#endif
