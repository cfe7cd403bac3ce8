/* A consumer that throws away what it gets, as the reference for it does: what
 * the server alone can deliver.
 *
 *   fetch HOST:PORT TOPIC
 *
 * Asks for partition 0 from its start, for 50 MiB at once as clients do by
 * default, until an answer is empty. Of each batch only the header is looked
 * at, for the offset to go on from. Prints MiB of batches a second. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	STEP = 1 << 20,
	FETCH_MAX = 50 << 20,
	HEADER = 27,       /* of a batch, with its last offset delta */
	LENGTH_AT = 8,
	BEHIND_LENGTH = 12,
	DELTA_AT = 23,
};

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "fetch: %s\n", what);
	exit(74);
}

static void
receive(int fd, void *bytes, size_t size)
{
	if (recv(fd, bytes, size, MSG_WAITALL) != (ssize_t)size)
		give_up("the server has gone");
}

static void
discard(int fd, int64_t size)
{
	static char bytes[STEP];

	while (size > 0) {
		ssize_t got = recv(fd, bytes, size < STEP ? (size_t)size : STEP,
		    0);

		if (got <= 0)
			give_up("the server has gone");
		size -= got;
	}
}

static uint32_t
be32_at(const unsigned char *bytes, size_t at)
{
	struct cursor cursor = cursor_over(bytes + at, 4);

	return cursor_be32(&cursor);
}

/* Version 4: the first that a batch's own format came with. */
static void
ask(int fd, const char *topic, int64_t offset)
{
	struct buf frame = {0};

	buf_append_be32(&frame, (uint32_t)(53 + strlen(topic)));
	buf_append_be16(&frame, 1);
	buf_append_be16(&frame, 4);
	buf_append_be32(&frame, 0);
	buf_append_be16(&frame, (uint16_t)-1); /* no client id */
	buf_append_be32(&frame, (uint32_t)-1); /* no replica */
	buf_append_be32(&frame, 0);            /* to wait */
	buf_append_be32(&frame, 1);
	buf_append_be32(&frame, FETCH_MAX);
	buf_append_byte(&frame, 0);
	buf_append_be32(&frame, 1);
	buf_append_be16(&frame, (uint16_t)strlen(topic));
	buf_append_text(&frame, topic);
	buf_append_be32(&frame, 1);
	buf_append_be32(&frame, 0);
	buf_append_be64(&frame, (uint64_t)offset);
	buf_append_be32(&frame, FETCH_MAX);
	if (send(fd, frame.data, frame.size, MSG_NOSIGNAL) !=
	    (ssize_t)frame.size)
		give_up("cannot ask");
	buf_release(&frame);
}

/* Returns the bytes of batches that follow. */
static int64_t
receive_start(int fd, const char *topic)
{
	unsigned char bytes[512];
	size_t before = 4 + 4 + 4 + 4 + 2 + strlen(topic) + 4 + 4;
	size_t size = before + 2 + 8 + 8 + 4 + 4;

	if (size > sizeof bytes)
		give_up("the topic's name is too long");
	receive(fd, bytes, size);
	if (bytes[before] != 0 || bytes[before + 1] != 0)
		give_up("the server tells an error");
	return (int32_t)be32_at(bytes, size - 4);
}

/* Returns where to go on. */
static int64_t
receive_batches(int fd, int64_t left, int64_t offset)
{
	unsigned char header[HEADER];

	while (left > 0) {
		int64_t rest;

		receive(fd, header, sizeof header);
		rest = be32_at(header, LENGTH_AT) + BEHIND_LENGTH - HEADER;
		discard(fd, rest);
		offset = (int64_t)((uint64_t)be32_at(header, 0) << 32 |
		    be32_at(header, 4)) + be32_at(header, DELTA_AT) + 1;
		left -= HEADER + rest;
	}
	return offset;
}

int
main(int argc, char **argv)
{
	int64_t start = clock_boot_us(), total = 0, offset = 0, size;
	int fd;

	if (argc != 3)
		return 64;
	fd = socket_connect(argv[1], 9092, clock_boot_ms() + 10000);
	if (fd < 0)
		give_up("cannot connect");
	fcntl(fd, F_SETFL, 0); /* it is to block */
	do {
		ask(fd, argv[2], offset);
		size = receive_start(fd, argv[2]);
		offset = receive_batches(fd, size, offset);
		total += size;
	} while (size > 0);
	printf("%.0f\n", (double)total / 1.048576 /
	    (double)(clock_boot_us() - start));
	return 0;
}
