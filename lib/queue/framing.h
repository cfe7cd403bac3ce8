/* Framings: how messages lie in a stream of bytes, in and out. */
#ifndef QUEUE_FRAMING_H
#define QUEUE_FRAMING_H

#include "log/batch.h"

enum framing_kind {
	FRAMING_LINES,     /* implicit: newline, refuses NUL on input */
	FRAMING_DELIMITER, /* -D STR, -0 */
	FRAMING_WHOLE,     /* -1 */
	FRAMING_LEN32,
	FRAMING_NETSTRING,
	FRAMING_JSON,      /* one object a line: all fields */
	FRAMING_FORMAT,    /* -f */
	FRAMING_NATIVE,    /* RecordBatch bytes */
};

struct framing {
	enum framing_kind kind;
	struct buf delimiter;     /* unescaped */
	struct format *format;    /* of FRAMING_FORMAT, owned */
	bool is_named;            /* by an option: files are then split */
};

/* What the options said; texts NULL or false where not given. */
struct framing_options {
	const char *delimiter; /* -D: \n \r \t \0 \xNN \\ are understood */
	bool nul;              /* -0 */
	bool whole;            /* -1 */
	const char *framing;   /* --framing=lines|len32|netstring|json|native */
	bool json;             /* -j */
	const char *format;    /* -f */
	bool for_input;        /* the format must be one that can be read */
};
/* -FAIL_USAGE if two are named at once, or one is bad. */
int framing_choose(const struct framing_options *options,
    struct framing *framing);
void framing_release(struct framing *framing);

/* A message as tools handle it: a record and where it is from. Views live until
 * the next read, or while the batch does. */
struct message {
	struct record record;
	const char *topic;    /* NULL: not known (input) */
	int partition;        /* -1: not known */
	int attempt;          /* 0: not leased */
	const char *receipt;  /* NULL: none */
	bool has_timestamp;   /* input named one (else the clock's) */
};

/* Timestamps beyond these (-1: none; some 290,000 years) are refused in input:
 * differences of any two fit. */
#define MESSAGE_TIMESTAMP_MIN (-1)
#define MESSAGE_TIMESTAMP_MAX (INT64_MAX / 1000)

/* Reading: pulls messages from a descriptor through one buffer, which grows
 * to the largest message met. `name` is that of the input in messages and must
 * live as long. A message above max_message_bytes is refused. */
struct framing_reader;
int framing_reader_open(struct framing_reader **reader,
    const struct framing *framing, int fd, const char *name,
    int64_t max_message_bytes);

/* 1 and a message; 0 at the end of input; FRAMING_DRY if the descriptor has
 * nothing more now (it is never waited for: poll, then call again); -FAIL_DATA
 * with what is wrong and with which message. */
enum { FRAMING_DRY = 2 };
int framing_reader_next(struct framing_reader *reader, struct message *message);

/* The bytes as read of the message that next has just given, with delimiters
 * and lengths, without the blank lines before it that JSON may have; valid as
 * long as the message. */
struct slice framing_reader_raw(const struct framing_reader *reader);

/* FRAMING_NATIVE only: the next whole batch (CRC checked, all records
 * decode), instead of messages. Empty batches are skipped. */
int framing_reader_next_batch(struct framing_reader *reader,
    struct slice *bytes, struct batch_header *header);
void framing_reader_close(struct framing_reader *reader); /* accepts NULL */

/* Writing: appends one message as framed (FRAMING_NATIVE is written by batch
 * instead). */
int framing_append(const struct framing *framing, const struct message *message,
    struct buf *out);

#endif
