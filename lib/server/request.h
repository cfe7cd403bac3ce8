/* Requests: decoded, answered at once or later, in the order they came. */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include "kafka/error.h"
#include "kafka/frame.h"
#include "server/server_internal.h"

/*
 * From its arrival until its answer is queued to the client. A handler reads
 * message, fills answer (preset; lists from the arena) and ends with
 * request_answer; it may return before that, and then somebody else does.
 */
struct request {
	struct connection *connection; /* NULL once it is closed */
	struct server *server;
	const struct api *api;
	struct request_header header; /* client_id is a view of bytes */
	struct buf bytes;             /* the frame; message has views of it */
	struct arena arena;
	void *message;                /* of api->request */
	void *answer;                 /* of api->response */
	/* What answers later may need. cancel, if set, is called when the
	 * connection is closed before: it must see to it that request_answer is
	 * called, now or later. */
	void *state;
	void (*cancel)(struct request *request);
	/* Called when all of the answer's files are read or lost: to close what
	 * its extents name. */
	void (*release)(struct request *request);
	bool is_done;
	bool is_errand; /* errand.h */
	int32_t steps[2]; /* how far an errand in steps has come */
	bool is_silent; /* no answer is sent (Produce with acks=0) */
	size_t held;    /* memory, as it is counted */
	size_t unsent;  /* bytes of the answer that are not queued yet */
	int file_count; /* in the answer, not closed yet */
	struct buf encoded;
	struct buf cuts;
	struct request *next;
};

/* A list of the answer, count items preset. The arena of a request has room
 * for any answer. */
void *request_new_list(struct request *request, const struct schema *schema,
    struct list *list, int32_t count);

/* A copy that lives as long as the request. */
struct slice request_copy(struct request *request, const char *text);
struct slice request_copy_bytes(struct request *request, struct slice bytes);

/* Where the client is: "/127.0.0.1", "/unix". */
struct slice request_client_host(struct request *request);

/* Where the client is told that we are; and the port. */
struct slice request_server_host(struct request *request, int32_t *port);

/* The answer has grown so much, by itself or together with those to others, that
 * no more should go into it. From any thread. */
bool is_request_large(const struct request *request);

/* Has the answer sent as soon as those before it are. The request is not to
 * be touched from now on. */
void request_answer(struct request *request);

/* Ends the connection instead: for what no answer can say. */
void request_refuse(struct request *request, const char *why);

/* The protocol's code for a failure of ours: FAIL_MISSING is
 * UNKNOWN_TOPIC_OR_PARTITION, FAIL_AGAIN and FAIL_STOPPED KAFKA_STORAGE_ERROR,
 * and so on. */
enum error_code request_error(int failed);

#endif
