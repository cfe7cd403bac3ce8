/* What a service manager is told. */
#ifndef SERVER_SERVICE_H
#define SERVER_SERVICE_H

/* Sends a line such as "READY=1" to NOTIFY_SOCKET, in one datagram, as
 * sd_notify(3) does; nowhere if there is none, or nobody takes it. */
void service_notify(const char *text);

#endif
