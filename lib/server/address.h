/* Addresses: those that the server listens on, and those that it tells. */
#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	ADDRESS_TEXT_MAX = sizeof(struct sockaddr_un) + 8,
};

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_un local;
	struct sockaddr_storage storage;
};

/* An address of IPv4 as sockets of IPv6 have it becomes what it is. */
void address_unmap(union address *address);

/* "127.0.0.1:9092", "[::1]:9092", "unix:/run/mq", "unix:@name", "unix". */
void address_format(const union address *address, char *out, size_t size);

/* Nobody but this machine gets there: TCP's loopback, or a unix socket. */
bool is_address_loopback(const union address *address);

/* All of a machine's addresses. */
bool is_address_wildcard(const union address *address);

/* Where a socket is on our side; false for what is no socket. */
bool address_of_socket(int fd, union address *address);

/* What clients may be told of an address of TCP: a host without brackets, to be
 * freed, and the port. NULL if it is none of TCP. */
char *address_host(const union address *address, int *port);

#endif
