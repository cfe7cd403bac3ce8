/* Reading: the messages of a scan, framed, onto a descriptor. */
#ifndef QUEUE_READ_H
#define QUEUE_READ_H

#include "queue/scan.h"

struct read_options {
	struct scan_options scan; /* follow: go on for ever */
	const struct framing *framing;
	int output;               /* descriptor */
	int64_t wait_ms;          /* for the first message; -1: for ever */
	/* Told of every message (but natively) once it is in the output
	 * buffer; NULL: nobody. */
	void (*each)(const struct message *message, void *context);
	/* Called, with what is written so far, when *asked is not 0, which
	 * clears it. */
	void (*status)(int64_t messages, void *context);
	uint32_t *asked;
	void *context;
};

struct read_result {
	int64_t messages; /* written */
	int64_t damaged;  /* ranges that could not be read */
};

/*
 * Reads until the end that the topics had at the start, the range's or the
 * limit, or until *scan.stop; in follow mode, longer. Output is written when
 * 64 KiB are full and before any wait. The source is closed in the end.
 * -FAIL_NOTHING if nobody reads the output any more, or not now that we are to
 * stop; result is filled in any case.
 */
int read_run(struct source *source, const struct read_options *options,
    struct read_result *result);

#endif
