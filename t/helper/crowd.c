/* Many clients of a server at once, none of them nice.
 *
 *   crowd PORT COUNT idle|trickle|claim|wait|deaf|late|settings|times|names
 *       [TOPIC]
 *
 * idle says nothing; trickle one byte of a request each second; claim that a
 * request of 2^31 - 1 bytes comes; wait for messages of a topic that has none;
 * deaf asks for all that a topic has, again and again, and never reads; late
 * does, but only then. Says "ready" when all are connected and have spoken (and
 * all that are late have all of their answers), and then stays. settings asks
 * for those of a topic 200,000 times, and never reads; times where 100,000 times
 * are, and names for 60,000 topics that are not there, in one request each:
 * "answered" is said once an answer is there. */
#include "base/buf.h"
#include "base/cursor.h"
#include "base/fail.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	DEAF_REQUESTS = 5000,
	SETTINGS_REQUESTS = 64,
	SETTINGS_RESOURCES = 3000,
	TIMES = 100000,
	NAMES = 60000,
	TURNS = 100,
	PAUSE_NS = 10000000,
};

static int
connect_to(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		perror("crowd: connect");
		exit(1);
	}
	return fd;
}

/* Fetch, version 4: of partition 0, from its begin. */
static void
append_fetch(struct buf *out, const char *topic, uint32_t max_wait_ms)
{
	size_t size = strlen(topic);

	buf_append_be32(out, (uint32_t)(53 + size)); /* what follows */
	buf_append_be32(out, 1 << 16 | 4);
	buf_append_be32(out, 7);
	buf_append_be16(out, UINT16_MAX);
	buf_append_be32(out, UINT32_MAX);
	buf_append_be32(out, max_wait_ms);
	buf_append_be32(out, 1);
	buf_append_be32(out, 1 << 30);
	buf_append_byte(out, 0);
	buf_append_be32(out, 1);
	buf_append_be16(out, (uint16_t)size);
	buf_append(out, topic, size);
	buf_append_be32(out, 1);
	buf_append_be32(out, 0);
	buf_append_be64(out, 0);
	buf_append_be32(out, 1 << 30);
}

/* A header; what follows is to have size bytes. */
static void
append_header(struct buf *out, size_t size, uint32_t key, uint32_t version)
{
	buf_append_be32(out, (uint32_t)size + 10);
	buf_append_be32(out, key << 16 | version);
	buf_append_be32(out, 7);
	buf_append_be16(out, UINT16_MAX);
}

/* DescribeConfigs, version 1: all keys of a topic, with synonyms. */
static void
append_settings(struct buf *out, const char *topic)
{
	size_t size = strlen(topic);

	append_header(out, 5 + SETTINGS_RESOURCES * (7 + size), 32, 1);
	buf_append_be32(out, SETTINGS_RESOURCES);
	for (int i = 0; i < SETTINGS_RESOURCES; i++) {
		buf_append_byte(out, 2);
		buf_append_be16(out, (uint16_t)size);
		buf_append(out, topic, size);
		buf_append_be32(out, UINT32_MAX);
	}
	buf_append_byte(out, 1);
}

/* ListOffsets, version 1: of partition 0. */
static void
append_times(struct buf *out, const char *topic)
{
	size_t size = strlen(topic);

	append_header(out, 14 + size + TIMES * 12, 2, 1);
	buf_append_be32(out, UINT32_MAX);
	buf_append_be32(out, 1);
	buf_append_be16(out, (uint16_t)size);
	buf_append(out, topic, size);
	buf_append_be32(out, TIMES);
	for (uint32_t i = 0; i < TIMES; i++) {
		buf_append_be32(out, 0);
		buf_append_be64(out, i);
	}
}

/* Metadata, version 4: none is to be made. */
static void
append_names(struct buf *out)
{
	append_header(out, 5 + NAMES * 8, 3, 4);
	buf_append_be32(out, NAMES);
	for (int i = 0; i < NAMES; i++) {
		buf_append_be16(out, 6);
		buf_printf(out, "%06d", i);
	}
	buf_append_byte(out, 0);
}

