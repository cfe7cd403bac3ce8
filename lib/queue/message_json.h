/* Messages as JSON Lines: one object a line, in and out. */
#ifndef QUEUE_MESSAGE_JSON_H
#define QUEUE_MESSAGE_JSON_H

#include "queue/framing.h"

/* Appends {"topic","partition","offset","timestamp" (ms),"key","headers"
 * ([[name, value], ...]),"tag","value","attempt","receipt"} and a newline; topic,
 * partition and offset, tag, attempt and receipt only where there are such. */
void message_json_append(const struct message *message, struct buf *out);

/* Memory that is kept from line to line; all zero is empty. */
struct message_json_reader {
	struct json_document *document;
	struct buf store;
	struct buf headers;
};

/* Reads an object; "value" must be there, "key", "headers", "timestamp" and
 * "tag" (a header, unless there is one already) may be, others are ignored.
 * Views live until the next call. -FAIL_DATA. */
int message_json_parse(struct message_json_reader *reader, struct slice line,
    struct message *message);
void message_json_release(struct message_json_reader *reader);

#endif
