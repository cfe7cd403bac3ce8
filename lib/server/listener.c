/* TCP and unix sockets, and those that a service manager hands over. */
#include "server/listener.h"

#include "base/fail.h"
#include "base/parse.h"
#include "base/socket.h"
#include "server/address.h"
#include "server/connection.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BACKLOG = 511,
	FIRST_HANDED_FD = 3, /* sd_listen_fds(3) */
	ACCEPTS = 64,        /* at once */
};

struct listener {
	struct server *server;
	int fd;
	char *unix_path; /* ours to remove, or NULL */
	struct event *event;
	struct event *resume; /* after the descriptors ran out */
	bool is_full;         /* they have, and it was said */
	struct listener *next;
};

static void
accept_one(struct listener *listener, int fd, union address *address)
{
	char peer[ADDRESS_TEXT_MAX];
	int on = 1;

	if (address->any.sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	address_unmap(address);
	address_format(address, peer, sizeof peer);
	if (connection_open(listener->server, fd, fd, peer) < 0)
		server_say(listener->server, "%s", fail_message());
}

static void
on_resume(evutil_socket_t fd, short what, void *argument)
{
	struct listener *listener = argument;

	(void)fd;
	(void)what;
	event_add(listener->event, NULL);
}

/* Out of descriptors: whoever waits is taken when others are gone, and we do
 * not spin meanwhile. */
static void
pause_listener(struct listener *listener, const char *why)
{
	struct timeval second = {1, 0};

	if (!listener->is_full)
		server_say(listener->server, "cannot accept: %s", why);
	listener->is_full = true;
	event_del(listener->event);
	event_add(listener->resume, &second);
}

static void
on_connection(evutil_socket_t fd, short what, void *argument)
{
	struct listener *listener = argument;
	const struct server *server = listener->server;

	(void)what;
	for (int i = 0; i < ACCEPTS; i++) {
		union address address = {0};
		socklen_t size = sizeof address;
		int taken;

		if (server->connection_count >= server->connection_max) {
			pause_listener(listener, "too many connections");
			return;
		}
		taken = accept4(fd, &address.any, &size,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (taken >= 0) {
			listener->is_full = false;
			accept_one(listener, taken, &address);
		} else if (errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM) {
			pause_listener(listener, strerror(errno));
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			return;
		}
	}
}

static void
close_listener(struct listener *listener)
{
	if (listener->event != NULL)
		event_free(listener->event);
	if (listener->resume != NULL)
		event_free(listener->resume);
	close(listener->fd);
	if (listener->unix_path != NULL)
		unlink(listener->unix_path);
	free(listener->unix_path);
	free(listener);
}

/* Takes over fd, which listens. */
static int
add_listener(struct server *server, int fd, const char *unix_path)
{
	struct listener *listener = memory_alloc(sizeof *listener);

	evutil_make_socket_nonblocking(fd);
	evutil_make_socket_closeonexec(fd);
	listener->server = server;
	listener->fd = fd;
	if (unix_path != NULL)
		listener->unix_path = memory_copy_text(unix_path);
	listener->event = event_new(server->base, fd, EV_READ | EV_PERSIST,
	    on_connection, listener);
	listener->resume = evtimer_new(server->base, on_resume, listener);
	if (listener->event == NULL || listener->resume == NULL ||
	    event_add(listener->event, NULL) != 0) {
		close_listener(listener);
		return fail(FAIL_SYSTEM, "cannot watch a socket");
	}
	listener->next = server->listeners;
	server->listeners = listener;
	return 0;
}

/* Where it listens; the first of TCP is for those who come by another way. */
static void
tell(struct server *server, int fd)
{
	union address address;
	char text[ADDRESS_TEXT_MAX];

	if (!address_of_socket(fd, &address))
		return;
	address_format(&address, text, sizeof text);
	server_say(server, "listening on %s", text);
	if (server->host == NULL && !is_address_wildcard(&address))
		server->host = address_host(&address, &server->port);
}

static int
listen_unix(struct server *server, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	int fd, probe, failed;

	if (*path == 0 || strlen(path) >= sizeof address.sun_path)
		return fail(FAIL_USAGE, "unix:%s: a path of %zu bytes at most "
		    "is expected", path, sizeof address.sun_path - 1);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_errno("socket");
	/* A socket that nobody listens on any more is in the way. */
	probe = connect(fd, (struct sockaddr *)&address, sizeof address);
	if (probe == 0) {
		close(fd);
		return fail(FAIL_UNAVAILABLE, "%s: somebody listens there",
		    path);
	}
	if (errno == ECONNREFUSED && lstat(path, &status) == 0 &&
	    S_ISSOCK(status.st_mode))
		unlink(path);
	/* The mode before the name: nobody else gets in between. */
	if (fchmod(fd, 0600) != 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
	    chmod(path, 0600) != 0 || listen(fd, BACKLOG) != 0) {
		failed = fail_errno("%s: listen", path);
		close(fd);
		return failed;
	}
	failed = add_listener(server, fd, path);
	if (failed == 0)
		tell(server, fd);
	return failed;
}

static int
listen_address(struct server *server, const struct addrinfo *info,
    const char *text)
{
	int on = 1, failed;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_errno("%s: socket", text);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		failed = fail_errno("%s: listen", text);
		close(fd);
		return failed;
	}
	failed = add_listener(server, fd, NULL);
	if (failed == 0)
		tell(server, fd);
	return failed;
}

/* Until TLS and SASL are there, only this machine may connect. */
static int
check_address(const struct server *server, const union address *address,
    const char *text)
{
	if (server->options.is_insecure || is_address_loopback(address))
		return 0;
	return fail(FAIL_PERMISSION, "%s: not a loopback address: anybody "
	    "who reaches it could read and write (--insecure allows it)",
	    text);
}

/* A name may have addresses that this machine has not: one is enough. */
static int
listen_addresses(struct server *server, const struct addrinfo *infos,
    const char *text)
{
	int failed = 0, count = 0;

	for (const struct addrinfo *info = infos; info != NULL;
	    info = info->ai_next) {
		union address address = {0};

		memcpy(&address, info->ai_addr, info->ai_addrlen);
		errno = 0;
		failed = check_address(server, &address, text);
		if (failed == 0)
			failed = listen_address(server, info, text);
		count += failed == 0;
		if (failed < 0 && errno != EAFNOSUPPORT &&
		    errno != EADDRNOTAVAIL)
			return failed;
	}
	return count > 0 ? 0 : failed;
}

static int
listen_tcp(struct server *server, const char *text)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *infos;
	char number[16], *host;
	int port = -1, error, failed = socket_split(text, &host, &port);

	if (failed < 0)
		return failed;
	if (port < 0) {
		free(host);
		return fail(FAIL_USAGE, "'%s': HOST:PORT or unix:PATH is "
		    "expected", text);
	}
	snprintf(number, sizeof number, "%d", port);
	error = getaddrinfo(*host == 0 ? NULL : host, number, &hints, &infos);
	free(host);
	if (error != 0)
		return fail(FAIL_USAGE, "%s: %s", text, gai_strerror(error));
	failed = listen_addresses(server, infos, text);
	freeaddrinfo(infos);
	return failed;
}

