/* Links to brokers that are asked for messages, and may let us wait. */
#include "queue/links.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>

struct link *
links_with(struct buf *list, struct client *client)
{
	struct link fresh = {.client = client};
	size_t count;
	struct link *links = links_of(list, &count);

	for (size_t i = 0; i < count; i++) {
		if (links[i].client == client)
			return &links[i];
	}
	buf_append(list, &fresh, sizeof(fresh));
	return links_of(list, &count) + count - 1;
}

int
links_descriptor(const struct buf *list)
{
	size_t count;
	const struct link *links = links_of(list, &count);

	return count > 0 ? client_descriptor(links->client) : -1;
}

bool
is_links_waiting(const struct buf *list)
{
	size_t count;
	const struct link *links = links_of(list, &count);

	for (size_t i = 0; i < count; i++) {
		if (links[i].is_asked && links[i].is_patient)
			return true;
	}
	return false;
}

void
links_poll(struct buf *list, int other, int64_t timeout_ms)
{
	size_t count;
	struct link *links = links_of(list, &count);
	struct pollfd *polled = memory_alloc((count + 1) * sizeof(*polled));
	bool is_any;

	for (size_t i = 0; i < count; i++)
		polled[i] = (struct pollfd){links[i].is_asked ?
		    client_descriptor(links[i].client) : -1, POLLIN, 0};
	polled[count] = (struct pollfd){other, POLLIN, 0};
	is_any = poll(polled, count + 1, timeout_ms > INT_MAX ? INT_MAX :
	    (int)timeout_ms) > 0;
	for (size_t i = 0; i < count; i++)
		links[i].is_answered = is_any && polled[i].revents != 0;
	free(polled);
}
