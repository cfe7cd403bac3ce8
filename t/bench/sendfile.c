/* The reference for reading: a file from the page cache to another process, by
 * sendfile over loopback.
 *
 *   sendfile FILE
 *
 * Prints MiB a second. */
#include "base/clock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP = 1 << 20 };

static int
listen_somewhere(struct sockaddr_in *address)
{
	socklen_t size = sizeof *address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(fd, (struct sockaddr *)address, size) < 0 ||
	    listen(fd, 1) < 0 ||
	    getsockname(fd, (struct sockaddr *)address, &size) < 0)
		return -1;
	return fd;
}

static int
send_all(int listener, const char *name)
{
	int file = open(name, O_RDONLY), to = accept(listener, NULL, NULL);
	ssize_t sent;

	if (file < 0 || to < 0)
		return 1;
	while ((sent = sendfile(to, file, NULL, STEP)) > 0)
		;
	return sent < 0;
}

int
main(int argc, char **argv)
{
	static char bytes[STEP];
	struct sockaddr_in address;
	int listener, from;
	int64_t start, total = 0;
	ssize_t got;

	if (argc != 2)
		return 64;
	listener = listen_somewhere(&address);
	if (listener < 0)
		return 71;
	if (fork() == 0)
		_exit(send_all(listener, argv[1]));
	from = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(from, (struct sockaddr *)&address, sizeof address) < 0)
		return 71;
	start = clock_boot_us();
	while ((got = read(from, bytes, sizeof bytes)) > 0)
		total += got;
	printf("%.0f\n", (double)total / 1.048576 /
	    (double)(clock_boot_us() - start));
	wait(NULL);
	return 0;
}
