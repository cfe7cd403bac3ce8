/* Sockets: connecting, and waiting with a limit. */
#ifndef BASE_SOCKET_H
#define BASE_SOCKET_H

#include <stdint.h>

/* Connects to "HOST:PORT", "[HOST]:PORT", "HOST" (with the port given) or
 * "unix:PATH", until clock_boot_ms is until_ms (INT64_MAX: no limit). The
 * descriptor, which never blocks and sends at once; -FAIL_USAGE for a bad
 * address, -FAIL_UNAVAILABLE if nobody answers. */
int socket_connect(const char *address, int port, int64_t until_ms);

/* Takes "HOST:PORT" or "[HOST]:PORT" apart: the host, which may be empty and is
 * to be freed, without brackets; the port, left as it is if there is none.
 * -FAIL_USAGE names the text. */
int socket_split(const char *text, char **host, int *port);

/* Waits until poll(2) says one of `what`: 1; 0 at until_ms. */
int socket_wait(int fd, short what, int64_t until_ms);

#endif