/* What each of them says first. */
static void
compose(struct buf *out, const char *kind, const char *topic)
{
	if (strcmp(kind, "claim") == 0)
		buf_append(out, "\x7f\xff\xff\xff\0\0\0\0", 8);
	else if (strcmp(kind, "trickle") == 0)
		buf_append_be32(out, 1000);
	else if (strcmp(kind, "wait") == 0)
		append_fetch(out, topic, 60000);
	else if (strcmp(kind, "deaf") == 0 || strcmp(kind, "late") == 0)
		for (int i = 0; i < DEAF_REQUESTS; i++)
			append_fetch(out, topic, 0);
	else if (strcmp(kind, "settings") == 0)
		for (int i = 0; i < SETTINGS_REQUESTS; i++)
			append_settings(out, topic);
	else if (strcmp(kind, "times") == 0)
		append_times(out, topic);
	else if (strcmp(kind, "names") == 0)
		append_names(out);
}

/* As much as goes; *sent is kept. */
static void
say(int fd, const struct buf *words, size_t *sent)
{
	ssize_t took = send(fd, words->data + *sent, words->size - *sent,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (took > 0)
		*sent += (size_t)took;
}

/* Exactly so many bytes, while it goes on asking. */
static void
hear(int fd, const struct buf *words, size_t *sent, unsigned char *bytes,
    size_t size)
{
	while (size > 0) {
		struct pollfd polled = {fd, POLLIN |
		    (*sent < words->size ? POLLOUT : 0), 0};
		ssize_t got;

		poll(&polled, 1, -1);
		say(fd, words, sent);
		got = recv(fd, bytes, size, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN)) {
			perror("crowd: answers are missing");
			exit(1);
		}
		bytes += got > 0 ? got : 0;
		size -= got > 0 ? (size_t)got : 0;
	}
}

/* The answers to all; they are the same. */
static void
hear_all(int fd, const struct buf *words, size_t *sent)
{
	struct buf first = {0}, answer = {0};

	for (int i = 0; i < DEAF_REQUESTS; i++) {
		unsigned char head[4];
		struct cursor size = cursor_over(head, sizeof head);
		size_t bytes;

		hear(fd, words, sent, head, sizeof head);
		bytes = cursor_be32(&size);
		buf_clear(&answer);
		hear(fd, words, sent, buf_reserve(&answer, bytes), bytes);
		answer.size = bytes;
		if (i == 0)
			buf_append(&first, answer.data, bytes);
		if (bytes != first.size ||
		    memcmp(answer.data, first.data, bytes) != 0) {
			fprintf(stderr, "crowd: answer %d differs\n", i);
			exit(1);
		}
	}
	buf_release(&first);
	buf_release(&answer);
}

static void
pause_for(long ns)
{
	struct timespec time = {ns / 1000000000, ns % 1000000000};

	nanosleep(&time, NULL);
}

/* Until the end: a byte a second, if it is such a crowd, and a look for answers. */
static void
stay(const int *fds, int count, bool is_trickle)
{
	bool has_answers = false;

	for (;;) {
		pause_for(PAUSE_NS * (is_trickle ? 100 : 1));
		for (int i = 0; i < count && is_trickle; i++)
			(void)!send(fds[i], "", 1, MSG_DONTWAIT |
			    MSG_NOSIGNAL);
		for (int i = 0; i < count && !is_trickle && !has_answers; i++) {
			char byte;

			if (recv(fds[i], &byte, 1, MSG_DONTWAIT | MSG_PEEK) <=
			    0)
				continue;
			has_answers = true;
			printf("answered\n");
			fflush(stdout);
		}
	}
}

int
main(int argc, char **argv)
{
	const struct rlimit many = {100000, 100000};
	struct buf words = {0};
	size_t *sent;
	int *fds, count;

	if (argc < 4)
		return 64;
	setrlimit(RLIMIT_NOFILE, &many);
	count = atoi(argv[2]);
	fds = memory_alloc((size_t)count * sizeof *fds);
	sent = memory_alloc((size_t)count * sizeof *sent);
	compose(&words, argv[3], argc > 4 ? argv[4] : "");
	for (int i = 0; i < count; i++)
		fds[i] = connect_to(atoi(argv[1]));
	/* Whoever is not heard at once goes on trying for a second. */
	for (int turn = 0; turn < TURNS; turn++) {
		for (int i = 0; i < count; i++)
			if (sent[i] < words.size)
				say(fds[i], &words, &sent[i]);
		pause_for(PAUSE_NS);
	}
	for (int i = 0; i < count && strcmp(argv[3], "late") == 0; i++)
		hear_all(fds[i], &words, &sent[i]);
	printf("ready\n");
	fflush(stdout);
	stay(fds, count, strcmp(argv[3], "trickle") == 0);
}
