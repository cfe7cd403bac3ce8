/* Output: bytes on their way to a descriptor that may not take them yet. */
#ifndef QUEUE_OUTPUT_H
#define QUEUE_OUTPUT_H

#include "base/buf.h"

/*
 * Invariants: taken counts all bytes that write() took; the buffer holds what
 * comes behind them, from head on. output_end is where the last byte appended
 * will have been.
 */
struct output {
	int fd;
	bool is_pipe;
	bool is_socket;
	size_t pipe_size;
	struct buf buf;
	size_t head;
	uint64_t taken;
};

void output_init(struct output *output, int fd);
void output_release(struct output *output);
size_t output_pending(const struct output *output);
uint64_t output_end(const struct output *output);

/* Writes some of what is pending once the descriptor takes it, without
 * blocking for longer than timeout_ms (-1: no limit). Returns 1 if it took
 * some, 0 on timeout or a signal, -FAIL_NOTHING if the reader has gone,
 * -FAIL_IO. */
int output_write(struct output *output, int64_t timeout_ms);

/* Drops what no write has taken. */
void output_drop(struct output *output);

#endif
