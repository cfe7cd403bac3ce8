/* Connecting to what a text names. */
#include "base/socket.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/parse.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
socket_wait(int fd, short what, int64_t until_ms)
{
	for (;;) {
		struct pollfd poller = {fd, what, 0};
		int64_t left = until_ms == INT64_MAX ? -1 :
		    until_ms - clock_boot_ms();
		int ready;

		if (until_ms != INT64_MAX && left < 0)
			left = 0;
		ready = poll(&poller, 1, left > INT32_MAX ? INT32_MAX :
		    (int)left);
		if (ready > 0 || (ready < 0 && errno != EINTR))
			return 1;
		if (ready == 0 && left <= INT32_MAX)
			return 0;
	}
}

/* A socket that connects, or is; its failure is in errno. */
static int
start_connecting(int family, const struct sockaddr *address, socklen_t size)
{
	int on = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, address, size) == 0 || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

/* True if it is connected now; else closed, and errno says why. */
static bool
finish_connecting(int fd, int64_t until_ms)
{
	int error = 0;
	socklen_t size = sizeof error;

	if (socket_wait(fd, POLLOUT, until_ms) == 0)
		error = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		error = errno;
	if (error == 0)
		return true;
	close(fd);
	errno = error;
	return false;
}

static int
connect_unix(const char *path, int64_t until_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (*path == 0 || strlen(path) >= sizeof address.sun_path)
		return fail(FAIL_USAGE, "unix:%s: a path of %zu bytes at most "
		    "is expected", path, sizeof address.sun_path - 1);
	strcpy(address.sun_path, path);
	fd = start_connecting(AF_UNIX, (struct sockaddr *)&address,
	    sizeof address);
	if (fd >= 0 && finish_connecting(fd, until_ms))
		return fd;
	return fail(FAIL_UNAVAILABLE, "%s: %s", path, strerror(errno));
}

static int
connect_tcp(const char *text, const char *host, const char *port,
    int64_t until_ms)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST};
	struct addrinfo *infos;
	int error = getaddrinfo(host, port, &hints, &infos), fd = -1;

	/* A number needs no look at the machine's names and interfaces. */
	hints.ai_flags = AI_ADDRCONFIG;
	if (error == EAI_NONAME)
		error = getaddrinfo(host, port, &hints, &infos);
	if (error != 0)
		return fail(FAIL_UNAVAILABLE, "%s: %s", text,
		    gai_strerror(error));
	errno = ECONNREFUSED;
	for (const struct addrinfo *info = infos; info != NULL && fd < 0;
	    info = info->ai_next) {
		fd = start_connecting(info->ai_family, info->ai_addr,
		    info->ai_addrlen);
		if (fd >= 0 && !finish_connecting(fd, until_ms))
			fd = -1;
	}
	freeaddrinfo(infos);
	if (fd < 0)
		return fail(FAIL_UNAVAILABLE, "%s: %s", text, strerror(errno));
	return fd;
}

/* Where the port's colon is, with a bracket around the host taken away: the end
 * of the text if there is none, NULL if something else follows a bracket. */
static char *
find_colon(char **host)
{
	char *end = strrchr(*host, ':');

	if (**host != '[')
		return end == NULL ? *host + strlen(*host) : end;
	end = strchr(++*host, ']');
	if (end == NULL || (end[1] != ':' && end[1] != 0))
		return NULL;
	*end = 0;
	return end + 1;
}

int
socket_split(const char *text, char **out, int *port)
{
	char *copy = memory_copy_text(text), *host = copy;
	char *colon = find_colon(&host);
	int64_t number = *port;
	int failed = 0;

	*out = NULL;
	if (colon == NULL)
		failed = fail(FAIL_USAGE, "'%s': HOST:PORT is expected", text);
	else if (*colon != 0 &&
	    parse_integer(colon + 1, "port", 0, 65535, &number) < 0)
		failed = fail(FAIL_USAGE, "'%s': '%s' is no port: a number up "
		    "to 65535 is expected", text, colon + 1);
	if (failed == 0) {
		*port = (int)number;
		*colon = 0;
		*out = memory_copy_text(host);
	}
	free(copy);
	return failed;
}

int
socket_connect(const char *address, int port, int64_t until_ms)
{
	char number[16], *host;
	int fd;

	if (strncmp(address, "unix:", 5) == 0)
		return connect_unix(address + 5, until_ms);
	fd = socket_split(address, &host, &port);
	if (fd < 0)
		return fd;
	snprintf(number, sizeof number, "%d", port);
	if (*host == 0 || port == 0)
		fd = fail(FAIL_USAGE, "'%s': HOST:PORT is expected", address);
	else
		fd = connect_tcp(address, host, number, until_ms);
	free(host);
	return fd;
}
