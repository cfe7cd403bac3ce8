/* The server: its threads, its sockets, its signals. */
#include "server/server.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/socket.h"
#include "server/connection.h"
#include "server/listener.h"
#include "server/parked.h"
#include "server/readers.h"
#include "server/roster.h"
#include "server/service.h"
#include "server/share.h"
#include "server/share_groups.h"
#include "server/syncs.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SAY_MAX = 100,    /* lines, a second */
	FILES_MAX = 4096, /* descriptors that connections leave */
	TOPIC_FILES = 7,  /* descriptors that a topic takes, at least */
	DEFAULT_PORT = 9092, /* of Kafka */
};

/* Of names, and of addresses in numbers. */
#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyz" \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%"

/* Clients choose words in it: no terminal is to obey them, and no disk to fill
 * up with them. */
void
server_say(struct server *server, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	for (char *at = text; *at != 0; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	if (server->options.say == NULL)
		return;
	if (server->said++ < SAY_MAX)
		server->options.say(text, server->options.context);
}

static void
say_what_was_left_out(struct server *server)
{
	int left = server->said - SAY_MAX;

	server->said = 0;
	if (left > 0)
		server_say(server, "%d more lines are left out", left);
}

struct tasks *
server_writer(struct server *server, struct slice topic, int partition)
{
	uint64_t hash = hash_bytes(topic.data, topic.size) +
	    (uint64_t)partition;

	return server->writers[hash % SERVER_WRITERS];
}

/* Takes no more requests; the last connection that ends stops the loop. */
static void
drain(struct server *server)
{
	struct connection *next;

	if (server->is_draining) {
		event_base_loopbreak(server->base);
		return;
	}
	service_notify("STOPPING=1");
	server->is_draining = true;
	listener_close_all(server);
	parking_end(server->parking);
	rosters_end(server->rosters);
	for (struct connection *connection = server->connections;
	    connection != NULL; connection = next) {
		next = connection_next(connection);
		connection_drain(connection);
	}
	if (server->connections == NULL)
		event_base_loopbreak(server->base);
}

static void
on_signal(evutil_socket_t number, short what, void *argument)
{
	struct server *server = argument;

	(void)what;
	switch (number) {
	case SIGUSR1:
		server_say(server, "%zu connections, %llu requests",
		    server->connection_count,
		    (unsigned long long)server->requests);
		break;
	case SIGHUP:
		server_say(server, "topics are read again");
		break;
	default:
		drain(server);
	}
}

/* Clients are told to try again, the one who runs us what would help. */
static void
watch_descriptors(struct server *server)
{
	int64_t most = file_descriptors_max();
	int lowest = dup(STDERR_FILENO); /* of those that are free */
	bool was_out = server->is_out;

	if (lowest >= 0)
		close(lowest);
	server->is_out = lowest < 0 || lowest + TOPIC_FILES > most;
	if (server->is_out && !was_out)
		server_say(server, "of %lld file descriptors none are left: "
		    "topics that are not open stay closed",
		    (long long)most);
}

/* Another one of its name is no business of ours: who starts us anew finds it. */
static bool
is_spool_gone(const struct server *server)
{
	return file_is_unlinked(spool_directory(storage_spool(
	    server->storage)));
}

static void
on_tick(evutil_socket_t fd, short what, void *argument)
{
	struct server *server = argument;
	int64_t now_ms = clock_boot_ms();
	struct connection *next;

	(void)fd;
	(void)what;
	say_what_was_left_out(server);
	watch_descriptors(server);
	readers_tick(server->readers);
	parking_tick(server->parking);
	for (struct connection *connection = server->connections;
	    connection != NULL; connection = next) {
		next = connection_next(connection);
		connection_tick(connection, now_ms);
	}
	if (!server->is_draining && is_spool_gone(server))
		drain(server);
}

/* Memory is there again for those that had to wait. */
static void
on_relief(evutil_socket_t fd, short what, void *argument)
{
	struct server *server = argument;
	struct connection *next;

	(void)fd;
	(void)what;
	for (struct connection *connection = server->connections;
	    connection != NULL; connection = next) {
		next = connection_next(connection);
		connection_flush(connection);
	}
}

static int
watch_signals(struct server *server)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		server->signals[i] = evsignal_new(server->base, numbers[i],
		    on_signal, server);
		if (server->signals[i] == NULL ||
		    event_add(server->signals[i], NULL) != 0)
			return fail(FAIL_SYSTEM, "cannot watch signals");
	}
	return 0;
}

static int
start_tick(struct server *server)
{
	struct timeval second = {1, 0};

	server->relief = event_new(server->base, -1, 0, on_relief, server);
	if (server->relief == NULL)
		return fail(FAIL_SYSTEM, "cannot start an event");
	server->tick = event_new(server->base, -1, EV_PERSIST, on_tick,
	    server);
	if (server->tick == NULL || event_add(server->tick, &second) != 0)
		return fail(FAIL_SYSTEM, "cannot start a timer");
	return 0;
}

