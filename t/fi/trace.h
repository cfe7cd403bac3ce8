/* The trace of durable operations: its bytes, and adding to it.
 *
 * A file that all processes of a run map: a header, then records in the one
 * order in which the operations took effect. Files are named by inode, so
 * that a renamed directory keeps its content. */
#ifndef FI_TRACE_H
#define FI_TRACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trace_op {
	TRACE_CREATE = 1, /* file, in dir, called name */
	TRACE_MAKE_DIRECTORY,
	TRACE_UNLINK,     /* name, in dir */
	TRACE_RENAME,     /* name, in dir, to to_name in to_dir */
	TRACE_WRITE,      /* data at offset of file */
	TRACE_MAPPED,     /* the same, through a shared mapping */
	TRACE_TRUNCATE,   /* file, to offset bytes */
	TRACE_SYNC_BEGIN, /* of file or directory `file` */
	TRACE_SYNC_END,   /* offset: number of the record that began it */
	TRACE_MARK,       /* data is what the workload says: "put ..." */
};

/* What a process that adds a record sees: wall and boot clock. */
struct trace_clocks {
	int64_t wall_ns;
	int64_t boot_ns;
};

struct trace_record {
	uint32_t size;      /* of all, a multiple of 8 */
	uint16_t op;
	uint16_t name_size; /* with its NUL; the names follow this struct */
	uint16_t to_name_size;
	uint16_t zero;
	int32_t pid;
	uint64_t file;
	uint64_t dir;
	uint64_t to_dir;
	int64_t offset;
	uint64_t data_size; /* the data follow the names */
	struct trace_clocks clocks;
};

struct trace {
	char magic[8];
	pthread_mutex_t lock; /* robust: whoever dies with it blocks nobody */
	uint64_t count;
	uint64_t size;        /* bytes of records behind this struct */
};

enum { TRACE_BYTES = 256 * 1024 * 1024 }; /* of the sparse file */

/* Makes an empty trace at path; -1. */
int trace_make(const char *path);

/* Adds to the trace at path from now on; -1. NULL ends that. */
int trace_start(const char *path);
bool is_trace_on(void);

/* Between these two nobody else's operation takes effect. */
void trace_lock(void);
void trace_unlock(void);

/* Adds a record; sizes, pid and clocks are filled in. Returns its number. */
uint64_t trace_add(struct trace_record record, const char *name,
    const char *to_name, const void *data);

/* Shared writable mappings: remembered, and looked at for changes whenever
 * the process adds a record. */
void trace_map(void *at, size_t size, uint64_t file, int64_t offset);
void trace_unmap(void *at, size_t size);
void trace_look(void); /* under the lock */

/* What a plain write has put where a mapping is, needs no second record. */
void trace_wrote(uint64_t file, int64_t offset, const void *data, size_t size);

/* A mark of the workload. */
void trace_mark(const char *text);

/* The records of a trace at path, mapped for reading; NULL. */
const struct trace *trace_read(const char *path);
void trace_close(const struct trace *trace);

#endif
