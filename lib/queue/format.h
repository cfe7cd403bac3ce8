/* Record formats (-f): percent letters in both directions, those of rpk. */
#ifndef QUEUE_FORMAT_H
#define QUEUE_FORMAT_H

#include "queue/framing.h"

/* A compiled format: %v value %k key %h headers (NAME=VALUE, separated by
 * commas) %t topic %p partition %o offset %d timestamp (ms; %d{rfc3339})
 * %V %K lengths (%V{big32}; big and little, 8 to 64 bits) %r receipt %a attempt
 * %g tag %%, \n \r \t \0 \xNN \\. Input takes %v %k %h %d %g %V %K. */
struct format;

/* -FAIL_USAGE with the position. for_input: only what can be parsed back. */
int format_compile(struct format **format, const char *text, bool for_input);
void format_release(struct format *format);
void format_append(const struct format *format, const struct message *message,
    struct buf *out);

/* Parses one message from the front of data. Returns bytes used (> 0), 0 if
 * more are needed (is_end: only for empty data), -FAIL_DATA. Values run up to
 * the literal that follows the letter, or by %V/%K before it; the last
 * literal of the format may be missing at the end of input. */
int64_t format_parse(const struct format *format, struct slice data,
    bool is_end, struct message *message, struct buf *headers);

#endif
