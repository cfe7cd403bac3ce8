/* Images of disks: telling them apart, writing them out. */
#include "base/hash.h"
#include "model.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 4096 };

/* The size of the block at `at`; *is_zero if it holds nothing else. */
static size_t
block_at(const struct buf *bytes, size_t at, bool *is_zero)
{
	static const char zeros[BLOCK];
	size_t size = bytes->size - at < BLOCK ? bytes->size - at : BLOCK;

	*is_zero = memcmp(bytes->data + at, zeros, size) == 0;
	return size;
}

static uint64_t
mix(uint64_t hash, uint64_t more)
{
	uint64_t both[2] = {hash, more};

	return hash_bytes(both, sizeof(both));
}

uint64_t
image_hash_bytes(const void *data, size_t size)
{
	const struct buf bytes = {.data = (unsigned char *)data, .size = size};
	uint64_t hash = size;
	bool is_zero;

	for (size_t at = 0; at < size; at += BLOCK) {
		size_t block = block_at(&bytes, at, &is_zero);

		if (!is_zero)
			hash = mix(hash + at,
			    hash_bytes(bytes.data + at, block));
	}
	return hash;
}

static uint64_t
hash_node(struct image *image, int number)
{
	struct node *node = &image->nodes[number];
	const struct entry *entries = (const struct entry *)node->entries.data;
	size_t count = node->entries.size / sizeof(*entries);
	uint64_t sum = 0;

	if (!node->is_hashed) {
		node->hash = image_hash_bytes(node->bytes.data,
		    node->bytes.size);
		node->is_hashed = true;
	}
	/* The order of entries says nothing. */
	for (size_t i = 0; i < count; i++)
		sum += mix(hash_bytes(entries[i].name,
		               strlen(entries[i].name)),
		    hash_node(image, entries[i].node));
	return mix(node->hash, sum + node->is_directory);
}

uint64_t
image_hash(struct image *image)
{
	return hash_node(image, 0);
}

static int
write_file(const struct node *node, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = fd < 0 ? -1 : 0;
	bool is_zero;

	for (size_t at = 0; rc == 0 && at < node->bytes.size; at += BLOCK) {
		size_t size = block_at(&node->bytes, at, &is_zero);

		if (!is_zero && pwrite(fd, node->bytes.data + at, size,
		        (off_t)at) != (ssize_t)size)
			rc = -1;
	}
	if (rc == 0)
		rc = ftruncate(fd, (off_t)node->bytes.size);
	close(fd);
	return rc;
}

static int
write_node(const struct image *image, int number, const char *path)
{
	const struct node *node = &image->nodes[number];
	const struct entry *entries = (const struct entry *)node->entries.data;
	size_t count = node->entries.size / sizeof(*entries);
	int rc = 0;

	if (!node->is_directory)
		return write_file(node, path);
	if (number != 0)
		rc = mkdir(path, 0700);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		char below[4096];

		snprintf(below, sizeof(below), "%s/%s", path,
		    entries[i].name);
		rc = write_node(image, entries[i].node, below);
	}
	return rc;
}

int
image_write(const struct image *image, const char *root)
{
	return write_node(image, 0, root);
}
