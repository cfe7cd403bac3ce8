/* A window over a file: buffered reads at any place, in bounded memory. */
#ifndef LOG_WINDOW_H
#define LOG_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Invariant: data holds the bytes [at, at + size) of fd as they were when they
 * were read. All zero but fd is an empty window.
 */
struct window {
	int fd;
	int64_t end; /* nothing behind it is read */
	unsigned char *data;
	size_t capacity;
	size_t size;
	int64_t at;
	size_t fill;  /* how much to read ahead, 0: the default */
	size_t ahead; /* what the default has grown to */
	bool is_lenient; /* a page that cannot be read (EIO) is zeros */
	bool has_gap;    /* and data holds such zeros */
};

/* Sets *data to the bytes from `byte` on: up to `want` of them, fewer only at
 * the end. Returns how many, or an error. Valid until the next call. */
ssize_t window_get(struct window *window, int64_t byte, size_t want,
    const unsigned char **data);

/* The bytes if the window holds them all, else NULL. Valid as those. */
const unsigned char *window_peek(const struct window *window, int64_t byte,
    size_t size);

void window_forget(struct window *window); /* what was read: the file changed */
void window_release(struct window *window); /* does not close fd */

#endif