static int
listen_one(struct server *server, const char *text)
{
	if (strncmp(text, "unix:", 5) == 0)
		return listen_unix(server, text + 5);
	return listen_tcp(server, text);
}

/* How many sockets a service manager has for this very process. */
static int
count_handed(void)
{
	const char *pid_text = getenv("LISTEN_PID");
	const char *count_text = getenv("LISTEN_FDS");
	int64_t pid, count;

	if (pid_text == NULL || count_text == NULL ||
	    parse_integer(pid_text, "LISTEN_PID", 1, INT32_MAX, &pid) < 0 ||
	    parse_integer(count_text, "LISTEN_FDS", 0, 1024, &count) < 0 ||
	    pid != (int64_t)getpid())
		return 0;
	return (int)count;
}

/* A socket that does not listen would never answer anybody. */
static int
check_handed(const struct server *server, int fd)
{
	union address address;
	char text[ADDRESS_TEXT_MAX];
	int is_listening = 0, kind = 0;
	socklen_t size = sizeof kind;

	if (!address_of_socket(fd, &address) ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
	    &size) != 0 || kind != SOCK_STREAM || !is_listening)
		return fail(FAIL_CONFIG, "LISTEN_FDS: descriptor %d is no "
		    "stream socket that listens", fd);
	address_format(&address, text, sizeof text);
	return check_address(server, &address, text);
}

static int
take_handed(struct server *server, int count)
{
	int failed = 0;

	for (int fd = FIRST_HANDED_FD; fd < FIRST_HANDED_FD + count &&
	    failed == 0; fd++) {
		failed = check_handed(server, fd);
		if (failed == 0)
			failed = add_listener(server, fd, NULL);
		if (failed == 0)
			tell(server, fd);
	}
	return failed;
}

/* Files, and what is closed, cannot be waited for. */
static int
open_stdio(struct server *server)
{
	if (connection_open(server, STDIN_FILENO, STDOUT_FILENO, "stdio") == 0)
		return 0;
	return fail(FAIL_USAGE, "--stdio: standard input is neither a pipe "
	    "nor a socket");
}

int
listener_open_all(struct server *server)
{
	const struct server_options *options = &server->options;
	int handed = count_handed(), failed = 0;

	if (options->is_stdio)
		return open_stdio(server);
	if (handed > 0)
		return take_handed(server, handed);
	if (options->listen_count == 0)
		return listen_one(server, "127.0.0.1:9092");
	for (size_t i = 0; i < options->listen_count && failed == 0; i++)
		failed = listen_one(server, options->listen[i]);
	return failed;
}

void
listener_resume_all(struct server *server)
{
	for (struct listener *listener = server->listeners; listener != NULL;
	    listener = listener->next)
		if (listener->is_full)
			event_active(listener->resume, EV_TIMEOUT, 0);
}

void
listener_close_all(struct server *server)
{
	while (server->listeners != NULL) {
		struct listener *listener = server->listeners;

		server->listeners = listener->next;
		close_listener(listener);
	}
}
