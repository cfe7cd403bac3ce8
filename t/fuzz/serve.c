/* A whole server: each input is a connection, its pieces (two bytes of length
 * before each) are requests. */
#include "base/clock.h"
#include "server.h"

#include <event2/event.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	INPUTS_MAX = 2000, /* until the spool begins anew */
	PATIENCE_MS = 200, /* for a connection's answers */
	END_MS = 10000,    /* for threads at work when it is closed */
	TAKE_MAX = 1 << 16,
};

static void
open_server(void)
{
	struct topic_settings settings;

	server_begin("serve");
	topic_settings_default(&settings);
	settings.partitions = 2;
	MUST(topic_create(storage_spool(server->storage), "t", &settings) == 0,
	    "a topic is made");
}

/* The requests, each with its size before it. */
static void
send_pieces(struct input *input, struct buf *stream)
{
	while (input->left > 0) {
		size_t size = (size_t)take_bytes(input, 2);

		if (size > input->left)
			size = input->left;
		buf_append_be32(stream, (uint32_t)size);
		buf_append(stream, input->at, size);
		input->at += size;
		input->left -= size;
	}
}

/* A frame after the other, as far as they are whole. */
static void
check_answers(const struct buf *answers)
{
	struct cursor input = cursor_over(answers->data, answers->size);

	while (cursor_left(&input) >= 4) {
		uint32_t size = cursor_be32(&input);

		MUST(size >= 4 && size <= SERVER_FRAME_MAX,
		    "an answer has a header, and a bound");
		if (size > cursor_left(&input))
			return;
		cursor_bytes(&input, size);
	}
}

static void
take_answers(int client, struct buf *answers)
{
	unsigned char *room = buf_reserve(answers, TAKE_MAX);
	ssize_t got = recv(client, room, TAKE_MAX, MSG_DONTWAIT);

	if (got > 0)
		answers->size += (size_t)got;
}

static void
talk(int client, const struct buf *stream)
{
	struct buf answers = {0};
	int64_t until_ms = clock_boot_ms() + PATIENCE_MS;
	size_t sent = 0;
	uint64_t before;

	do {
		ssize_t took = send(client, stream->data + sent,
		    stream->size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		sent += took > 0 ? (size_t)took : 0;
		before = server->requests;
		event_base_loop(server->base, EVLOOP_NONBLOCK);
		sched_yield();
		take_answers(client, &answers);
		if (sent == stream->size && server->memory == 0 &&
		    before == server->requests)
			break;
	} while (server->connection_count > 0 && clock_boot_ms() < until_ms);
	close(client);
	until_ms = clock_boot_ms() + END_MS;
	while ((server->connection_count > 0 || server->memory > 0) &&
	    clock_boot_ms() < until_ms)
		event_base_loop(server->base, EVLOOP_ONCE);
	MUST(server->connection_count == 0 && server->memory == 0,
	    "nothing stays of a connection");
	check_answers(&answers);
	buf_release(&answers);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int count;
	struct input input = {data, size};
	struct buf stream = {0};
	int pair[2];

	if (size < 2)
		return 0;
	if (server == NULL) {
		if (count == 0)
			atexit(server_end);
		open_server();
	}
	send_pieces(&input, &stream);
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0,
	    "a pair of sockets");
	MUST(connection_open(server, pair[0], pair[0], "fuzz") == 0,
	    "a connection");
	talk(pair[1], &stream);
	buf_release(&stream);
	if (++count % INPUTS_MAX == 0)
		server_end();
	return 0;
}
