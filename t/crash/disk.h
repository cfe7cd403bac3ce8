/* A disk in memory, below DISK: what the process that tries a state sees. */
#ifndef CRASH_DISK_H
#define CRASH_DISK_H

#include "model.h"

#include <sys/types.h>

/*
 * calls_*.c take the place of the C library's calls on files: all that is
 * below DISK, and descriptors from DISK_FD on, are here; everything else goes
 * to the kernel. Nothing is cached and nothing is synced, for a trial is about
 * what was durable before it began; the recorder still sees the syncs. Locks
 * exclude other descriptors of this process, and there is no other: a wait for
 * one aborts, as the wait for a wake without an end does.
 */
#define DISK "/disk"
enum { DISK_FD = 100000, DISK_FILES_MAX = 2048, DISK_NAME_MAX = 128 };

struct disk_entry {
	char name[DISK_NAME_MAX];
	int file;
};

struct disk_file {
	bool is_directory;
	int links;
	unsigned char *data;   /* borrowed from the image until it changes */
	size_t size;
	size_t capacity;       /* 0: borrowed */
	bool is_mapped;        /* data must stay where they are */
	uint64_t hash;         /* of borrowed data */
	int64_t stamp;         /* of the last change */
	mode_t mode;
	int locked_by;         /* descriptor, or 0 */
	int parent;
	struct disk_entry *entries;
	int count;
	int room;
};

/* A name in a directory, whether it is there or not. */
struct disk_place {
	int parent;
	char name[DISK_NAME_MAX];
	int file; /* or -1 */
};

/* Puts an image there; what was there is gone, and its descriptors. Inodes are
 * the numbers of its nodes, plus 1. */
void disk_load(const struct image *image);

/* Of all that is there. */
uint64_t disk_hash(void);

/* True if the calls are about something here. */
bool is_disk_fd(int fd);
bool is_disk_path(int dir, const char *path);

/* -1 and errno if a directory above is missing. */
int disk_find(int dir, const char *path, struct disk_place *place);
int disk_make(const struct disk_place *place, bool is_directory);
void disk_link(const struct disk_place *place, int file);
void disk_unlink(const struct disk_place *place);

struct disk_file *disk_file(int number);
int disk_count(void);
int disk_path(int file, char *path, size_t size);

/* Its bytes, to be changed: at least capacity of them. */
unsigned char *disk_own(struct disk_file *file, size_t capacity);
void disk_set_size(struct disk_file *file, size_t size);

/* What a descriptor is of; -1 and EBADF. */
int disk_fd_open(int file, int flags);
int disk_fd_file(int fd);
off_t *disk_fd_at(int fd);
int disk_fd_flags(int fd);
void disk_fd_close(int fd);

/* Takes the bytes of all segments and pages, to see whether somebody notices. */
void disk_spoil(void);

/* Ends the process: what the kernel would never end, or what is not here. */
_Noreturn void disk_stop(const char *why);

/* Time: it stands still but for what is slept and asked. */
int64_t disk_now(void);
void disk_pass(int64_t ns);

#endif