static int
start_threads(struct server *server)
{
	const struct server_options *options = &server->options;
	int failed = tasks_start(&server->index, server->base, options->spool,
	    options->force);

	if (failed == 0)
		failed = tasks_start(&server->errands, server->base,
		    options->spool, options->force);
	for (int i = 0; i < SERVER_WRITERS && failed == 0; i++)
		failed = tasks_start(&server->writers[i], server->base,
		    options->spool, options->force);
	return failed;
}

static int
set_advertised(struct server *server, const char *text)
{
	int port = 0, failed;

	if (text == NULL)
		return 0;
	failed = socket_split(text, &server->host, &port);
	if (failed < 0)
		return failed;
	if (port == 0 || *server->host == 0 ||
	    strspn(server->host, HOST_CHARACTERS) != strlen(server->host))
		return fail(FAIL_USAGE, "--advertise '%s': HOST:PORT is "
		    "expected", text);
	server->port = port;
	server->is_advertised = true;
	return 0;
}

/* The same as long as the spool is this directory. */
static int
set_cluster_id(struct server *server)
{
	uint64_t id = 0;
	int failed = file_identity(spool_directory(storage_spool(
	    server->storage)), &id);

	snprintf(server->cluster_id, sizeof server->cluster_id, "mq-%016llx",
	    (unsigned long long)id);
	return failed;
}

/* Half of the descriptors that are left are for files, up to a number. */
static size_t
count_connections_max(void)
{
	int64_t most = file_descriptors_max();
	int taken = dup(STDERR_FILENO); /* the lowest that is free */

	close(taken);
	most -= taken < 0 || taken > most ? most : taken;
	return (size_t)(most - (most / 2 < FILES_MAX ? most / 2 : FILES_MAX));
}

/* What libevent says beside our own messages. */
static void
ignore_words(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

int
server_open(struct server **out, const struct server_options *options)
{
	struct server *server = memory_alloc(sizeof *server);
	int failed;

	*out = NULL;
	server->options = *options;
	event_set_log_callback(ignore_words);
	server->base = event_base_new();
	failed = server->base == NULL ? fail(FAIL_SYSTEM, "no event loop") :
	    storage_open(&server->storage, options->spool, options->force);
	if (failed == 0)
		storage_follow(server->storage, server->base);
	if (failed == 0)
		failed = set_cluster_id(server);
	if (failed == 0)
		failed = watch_signals(server);
	if (failed == 0)
		failed = parking_open(&server->parking, server->base,
		    server->storage);
	if (failed == 0)
		failed = start_threads(server);
	server->syncs = syncs_open(server);
	if (server->storage != NULL)
		server->readers = readers_open(server->storage);
	if (failed == 0)
		server->rosters = rosters_open(server);
	if (failed == 0)
		failed = start_tick(server);
	if (failed == 0)
		failed = set_advertised(server, options->advertise);
	if (failed == 0)
		failed = listener_open_all(server);
	if (failed < 0) {
		server_close(server);
		return failed;
	}
	if (server->host == NULL) {
		server->host = memory_copy_text("localhost");
		server->port = DEFAULT_PORT;
	}
	server->connection_max = count_connections_max();
	*out = server;
	return 0;
}

int
server_run(struct server *server)
{
	service_notify("READY=1");
	if (event_base_dispatch(server->base) < 0)
		return fail(FAIL_SYSTEM, "the event loop failed");
	if (is_spool_gone(server))
		return fail(FAIL_MISSING, "spool %s: was removed",
		    server->options.spool);
	return 0;
}

void
server_close(struct server *server)
{
	struct connection *next;

	if (server == NULL)
		return;
	server->is_closing = true;
	if (server->base != NULL)
		listener_close_all(server);
	share_groups_close(server);
	share_sessions_close_all(server);
	for (int i = 0; i < SERVER_WRITERS; i++)
		tasks_stop(server->writers[i]);
	syncs_close(server->syncs, server->storage);
	tasks_stop(server->index);
	tasks_stop(server->errands);
	for (struct connection *connection = server->connections;
	    connection != NULL; connection = next) {
		next = connection_next(connection);
		connection_close(connection);
	}
	rosters_close(server->rosters);
	parking_close(server->parking);
	for (size_t i = 0; i < 5; i++)
		if (server->signals[i] != NULL)
			event_free(server->signals[i]);
	if (server->tick != NULL)
		event_free(server->tick);
	if (server->relief != NULL)
		event_free(server->relief);
	readers_close(server->readers);
	storage_close(server->storage);
	if (server->base != NULL)
		event_base_free(server->base);
	free(server->host);
	free(server);
}
