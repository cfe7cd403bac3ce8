/* What the fuzz targets share: taking input apart, and stopping at a defect. */
#ifndef FUZZ_H
#define FUZZ_H

#include "base/buf.h"
#include "base/fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The entry of a target, called by libFuzzer or by replay.c with one input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken promise ends the process, so that the fuzzer keeps the input. */
#define MUST(condition, sentence) \
	do { \
		if (!(condition)) \
			fuzz_stop(sentence, __FILE__, __LINE__); \
	} while (0)

static inline void
fuzz_stop(const char *sentence, const char *file, int line)
{
	fprintf(stderr, "# %s:%d: broken: %s\n# last failure: %s\n", file, line,
	    sentence, fail_message());
	abort();
}

struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t
take_byte(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

static inline uint64_t
take_bytes(struct input *input, int count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 8 | take_byte(input);
	return value;
}

/* The bytes up to the next NUL or the end, as a C string of its own size. */
static inline char *
take_text(struct input *input)
{
	const uint8_t *end = input->left == 0 ? NULL
	    : memchr(input->at, 0, input->left);
	size_t size = end ? (size_t)(end - input->at) : input->left;
	char *text = memory_alloc(size + 1);

	if (size > 0)
		memcpy(text, input->at, size);
	input->at += size;
	input->left -= size;
	take_byte(input);
	return text;
}

static inline bool
is_inside(struct slice part, struct slice whole)
{
	const char *at = part.data, *from = whole.data;

	return part.data == NULL ? part.size == 0
	    : at >= from && at + part.size <= from + whole.size;
}

/* As slice_equal, but no bytes are no bytes, null or not. */
static inline bool
has_same_bytes(struct slice a, struct slice b)
{
	return a.size == b.size &&
	    (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

#endif
