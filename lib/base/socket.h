/* Sockets: connecting, and waiting with a limit. */
#ifndef BASE_SOCKET_H
#define BASE_SOCKET_H

#include <stdint.h>

/* Connects to "HOST:PORT", "[HOST]:PORT", "HOST" (with the port given) or
 * "unix:PATH", until clock_boot_ms is until_ms (INT64_MAX: no limit). The
 * descriptor, which never blocks and sends at once; -FAIL_USAGE for a bad
 * address, -FAIL_UNAVAILABLE if nobody answers. */
int socket_connect(const char *address, const char *port, int64_t until_ms);

/* Waits until poll(2) says one of `what`: 1; 0 at until_ms. */
int socket_wait(int fd, short what, int64_t until_ms);

#endif
