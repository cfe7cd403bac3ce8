/* Record formats (-f): percent letters in both directions, those of rpk. */
#ifndef QUEUE_FORMAT_H
#define QUEUE_FORMAT_H

#include "queue/framing.h"

/* A compiled format: %v value %k key %h headers %t topic %p partition %o
 * offset %d timestamp (ms; %d{rfc3339}) %V %K lengths (%V{big32} and little/8/16/32/64) %r receipt
 * %a attempt %g tag %%, \n \t \0 \xNN. */
struct format;

/* -FAIL_USAGE with the position. for_input: only what can be parsed back. */
int format_compile(struct format **format, const char *text, bool for_input);
void format_release(struct format *format);
void format_append(const struct format *format, const struct message *message,
    struct buf *out);

/* Parses one message from the front of data. Returns bytes used (> 0), 0 if
 * more are needed (is_end: -FAIL_DATA if data is not empty), -FAIL_DATA.
 * Values run up to the literal that follows the letter, or by %V/%K before it. */
int64_t format_parse(const struct format *format, struct slice data,
    bool is_end, struct message *message, struct buf *headers);

#endif
