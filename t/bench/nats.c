/* NATS JetStream: a stream in files, filled by one client, or waited at.
 *
 *   nats put PORT COUNT WINDOW   prints messages of 100 bytes a second, at most
 *                                WINDOW of them not acknowledged yet
 *   nats wait PORT COUNT         times from a publish until a client that waits
 *                                has it, a millisecond between two; prints the
 *                                median and what 99 of 100 are below, in us */
#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 100, COUNT_MAX = 10000000 };

#define STREAM "{\"name\":\"bench\",\"subjects\":[\"bench\"]," \
	"\"storage\":\"file\",\"max_msgs\":-1}"
#define CONSUMER "{\"stream_name\":\"bench\",\"config\":{\"deliver_subject\":" \
	"\"waiting\",\"ack_policy\":\"none\",\"deliver_policy\":\"new\"}}"

struct client {
	FILE *from;
	int fd;
};

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "nats: %s\n", what);
	exit(69);
}

static void
tell(const struct client *client, const char *text, size_t size)
{
	ssize_t sent;

	for (size_t at = 0; at < size; at += (size_t)sent) {
		sent = write(client->fd, text + at, size - at);
		if (sent < 0)
			give_up("write");
	}
}

static void
publish(const struct client *client, const char *subject, const char *reply,
    const char *value)
{
	char text[2048];
	int size = snprintf(text, sizeof text, "PUB %s %s %zu\r\n%s\r\n",
	    subject, reply, strlen(value), value);

	tell(client, text, (size_t)size);
}

/* The payload of the next message. */
static void
receive(const struct client *client, char *payload, size_t room)
{
	char line[8192];
	size_t size;

	do {
		if (fgets(line, sizeof line, client->from) == NULL)
			give_up("the server has gone");
		if (strncmp(line, "PING", 4) == 0)
			tell(client, "PONG\r\n", 6);
		if (strncmp(line, "-ERR", 4) == 0)
			give_up(line);
	} while (strncmp(line, "MSG ", 4) != 0);
	size = (size_t)atol(strrchr(line, ' ')) + 2;
	if (size > room || fread(payload, 1, size, client->from) != size)
		give_up("a message");
	payload[size - 2] = '\0';
}

static struct client
connect_to(int port, const char *subject)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct client client = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
	char text[256];

	if (connect(client.fd, (struct sockaddr *)&address,
	    sizeof address) < 0)
		give_up("connect");
	setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &(int){1},
	    sizeof(int));
	client.from = fdopen(client.fd, "r");
	snprintf(text, sizeof text,
	    "CONNECT {\"verbose\":false}\r\nSUB %s 1\r\n", subject);
	tell(&client, text, strlen(text));
	return client;
}

static void
ask(const struct client *client, const char *subject, const char *value)
{
	char answer[8192];

	publish(client, subject, "answers", value);
	receive(client, answer, sizeof answer);
	if (strstr(answer, "\"error\"") != NULL)
		give_up(answer);
}

static void
put_all(const struct client *client, long count, long window)
{
	char value[SIZE + 1], answer[1024];
	long sent = 0, known = 0;
	int64_t start = clock_boot_us();
	struct { char text[160]; int size; } one;
	char *many = malloc((size_t)window * sizeof one.text);

	memset(value, 'x', SIZE);
	value[SIZE] = '\0';
	one.size = snprintf(one.text, sizeof one.text,
	    "PUB bench answers %d\r\n%s\r\n", SIZE, value);
	while (known < count) {
		long more = sent - known < window / 2 + 1 ?
		    window - (sent - known) : 0;

		if (more > count - sent)
			more = count - sent;
		for (long i = 0; i < more; i++)
			memcpy(many + i * one.size, one.text,
			    (size_t)one.size);
		tell(client, many, (size_t)(more * one.size));
		sent += more;
		receive(client, answer, sizeof answer);
		known++;
	}
	free(many);
	printf("%.0f\n", (double)count * 1e6 /
	    (double)(clock_boot_us() - start));
}

static int
compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void
wait_all(int port, long count)
{
	struct client client = connect_to(port, "waiting"), other;
	int64_t *times = mmap(NULL, (size_t)count * sizeof *times,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile int64_t *received = times;
	char payload[1024], value[SIZE + 1];

	other = connect_to(port, "answers");
	ask(&other, "$JS.API.CONSUMER.CREATE.bench", CONSUMER);
	if (fork() == 0) {
		for (long i = 0; i < count; i++) {
			receive(&client, payload, sizeof payload);
			times[i] = clock_boot_us() - atoll(payload);
		}
		_exit(0);
	}
	for (long i = 0; i < count; i++) {
		while (i > 0 && received[i - 1] == 0)
			clock_sleep_ms(1);
		clock_sleep_ms(1);
		snprintf(value, sizeof value, "%0100lld",
		    (long long)clock_boot_us());
		publish(&other, "bench", "answers", value);
		receive(&other, payload, sizeof payload);
	}
	wait(NULL);
	qsort(times, (size_t)count, sizeof *times, compare);
	printf("%lld %lld\n", (long long)times[count / 2],
	    (long long)times[count * 99 / 100]);
}

int
main(int argc, char **argv)
{
	long count = argc >= 4 ? atol(argv[3]) : 0;
	struct client client;

	if (count < 1 || count > COUNT_MAX)
		return 64;
	client = connect_to(atoi(argv[2]), "answers");
	ask(&client, "$JS.API.STREAM.CREATE.bench", STREAM);
	if (strcmp(argv[1], "put") == 0 && argc == 5)
		put_all(&client, count, atol(argv[4]));
	else
		wait_all(atoi(argv[2]), count);
	return 0;
}
