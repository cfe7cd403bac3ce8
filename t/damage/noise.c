/* Damage of many kinds, by chance. */
#include "noise.h"
#include "base/fail.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t
next(uint64_t *seed)
{
	uint64_t value = *seed += 0x9e3779b97f4a7c15u;

	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
	value = (value ^ value >> 27) * 0x94d049bb133111ebu;
	return value ^ value >> 31;
}

static size_t
below(uint64_t *seed, size_t limit)
{
	return limit == 0 ? 0 : (size_t)(next(seed) % limit);
}

static void
overwrite(struct buf *bytes, uint64_t *seed, bool is_zero)
{
	static const size_t sizes[] = {2, 4, 16, 61, 512, 4096};
	size_t size = sizes[below(seed, 6)];
	size_t at = below(seed, bytes->size);

	if (size >= 512)
		at -= at % size;
	for (size_t i = at; i < at + size && i < bytes->size; i++)
		bytes->data[i] = is_zero ? 0 : (unsigned char)next(seed);
}

static void
swap(struct buf *bytes, uint64_t *seed)
{
	size_t size = next(seed) % 2 ? 512 : 4096;
	size_t count = bytes->size / size;
	size_t a = below(seed, count) * size, b = below(seed, count) * size;

	for (size_t i = 0; count > 0 && i < size; i++) {
		unsigned char byte = bytes->data[a + i];

		bytes->data[a + i] = bytes->data[b + i];
		bytes->data[b + i] = byte;
	}
}

/* A write that went elsewhere: any bytes of a file, anywhere. */
static void
misdirect(struct buf *bytes, struct slice other, uint64_t *seed)
{
	static const size_t sizes[] = {512, 4096, 223, 61, 5000};
	int kind = (int)below(seed, 5);
	size_t size = sizes[kind];
	size_t from = below(seed, other.size);
	size_t to = below(seed, bytes->size);

	if (kind < 2) {
		from -= from % size;
		to -= to % size;
	}
	if (size > other.size - from)
		size = other.size - from;
	if (size > bytes->size - to)
		size = bytes->size - to;
	if (size > 0)
		memmove(bytes->data + to,
		    (const unsigned char *)other.data + from, size);
}

/* A number that is larger than anything, at any place. */
static void
exaggerate(struct buf *bytes, uint64_t *seed)
{
	static const unsigned char many[] = {0x7f, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff};
	size_t size = next(seed) % 2 ? 4 : 8;

	if (bytes->size >= size)
		memcpy(bytes->data + below(seed, bytes->size - size + 1),
		    many, size);
}

const char *
noise_damage(struct buf *bytes, struct slice other, uint64_t seed)
{
	uint64_t *at = &seed;

	switch (below(at, 7)) {
	case 0:
		overwrite(bytes, at, false);
		return "noise";
	case 1:
		overwrite(bytes, at, true);
		return "zeros";
	case 2:
		bytes->size = below(at, bytes->size + 1);
		return "truncated";
	case 3:
		swap(bytes, at);
		return "swapped";
	case 4:
		misdirect(bytes, buf_slice(bytes), at);
		return "copied";
	case 5:
		misdirect(bytes, other, at);
		return "misdirected";
	default:
		exaggerate(bytes, at);
		return "exaggerated";
	}
}

void
noise_mark(struct trial *trial, int64_t segment, const struct buf *now)
{
	for (int i = 0; i < trial->content.count; i++) {
		const struct known *known = &trial->content.list[i];
		size_t end = (size_t)known->byte + known->size;

		if (known->segment == segment)
			trial->is_hit[i] = end > now->size ||
			    memcmp(now->data + known->byte, known->bytes,
			        known->size) != 0;
	}
}

static bool
is_any_hit(const struct trial *trial)
{
	for (int i = 0; i < trial->content.count; i++) {
		if (trial->is_hit[i])
			return true;
	}
	return false;
}

static int
try_noise(struct noise *noise, struct trial *trial, uint64_t seed)
{
	uint64_t state = seed;
	int file = (int)below(&state, (size_t)trial->shelf.count);
	int other = (int)below(&state, (size_t)trial->shelf.count);
	const char *name = trial->shelf.list[file].name;
	struct buf bytes = {0};
	const char *what;
	int rc;

	buf_append_slice(&bytes, buf_slice(&trial->shelf.list[file].bytes));
	what = noise_damage(&bytes, buf_slice(&trial->shelf.list[other].bytes),
	    next(&state));
	memset(trial->is_hit, 0, sizeof(trial->is_hit));
	if (strstr(name, ".log") != NULL)
		noise_mark(trial, atoll(name), &bytes);
	noise->cases++;
	noise->harmless += !is_any_hit(trial);
	rc = shelf_put(&trial->shelf, file, buf_slice(&bytes));
	if (rc == 0 && trial_look(trial) < 0 && noise->failed++ < 20)
		printf("# FAILED: noise %s %s %llu (%s of %s): %s\n",
		    content_form_names[trial->form],
		    trial_mode_names[trial->mode], (unsigned long long)seed,
		    what, name, trial->look.why);
	buf_release(&bytes);
	return rc < 0 ? rc : shelf_restore(&trial->shelf, -1);
}

int
noise_run(struct noise *noise, enum content_form form, enum trial_mode mode,
    long cases)
{
	struct trial trial;
	int rc = trial_open(&trial, noise->topic_dir, noise->next_number++,
	    form, mode);

	trial.is_loose = true;
	for (long i = 0; rc == 0 && i < cases; i++)
		rc = try_noise(noise, &trial, noise->seed + (uint64_t)i);
	if (cases == 1)
		look_print(&trial.look);
	trial_close(&trial);
	return rc;
}
