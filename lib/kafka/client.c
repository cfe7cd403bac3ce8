/* Requests and responses over a socket, with time limits. */
#include "kafka/client.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/socket.h"
#include "kafka/frame.h"
#include "kafka/metadata.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BROKER_PORT = 9092,
	RESPONSE_MAX = 256 * 1024 * 1024,
	APIS_MAX = 128,
	READ_AHEAD = 4096,
	READ_MAX = 1 << 20, /* bytes at once */
};

/* A request whose response is to come. */
struct expected {
	const struct api *api;
	int version;
	int32_t correlation;
	struct expected *next;
};

/* Invariant: a broken connection answers every call with the same failure. */
struct client {
	char *address;
	int fd;
	int32_t correlation;
	struct expected *first;
	struct expected **last;
	struct buf output;
	struct buf input;    /* the response at hand, or what is there of it */
	bool is_consumed;    /* the input is to be cleared */
	bool is_early;       /* for an answer: the only request was just sent */
	bool is_broken;
	bool is_greeted;     /* ApiVersions was sent, before anything else */
	bool has_versions;
	struct {
		int16_t key;
		int16_t first;
		int16_t last;
	} versions[APIS_MAX];
	size_t version_count;
};

static int64_t
deadline(int64_t timeout_ms)
{
	return timeout_ms < 0 ? INT64_MAX : clock_boot_ms() + timeout_ms;
}

static int64_t
left(int64_t until_ms)
{
	int64_t left_ms = until_ms - clock_boot_ms();

	if (until_ms == INT64_MAX)
		return -1;
	return left_ms > 0 ? left_ms : 0;
}

static int
fail_client(struct client *client, enum fail code, const char *what)
{
	client->is_broken = true;
	return fail(code, "%s: %s", client->address, what);
}

int
client_open(struct client **out, const char *address, int64_t timeout_ms)
{
	struct client *client = memory_alloc(sizeof *client);

	*out = NULL;
	client->address = memory_copy_text(address);
	client->last = &client->first;
	client->fd = socket_connect(address, BROKER_PORT, deadline(timeout_ms));
	if (client->fd < 0) {
		int failed = client->fd;

		client_close(client);
		return failed;
	}
	*out = client;
	return 0;
}

void
client_close(struct client *client)
{
	if (client == NULL)
		return;
	while (client->first != NULL) {
		struct expected *expected = client->first;

		client->first = expected->next;
		free(expected);
	}
	if (client->fd >= 0)
		close(client->fd);
	buf_release(&client->output);
	buf_release(&client->input);
	free(client->address);
	free(client);
}

const char *
client_address(const struct client *client)
{
	return client->address;
}

int
client_descriptor(const struct client *client)
{
	return client->fd;
}

/* Writes all; what comes in meanwhile waits in the kernel. */
static int
write_all(struct client *client)
{
	size_t sent = 0;

	while (sent < client->output.size) {
		ssize_t wrote = send(client->fd, client->output.data + sent,
		    client->output.size - sent, MSG_NOSIGNAL);

		if (wrote >= 0)
			sent += (size_t)wrote;
		else if (errno == EAGAIN)
			socket_wait(client->fd, POLLOUT, INT64_MAX);
		else if (errno != EINTR)
			return fail_client(client, FAIL_UNAVAILABLE,
			    strerror(errno));
	}
	return 0;
}

int
client_send(struct client *client, const struct api *api, int version,
    const void *message, int32_t *correlation)
{
	struct request_header header = {api->key, (int16_t)version,
	    ++client->correlation, slice_of(CLIENT_ID)};
	struct encoded output = {.bytes = &client->output};
	struct expected *expected;

	if (client->is_broken)
		return fail(FAIL_UNAVAILABLE, "%s: the connection is broken",
		    client->address);
	buf_clear(&client->output);
	frame_begin_request(api, &header, &client->output);
	schema_encode(api->request, api_encoding(api, version), message,
	    &output);
	frame_end(&client->output, 0, 0);
	if (correlation == NULL)
		return write_all(client);
	expected = memory_alloc(sizeof *expected);
	expected->api = api;
	expected->version = version;
	expected->correlation = header.correlation;
	*client->last = expected;
	client->last = &expected->next;
	client->is_early = client->first == expected;
	*correlation = header.correlation;
	return write_all(client);
}

/* Where one answer is all that can come, its beginning is read with its size. */
static size_t
step_of(const struct client *client, size_t missing)
{
	bool is_alone = client->first != NULL && client->first->next == NULL;

	if (is_alone && missing < READ_AHEAD)
		return READ_AHEAD;
	return missing < READ_MAX ? missing : READ_MAX;
}

static int
await_bytes(struct client *client, int64_t until_ms)
{
	client->is_early = false;
	if (socket_wait(client->fd, POLLIN, until_ms) == 0)
		return fail(FAIL_AGAIN, "%s: no answer in time",
		    client->address);
	return 0;
}

/* Reads until size bytes are there. */
static int
read_until(struct client *client, size_t size, int64_t until_ms)
{
	/* Who has just asked sleeps: the broker may have to run where we do. */
	int failed = client->is_early ? await_bytes(client, until_ms) : 0;

	while (failed == 0 && client->input.size < size) {
		size_t step = step_of(client, size - client->input.size);
		void *place = buf_reserve(&client->input, step);
		ssize_t got = recv(client->fd, place, step, 0);

		if (got > 0)
			client->input.size += (size_t)got;
		else if (got == 0)
			failed = fail_client(client, FAIL_UNAVAILABLE,
			    "the broker has closed the connection");
		else if (errno == EAGAIN)
			failed = await_bytes(client, until_ms);
		else if (errno != EINTR)
			failed = fail_client(client, FAIL_UNAVAILABLE,
			    strerror(errno));
	}
	return failed;
}

