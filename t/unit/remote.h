/* A server of a unit test's own, in a process that can be killed, and calls to
 * it in few words. */
#ifndef REMOTE_H
#define REMOTE_H

#include "base/clock.h"
#include "kafka/client.h"
#include "kafka/error.h"
#include "place.h"
#include "server/server.h"
#include "spool/topic.h"
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static pid_t remote_pid;
static char remote_address[320];

static inline void
remote_must(int result, const char *step)
{
	if (result >= 0)
		return;
	printf("not ok - %s: %s\n", step, fail_message());
	fflush(stdout);
	if (remote_pid > 0)
		kill(remote_pid, SIGKILL);
	exit(1);
}

static inline void
remote_say(const char *text, void *context)
{
	(void)context;
	printf("# server: %s\n", text);
	fflush(stdout);
}

static inline _Noreturn void
remote_serve(void)
{
	const char *const listen[] = {remote_address};
	struct server_options options = {.spool = place_path, .force = true,
	    .listen = listen, .listen_count = 1, .say = remote_say};
	struct server *server;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (server_open(&server, &options) < 0) {
		printf("not ok - %s\n", fail_message());
		_exit(1);
	}
	server_run(server);
	server_close(server);
	_exit(0);
}

static inline struct client *
remote_connect(void)
{
	struct client *client = NULL;

	for (int i = 0; i < 500 && client == NULL; i++)
		if (client_open(&client, remote_address, 1000) < 0)
			poll(NULL, 0, 20);
	if (client == NULL)
		remote_must(-FAIL_UNAVAILABLE, "connect");
	return client;
}

/* Starts it; it ends with the test. */
static inline void
remote_start(void)
{
	snprintf(remote_address, sizeof remote_address, "unix:%s/../socket",
	    place_path);
	fflush(stdout);
	remote_pid = fork();
	if (remote_pid == 0)
		remote_serve();
	client_close(remote_connect());
}

/* Starts it on a new spool with the topic "t"; settings NULL: the defaults. */
static inline void
remote_begin(const struct topic_settings *settings)
{
	struct topic_settings defaults;
	struct spool *spool;

	place_make();
	spool = place_open(SPOOL_CREATE);
	topic_settings_default(&defaults);
	remote_must(topic_create(spool, "t",
	    settings != NULL ? settings : &defaults), "topic");
	spool_close(spool);
	remote_start();
}

static inline void
remote_kill(void)
{
	kill(remote_pid, SIGKILL);
	waitpid(remote_pid, NULL, 0);
	unlink(remote_address + 5);
}

/* TERM: the status that it ends with. */
static inline int
remote_stop(void)
{
	int status;

	kill(remote_pid, SIGTERM);
	waitpid(remote_pid, &status, 0);
	return status;
}

/* One request in the newest version, and its answer. */
static inline void
remote_call(struct client *client, enum api_key key, const void *message,
    struct arena *arena, void *answer)
{
	remote_must(client_call(client, api_find(key), message, arena, answer,
	    20000),
	    "call");
}

/* A request in that version, to be answered later. */
static inline void
remote_send(struct client *client, enum api_key key, int version,
    const void *message)
{
	int32_t correlation;

	remote_must(client_version(client, api_find(key), 5000), "versions");
	remote_must(client_send(client, api_find(key), version, message,
	    &correlation), "send");
}

static inline void
remote_receive(struct client *client, struct arena *arena, void *answer)
{
	int32_t correlation;

	remote_must(client_receive(client, arena, answer, &correlation, 20000),
	    "receive");
}

/* Is an answer there within so long? */
static inline bool
remote_has_answer(struct client *client, int ms)
{
	struct pollfd wait = {client_descriptor(client), POLLIN, 0};

	return poll(&wait, 1, ms) == 1;
}

#endif
