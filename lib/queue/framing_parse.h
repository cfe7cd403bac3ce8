/* What is inside a framing_reader: the buffer, and a parser a framing. */
#ifndef QUEUE_FRAMING_PARSE_H
#define QUEUE_FRAMING_PARSE_H

#include "queue/framing.h"
#include "queue/message_json.h"

/*
 * Invariants: begin <= end <= buffer.capacity; [begin, end) is input not yet
 * taken, of which the first `scanned` bytes hold no delimiter; no byte before
 * `nul` (an index into the buffer, SIZE_MAX: none met) is NUL.
 */
struct framing_reader {
	const struct framing *framing;
	const char *name;
	int fd;
	size_t max;
	size_t limit;      /* encoded bytes of one message at most */
	struct buf buffer;
	size_t begin;
	size_t end;
	size_t raw;        /* where the last message began */
	size_t scanned;
	size_t nul;
	bool is_end;       /* of the input */
	bool is_done;      /* FRAMING_WHOLE gave its message */
	int64_t count;     /* messages given so far */
	struct slice delimiter;
	struct message_json_reader json;
	struct buf headers;
	struct buf scratch;            /* FRAMING_NATIVE, unpacked records */
	struct batch_reader batch;
	bool has_batch;
};

/* 1 and a message taken from the buffer; 0 if more input is needed (or, at
 * its end, there is no more message); -FAIL_DATA. */
int framing_parse(struct framing_reader *reader, struct message *message);

/* The same of one whole batch. */
int framing_parse_batch(struct framing_reader *reader, struct slice *bytes,
    struct batch_header *header);
int framing_parse_native(struct framing_reader *reader,
    struct message *message);

/* -FAIL_DATA: "NAME: message N REASON". */
int framing_parse_failure(const struct framing_reader *reader,
    const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
