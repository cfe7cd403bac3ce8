/* Addresses: those that the server listens on, and those that it tells. */
#include "server/address.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
address_unmap(union address *address)
{
	struct in_addr inner;
	in_port_t port = address->six.sin6_port;

	if (address->any.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&address->six.sin6_addr))
		return;
	memcpy(&inner, address->six.sin6_addr.s6_addr + 12, sizeof inner);
	memset(address, 0, sizeof *address);
	address->four.sin_family = AF_INET;
	address->four.sin_addr = inner;
	address->four.sin_port = port;
}

char *
address_host(const union address *address, int *port)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->four.sin_addr, text, sizeof text);
		*port = ntohs(address->four.sin_port);
	} else if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->six.sin6_addr, text,
		    sizeof text);
		*port = ntohs(address->six.sin6_port);
	} else {
		return NULL;
	}
	return memory_copy_text(text);
}

void
address_format(const union address *address, char *out, size_t size)
{
	const char *path = address->local.sun_path;
	int port;
	char *host = address_host(address, &port);

	if (host != NULL)
		snprintf(out, size, address->any.sa_family == AF_INET6 ?
		    "[%s]:%d" : "%s:%d", host, port);
	else if (path[0] != 0)
		snprintf(out, size, "unix:%s", path);
	else if (path[1] != 0)
		snprintf(out, size, "unix:@%.*s",
		    (int)sizeof address->local.sun_path - 1, path + 1);
	else
		snprintf(out, size, "unix");
	free(host);
}

bool
is_address_loopback(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->four.sin_addr.s_addr) >> 24 == 127;
	if (address->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&address->six.sin6_addr);
	return address->any.sa_family == AF_UNIX;
}

bool
is_address_wildcard(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return address->four.sin_addr.s_addr == htonl(INADDR_ANY);
	return address->any.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&address->six.sin6_addr);
}

bool
address_of_socket(int fd, union address *address)
{
	socklen_t size = sizeof *address;

	memset(address, 0, sizeof *address);
	if (getsockname(fd, &address->any, &size) != 0)
		return false;
	address_unmap(address);
	return true;
}
