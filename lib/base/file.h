/* Files: the one home of open flags, durable writes and directory syncs.
 *
 * Plain system calls only (no stdio), restarted after EINTR and continued
 * after short counts. Every open is close-on-exec, refuses symbolic links,
 * and takes a single path component below a directory descriptor, so no name
 * can leave the spool. Errors name `name`, or the path kept with the call. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include <sys/types.h>

enum file_mode {
	FILE_READ,      /* must exist, read only */
	FILE_WRITE,     /* must exist, read and write */
	FILE_CREATE,    /* read and write, made if missing, mode 0600 */
	FILE_EXCLUSIVE, /* made now, -FAIL_CREATE if there already */
};

/* Opens a regular file (never a FIFO, device or a file with a second hard
 * link). Mode bits of new files are 0600, or 0660 in a set-group-id directory,
 * whatever the umask. Returns a descriptor; -FAIL_MISSING if not there. */
int file_open(int dir, const char *name, enum file_mode mode);

/* Opens for reading what a user named: a path, of any kind of file, through
 * symbolic links. Does not wait for a FIFO's writer, nor do reads of it: poll
 * first. -FAIL_MISSING if not there. */
int file_open_input(const char *path);

/* Makes or empties a file for output, named likewise. */
int file_open_output(const char *path);

/* Opens a directory below dir; dir may be AT_FDCWD, and then name any path. */
int file_open_directory(int dir, const char *name);

/* Makes a directory (0700, or 2770 in a set-group-id one; umask-independent).
 * Returns 1 if made, 0 if it was there. Does not sync the parent. */
int file_make_directory(int dir, const char *name);

/* The full size, or to the end of the file. */
ssize_t file_read_at(int fd, void *data, size_t size, off_t at);
int file_write_at(int fd, const void *data, size_t size, off_t at);

/* Sequential; -FAIL_NOTHING on EPIPE. */
int file_write(int fd, const void *data, size_t size);
/* As file_write, but gives up as if the reader had gone when *stop (set by the
 * handler of a signal that comes again and again) is not 0 and nothing was
 * taken for 200 ms. */
int file_write_until(int fd, const void *data, size_t size,
    const uint32_t *stop);

int file_zero_at(int fd, size_t size, off_t at); /* writes zeros, extending */
int64_t file_size(int fd);
int file_truncate(int fd, off_t size);
int file_sync(int fd);             /* fdatasync; nobody tries a failed one again */
int file_sync_whole(int fd);       /* fsync: times and mode too */
int file_sync_directory(int dir);  /* fsync of a directory */
int file_drop_cache(int fd, off_t at); /* from at on: reads ask the disk */

/* Never over an existing directory; no sync. */
int file_rename(int dir, const char *from, const char *to);

/* A file or an empty directory; 0 if it was not there. */
int file_unlink(int dir, const char *name);

/* Whole file into buf (appended), refused above max bytes: -FAIL_DATA. */
int file_read_all(int dir, const char *name, size_t max, struct buf *buf);

/* Replaces a file atomically and durably: temporary file, fsync, rename,
 * directory sync. The caller holds a lock that keeps others from replacing it
 * at the same time. */
int file_replace(int dir, const char *name, struct slice content);

/* A shared mapping of the first size bytes; the file must hold them (checked:
 * -FAIL_CORRUPT if shorter). Unmap with file_unmap. */
int file_map(int fd, size_t size, bool writable, void **map);
void file_unmap(void *map, size_t size);

/* True if the descriptor's name is gone from its directory (link count 0). */
bool file_is_unlinked(int fd);

/* 1 and its name in *kind ("nfs", "cifs", ...) if on a network file system. */
int file_is_network(int fd, const char **kind);

/* Modification time of a directory in nanoseconds: changes with every entry
 * made, renamed or removed. */
int64_t file_directory_stamp(int dir);

/* A number that a file or directory has as long as it lives, wherever it is
 * moved on its disk, and no other has: from its inode and its birth. */
int file_identity(int fd, uint64_t *identity);

/* Names of the entries of a directory, sorted, "." and ".." left out; calls
 * each with (name, context) until it returns non-zero, which is returned. */
int file_list(int dir, int (*each)(const char *name, void *context),
    void *context);

/* Raises the limit of descriptors as far as we may, and says what it is now. */
int64_t file_descriptors_max(void);

#endif
