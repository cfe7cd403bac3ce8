/* What the parts of a server share. */
#ifndef SERVER_SERVER_INTERNAL_H
#define SERVER_SERVER_INTERNAL_H

#include "server/server.h"
#include "server/tasks.h"

#include <event2/event.h>
#include <stdint.h>

enum {
	SERVER_WRITERS = 4,    /* threads that append and sync */
	SERVER_NODE_ID = 1,
	SERVER_FRAME_MAX = 100 * 1024 * 1024, /* as Kafka's default */
	SERVER_SMALL_FRAME_MAX = 8 * 1024 * 1024, /* all but Produce */
	SERVER_DECODED_MAX = 2 * 1024 * 1024, /* what a request has as structs */
	SERVER_ANSWER_MAX = 32 * 1024 * 1024, /* an answer has, as structs */
	SERVER_ROOM = 64 * 1024, /* that each has, whatever others take */
	SERVER_MEMORY_MAX = 256 * 1024 * 1024,
	SERVER_LIST_MAX = 10000, /* things asked for in one request */
};

/* All but the tasks' threads run in the loop. memory and growing are the loop's
 * to write, or atomic, as threads look at them. */
struct server {
	struct server_options options;
	struct event_base *base;
	struct storage *storage;  /* the loop's own: for looking, not waiting */
	struct tasks *writers[SERVER_WRITERS]; /* a partition has one */
	struct tasks *index;      /* all that needs the index */
	struct tasks *errands;    /* what else may wait for a disk */
	struct parking *parking;  /* requests that wait for messages */
	struct readers *readers;  /* of those that fetch */
	struct syncs *syncs;      /* that are due later */
	struct rosters *rosters;  /* consumer groups */
	struct share_group *share_groups;
	struct share_session *share_sessions;
	struct listener *listeners;
	struct connection *connections;
	size_t connection_count;
	size_t connection_max;    /* so that files find descriptors */
	size_t memory;            /* of all requests, and of what is half here */
	size_t growing;           /* by answers that threads are at work on */
	bool is_short;            /* of memory: somebody waits for it */
	struct event *relief;     /* active: they may go on */
	struct event *signals[5];
	struct event *tick;       /* once a second */
	char *host;               /* advertised; else for clients that come */
	int port;                 /* by another way than TCP */
	bool is_advertised;
	char cluster_id[23];
	bool is_draining;
	bool is_out;              /* of descriptors, and that was said */
	bool is_closing;          /* threads end */
	uint64_t requests;        /* answered, since the start */
	int said;                 /* lines, this second */
	int topic_room;           /* topic_room.h: a thread's */
};

/* The line for people, formatted. */
void server_say(struct server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The thread that appends to a partition. */
struct tasks *server_writer(struct server *server, struct slice topic,
    int partition);

#endif
