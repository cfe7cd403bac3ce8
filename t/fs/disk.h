/* A file system on a loop device whose power can be cut, in a mount namespace
 * of its own: when this process ends, however it does, nothing is left. */
#ifndef FS_DISK_H
#define FS_DISK_H

#include <stdbool.h>

struct disk {
	const char *type;   /* ext4 or xfs */
	const char *mount;  /* a directory */
	const char *boot;   /* a file that stands for the kernel's boot id */
	char device[32];
	int loop;
};

/* Mounts it. What a machine may lack is told on stderr, and exits 77. */
void disk_open(struct disk *disk, const char *image);

/* Makes some of what was written durable, in an order that nobody asked for:
 * what `choice` says, of a file or directory that `choice` says. */
void disk_nudge(const struct disk *disk, unsigned int choice);

/* Nothing that was not written yet will be; `flush` writes the journal first. */
void disk_cut(const struct disk *disk, bool flush);

/* Unmounts, and mounts in what looks like another boot of the machine. */
void disk_restart(struct disk *disk);

#endif
