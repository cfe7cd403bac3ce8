/* mq-put: from options and input to a producer. */
#ifndef CMD_PUT_H
#define CMD_PUT_H

#include "tool.h"
#include "queue/framing.h"
#include "queue/producer.h"
#include "spool/topic.h"

/* What the options said. */
struct put_options {
	const char *directory;
	const char *brokers;
	struct framing_options framing;
	struct option_list messages; /* -m */
	const char *key;
	const char *key_delimiter;
	struct option_list headers;
	const char *tag;
	int64_t partition;           /* -1: by key */
	const char *codec;
	const char *timestamp;
	const char *batch;
	int64_t linger_ms;
	const char *rate;
	struct option_list settings; /* -X */
	const char *acks;            /* NULL: all */
	int64_t timeout_ms;          /* PARSE_INFINITE: none */
	bool tee;
	bool verbose;
	bool progress;
	bool quiet;
};

/* Messages that may be put in a span of time; count 0: no limit. */
struct put_rate {
	int64_t count;
	int64_t span_ms;
	int64_t start_ms; /* boot clock, of the first message */
	int64_t taken;
};

/*
 * A put under way. Invariants: out holds what stdout is still to get (of -T
 * or -v, not both); headers is what -t and -H say, encoded.
 */
struct put {
	const struct put_options *options;
	struct spool *spool;      /* NULL with topic: brokers */
	struct topic *topic;
	struct sink *sink;        /* the producer's */
	struct producer *producer;
	struct framing framing;
	struct framing whole;     /* of FILE operands when no framing is named */
	struct buf delimiter;     /* of -K */
	struct buf headers;
	int32_t header_count;
	struct buf merged;        /* headers of options and of a message */
	int64_t timestamp;        /* of --timestamp */
	struct put_rate rate;
	int64_t batch_count;
	int64_t batch_bytes;
	int64_t linger_ms;        /* --linger, or what put_flush found wise */
	int64_t held_ms;          /* since when that holds messages, or -1 */
	int64_t synced_ms;        /* when all taken was known to be stored */
	int unseen;               /* messages since the clock was looked at */
	int64_t started_ms;
	int64_t told_ms;          /* of --progress */
	struct buf out;
	int write_failure;        /* of -v, met in the producer's callback */
	bool is_reader_gone;      /* of stdout */
};

/* Reads the options into put, or exits: no spool is touched before all of
 * them are good. */
void put_init(struct put *put, const struct put_options *options,
    const char *topic);

/* Opens spool and topic, makes them if allowed, or exits. */
void put_open(struct put *put, const char *topic);

/* Puts -m texts and files, or stdin where there are neither. Stops at a
 * signal, and when stdout's reader has gone. */
int put_all(struct put *put, char **files, int count);

/* Stores what was taken, says what is to be said about result, and returns the
 * exit status or dies of a signal. */
int put_finish(struct put *put, int result);

/* The keys, headers and time that options give to a message. -FAIL_DATA if
 * the key delimiter is not in it. */
int put_dress(struct put *put, struct message *message);

/* One message on its way; `raw` are its bytes as read, for -T. */
int put_message(struct put *put, struct message *message, struct slice raw);

/* Appends and waits until all is stored, then writes what stdout is to get:
 * before sleeping, once a second, at the end. */
int put_flush(struct put *put);

/* Once a second without a pause of the input: put_flush, progress. */
int put_tick(struct put *put);

/* Sleeps until fd has input, a signal came or something else is due. */
int put_wait_input(struct put *put, int fd);

/* Sleeps as long as --rate wants before the next message. */
int put_wait_rate(struct put *put);

/* -v: the producer's callback; context is the put. */
void put_print_offsets(const char *topic, int partition, int64_t first,
    int64_t last, void *context);

/* Writes out to stdout when there is much in it. */
int put_write(struct put *put);
void put_print_status(const struct put *put);
void put_print_progress(struct put *put, bool is_end);

/* From now on a put without memory says what is stored. */
void put_limit_memory(const struct put *put);

/* --timeout: the process ends with 75 when a put_limit_end does not follow a
 * put_limit_begin in time. */
void put_limit_begin(const struct put *put);
void put_limit_end(const struct put *put);

#endif
