/* A window over a file: buffered reads. */
#include "log/window.h"
#include "base/buf.h"
#include "base/fail.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

enum { FILL_FIRST = 16 * 1024, FILL = 256 * 1024, PAGE = 4096 };

/* Memory follows what is wanted, down too: one huge batch does not cost its
 * size for ever, and a look at a few bytes costs little. */
static void
window_resize(struct window *window, size_t need)
{
	size_t capacity = FILL_FIRST;

	while (capacity < need && capacity < FILL)
		capacity *= 2;
	if (capacity < need)
		capacity = need;
	if (need <= window->capacity &&
	    (need > FILL || window->capacity <= FILL))
		return;
	free(window->data);
	window->data = memory_alloc(capacity);
	window->capacity = capacity;
}

/* Who reads on gets more each time; who jumps pays for little. */
static size_t
window_ahead(struct window *window, int64_t byte)
{
	bool is_onward = window->size > 0 && byte >= window->at &&
	    byte - window->at <= (int64_t)window->size;

	if (window->fill)
		return window->fill;
	window->ahead = is_onward ? 2 * window->ahead : FILL_FIRST;
	if (window->ahead > FILL)
		window->ahead = FILL;
	return window->ahead;
}

/* Page by page: of those that cannot be read, zeros. */
static ssize_t
read_pages(struct window *window, int64_t byte, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t want = PAGE - (size_t)(byte + (int64_t)done) % PAGE;
		unsigned char *data = window->data + done;
		ssize_t got;

		if (want > size - done)
			want = size - done;
		got = file_read_at(window->fd, data, want,
		    byte + (int64_t)done);
		if (got == -FAIL_IO) {
			memset(data, 0, want);
			window->has_gap = true;
			got = (ssize_t)want;
		}
		if (got <= 0)
			return got < 0 ? got : (ssize_t)done;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static int
window_fill(struct window *window, int64_t byte, size_t want)
{
	size_t ahead = window_ahead(window, byte);
	size_t size = want > ahead ? want : ahead;
	ssize_t got;

	if ((int64_t)size > window->end - byte)
		size = (size_t)(window->end - byte);
	window_resize(window, size);
	window->size = 0;
	window->has_gap = false;
	got = file_read_at(window->fd, window->data, size, byte);
	if (got == -FAIL_IO && window->is_lenient)
		got = read_pages(window, byte, size);
	if (got < 0)
		return (int)got;
	window->at = byte;
	window->size = (size_t)got;
	return 0;
}

ssize_t
window_get(struct window *window, int64_t byte, size_t want,
    const unsigned char **data)
{
	size_t have;

	*data = NULL;
	if (byte < 0 || byte >= window->end)
		return 0;
	if ((int64_t)want > window->end - byte)
		want = (size_t)(window->end - byte);
	if (byte < window->at ||
	    byte - window->at + (int64_t)want > (int64_t)window->size) {
		int rc = window_fill(window, byte, want);

		if (rc < 0)
			return rc;
	}
	have = window->size - (size_t)(byte - window->at);
	*data = window->data + (byte - window->at);
	return (ssize_t)(have < want ? have : want);
}

const unsigned char *
window_peek(const struct window *window, int64_t byte, size_t size)
{
	if (byte < window->at || byte - window->at > (int64_t)window->size ||
	    size > window->size - (size_t)(byte - window->at))
		return NULL;
	return window->data + (byte - window->at);
}

void
window_forget(struct window *window)
{
	window->size = 0;
	window->at = 0;
}

void
window_release(struct window *window)
{
	free(window->data);
	window->data = NULL;
	window->capacity = 0;
	window_forget(window);
}
