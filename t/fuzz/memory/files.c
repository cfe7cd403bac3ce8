/* Keeping what is on the disk in memory, and going back to it. */
#include "files.h"
#include "../../crash/calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { KEPT_FDS = 16, SECOND_NS = 1000000000, EPOCH_S = 1700000000 };

static struct image kept;
static struct {
	int count;
	int file[KEPT_FDS];
	int flags[KEPT_FDS];
} descriptors;

static void
keep_node(struct node *node, const struct disk_file *file)
{
	node->is_directory = file->is_directory;
	node->is_hashed = true; /* nobody asks for it */
	buf_append(&node->bytes, file->data, file->size);
	for (int i = 0; i < file->count; i++) {
		struct entry entry = {
			.name = memory_copy_text(file->entries[i].name),
			.node = file->entries[i].file,
		};

		buf_append(&node->entries, &entry, sizeof(entry));
	}
}

void
files_keep(void)
{
	kept.node_count = disk_count();
	kept.nodes = memory_alloc(sizeof(struct node) *
	    (size_t)kept.node_count);
	for (int i = 0; i < kept.node_count; i++)
		keep_node(&kept.nodes[i], disk_file(i));
	for (int i = 0; disk_fd_file(DISK_FD + i) >= 0; i++) {
		if (i == KEPT_FDS)
			disk_stop("too many descriptors to keep");
		descriptors.file[i] = disk_fd_file(DISK_FD + i);
		descriptors.flags[i] = disk_fd_flags(DISK_FD + i);
		descriptors.count++;
	}
}

void
files_again(void)
{
	calls_reset(1);
	disk_load(&kept);
	for (int i = 0; i < descriptors.count; i++)
		disk_fd_open(descriptors.file[i], descriptors.flags[i]);
}

/* The place for a target's files: the disk is empty before the first. */
char *
mkdtemp(char *path)
{
	static struct node root = {.is_directory = true, .is_hashed = true};
	static const struct image empty = {&root, 1};
	static int count;

	if (count == 0) {
		calls_reset(1);
		disk_load(&empty);
	}
	if (snprintf(path, strlen(path), "%s/%d", DISK, count++) >=
	    (int)strlen(path) + 1 || mkdir(path, 0700) != 0)
		return NULL;
	return path;
}

/* Of directories, too. */
int
futimens(int fd, const struct timespec times[2])
{
	int number = disk_fd_file(fd);

	if (number < 0)
		return -1;
	disk_file(number)->stamp = (int64_t)(times[1].tv_sec - EPOCH_S) *
	    SECOND_NS + times[1].tv_nsec;
	return 0;
}

/* Descriptors have high numbers here: there is no limit to raise. */
int
getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	(void)resource;
	*limit = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
	return 0;
}