/* A whole frame; what was read of it before stays. */
static int
read_frame(struct client *client, int64_t until_ms)
{
	struct cursor size_of;
	uint32_t size;
	int failed;

	if (client->is_consumed)
		buf_clear(&client->input);
	client->is_consumed = false;
	failed = read_until(client, FRAME_SIZE_BYTES, until_ms);
	if (failed < 0)
		return failed;
	size_of = cursor_over(client->input.data, FRAME_SIZE_BYTES);
	size = cursor_be32(&size_of);
	if (size > RESPONSE_MAX)
		return fail_client(client, FAIL_PROTOCOL,
		    "not a Kafka response, or too large");
	failed = read_until(client, FRAME_SIZE_BYTES + (size_t)size, until_ms);
	if (failed == 0 && client->input.size > FRAME_SIZE_BYTES + (size_t)size)
		return fail_client(client, FAIL_PROTOCOL,
		    "more comes than was asked for");
	return failed;
}

static int
decode_response(struct client *client, const struct expected *expected,
    struct arena *arena, void *response)
{
	struct cursor input = cursor_over(
	    client->input.data + FRAME_SIZE_BYTES,
	    client->input.size - FRAME_SIZE_BYTES);
	int32_t correlation;
	int failed = frame_decode_response(expected->api, expected->version,
	    &input, &correlation);

	if (failed == 0 && correlation != expected->correlation)
		failed = fail(FAIL_PROTOCOL, "%s: an answer to another request",
		    client->address);
	if (failed == 0)
		failed = schema_decode(expected->api->response,
		    api_encoding(expected->api, expected->version), &input,
		    arena, response);
	if (failed < 0)
		client->is_broken = true;
	return failed;
}

static int
receive(struct client *client, struct arena *arena, void *response,
    int32_t *correlation, int64_t timeout_ms)
{
	struct expected *expected = client->first;
	int failed;

	if (client->is_broken)
		return fail(FAIL_UNAVAILABLE, "%s: the connection is broken",
		    client->address);
	if (expected == NULL)
		return fail(FAIL_BUG, "%s: nothing was asked",
		    client->address);
	failed = read_frame(client, deadline(timeout_ms));
	if (failed < 0)
		return failed;
	client->is_consumed = true;
	client->first = expected->next;
	if (client->first == NULL)
		client->last = &client->first;
	failed = decode_response(client, expected, arena, response);
	*correlation = expected->correlation;
	free(expected);
	return failed;
}

int
client_greet(struct client *client)
{
	struct api_versions_request message;
	int32_t correlation;

	if (client->is_greeted)
		return 0;
	client->is_greeted = true;
	schema_preset(&api_versions_request_schema, &message);
	return client_send(client, &api_api_versions, 0, &message,
	    &correlation);
}

/* What the broker offers; an old one says so in the oldest form. */
static int
take_versions(struct client *client, int64_t timeout_ms)
{
	struct api_versions_response response;
	const struct api_versions_response_api_key *keys;
	struct arena arena = arena_limited(1 << 20);
	int32_t correlation;
	int failed = receive(client, &arena, &response, &correlation,
	    timeout_ms);

	if (failed == 0 && response.error_code != 0)
		failed = fail_client(client, FAIL_PROTOCOL,
		    "does not say which versions it speaks");
	keys = failed == 0 ? response.api_keys.items : NULL;
	for (int32_t i = 0; failed == 0 && i < response.api_keys.count &&
	    client->version_count < APIS_MAX; i++) {
		size_t at = client->version_count++;

		client->versions[at].key = keys[i].api_key;
		client->versions[at].first = keys[i].min_version;
		client->versions[at].last = keys[i].max_version;
	}
	client->has_versions = failed == 0;
	arena_release(&arena);
	return failed;
}

int
client_receive(struct client *client, struct arena *arena, void *response,
    int32_t *correlation, int64_t timeout_ms)
{
	int64_t until_ms = deadline(timeout_ms);
	int failed = !client->is_greeted || client->has_versions ? 0 :
	    take_versions(client, timeout_ms);

	if (failed < 0)
		return failed;
	return receive(client, arena, response, correlation, left(until_ms));
}

int
client_version(struct client *client, const struct api *api,
    int64_t timeout_ms)
{
	int failed = client_greet(client);

	if (failed == 0 && !client->has_versions)
		failed = take_versions(client, timeout_ms);
	if (failed < 0)
		return failed;
	for (size_t i = 0; i < client->version_count; i++) {
		int last = client->versions[i].last;

		if (client->versions[i].key != api->key)
			continue;
		if (last > api->last)
			last = api->last;
		if (last >= api->served && last >= client->versions[i].first)
			return last;
	}
	return fail(FAIL_PROTOCOL, "%s: does not speak %s as we do",
	    client->address, api->name);
}

int
client_call(struct client *client, const struct api *api,
    const void *message, struct arena *arena, void *response,
    int64_t timeout_ms)
{
	int64_t until_ms = deadline(timeout_ms);
	int32_t correlation;
	int version = client_version(client, api, timeout_ms);
	int failed;

	if (version < 0)
		return version;
	failed = client_send(client, api, version, message, &correlation);
	if (failed < 0)
		return failed;
	return client_receive(client, arena, response, &correlation,
	    left(until_ms));
}
