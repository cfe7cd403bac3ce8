/* Brokers: which of them leads what, and a connection to each that is asked. */
#ifndef QUEUE_BROKERS_H
#define QUEUE_BROKERS_H

#include "kafka/client.h"
#include "kafka/metadata.h"

/* Nobody waits longer than this for an answer, or tries longer. */
enum { BROKERS_PATIENCE_MS = 30 * 1000 };

struct brokers;

/* "HOST:PORT,..." or "unix:PATH": whoever of them answers first tells of the
 * others. Connects. -FAIL_USAGE, -FAIL_UNAVAILABLE. */
int brokers_open(struct brokers **brokers, const char *addresses);
void brokers_close(struct brokers *brokers); /* accepts NULL */
const char *brokers_addresses(const struct brokers *brokers);

/* What brokers say of a topic. */
struct remote_topic {
	char *name;
	unsigned char id[16]; /* zero if they did not say */
	int partitions;
	int32_t *leaders;     /* by partition; -1: none now */
};

enum brokers_want {
	BROKERS_CREATE = 1, /* make it, as the brokers' settings allow */
	BROKERS_ID = 2,     /* its id is needed */
};

/* Asks for a topic, and again while it has no leaders. -FAIL_MISSING. */
int brokers_find(struct brokers *brokers, const char *name, int want,
    struct remote_topic *topic);
void remote_topic_release(struct remote_topic *topic);

/* The connection to a partition's leader, opened if there is none; valid until
 * brokers_drop. -FAIL_AGAIN if nobody leads it now. */
int brokers_leader(struct brokers *brokers, const struct remote_topic *topic,
    int partition, struct client **client);

/* Calls each with a connection to every broker; a negative result ends it. */
int brokers_each(struct brokers *brokers,
    int (*each)(struct client *client, void *context), void *context);

/* The connection to the broker of a number; -FAIL_AGAIN: Metadata said nothing
 * of it, or was not asked for yet. */
int brokers_node(struct brokers *brokers, int32_t id, struct client **client);

/* The connection to any broker, to the one that is to change topics, and to
 * the one that coordinates a group. */
int brokers_any(struct brokers *brokers, struct client **client);
int brokers_controller(struct brokers *brokers, struct client **client);
int brokers_coordinator(struct brokers *brokers, const char *group,
    struct client **client);

/* Closes a connection that has failed, or all. */
void brokers_drop(struct brokers *brokers, struct client *client);
void brokers_disconnect(struct brokers *brokers);

/* The failure that an error code of the protocol is to a user of `what`, in
 * the broker's words if it has some. */
int brokers_error(int code, struct slice words, const char *what);

/* How long to wait before try number `tries` (1: the second one). */
int64_t brokers_backoff_ms(int tries);

/* A question that is asked again while its answer is a code that passes; all
 * zero before it is asked first. */
struct brokers_retry {
	int64_t until_ms; /* clock_boot_ms */
	int tries;
};

/* True if it is to be asked again, after a rest; not for longer than
 * BROKERS_PATIENCE_MS in all. */
bool brokers_retry(struct brokers_retry *retry, int code);

/* Asks the coordinator of a group; ask gives a code that passes, a failure or
 * 0. */
int brokers_ask_group(struct brokers *brokers, const char *group,
    int (*ask)(struct client *coordinator, void *context), void *context);

/* What such an ask gives for a code: itself if it passes. */
int brokers_judge(int code, struct slice words, const char *what);

#endif
