/* A connection to a broker: requests out, responses in, in order. */
#ifndef KAFKA_CLIENT_H
#define KAFKA_CLIENT_H

#include "kafka/api.h"

/* Clients say who they are; the server's log and quotas name them. */
#define CLIENT_ID "mq"

struct client;

/* Connects to "HOST:PORT" or "unix:PATH" within timeout_ms (-1: no limit).
 * -FAIL_USAGE: a bad address; -FAIL_UNAVAILABLE: nobody answers there. */
int client_open(struct client **client, const char *address,
    int64_t timeout_ms);
void client_close(struct client *client); /* accepts NULL */
const char *client_address(const struct client *client);
int client_descriptor(const struct client *client);

/* Asks which versions the broker speaks (ApiVersions) without waiting for the
 * answer, so that other requests may follow at once. */
int client_greet(struct client *client);

/* Asks the same on first use, if nobody did. The highest version that both know
 * of an API, or -FAIL_PROTOCOL if there is none. */
int client_version(struct client *client, const struct api *api,
    int64_t timeout_ms);

/* Sends a request in a version; several may be on their way. Records are sent
 * from where they are. *correlation tells its response; NULL: none will come
 * (Produce with acks 0). */
int client_send(struct client *client, const struct api *api, int version,
    const void *message, int32_t *correlation);

/* Waits for the next response, that to the oldest request that is not
 * answered. Views are valid until the next call. -FAIL_AGAIN: timed out (it
 * may be called again); -FAIL_UNAVAILABLE: the broker has gone;
 * -FAIL_PROTOCOL: not what we expect, and the connection is of no use. */
int client_receive(struct client *client, struct arena *arena, void *response,
    int32_t *correlation, int64_t timeout_ms);

/* One request and its response, in the best version. */
int client_call(struct client *client, const struct api *api,
    const void *message, struct arena *arena, void *response,
    int64_t timeout_ms);

#endif
