/* What a disk may hold after a power cut at a place of a trace. */
#ifndef CRASH_MODEL_H
#define CRASH_MODEL_H

#include "../fi/trace.h"
#include "base/buf.h"

/*
 * The model, which is meant to allow more than real file systems do: a sync of
 * a file or directory makes all durable that was done to it before the sync
 * began. Until then each write and truncation may be there or not, in any
 * combination, whole or torn at any byte or sector; the size of a file may have
 * grown without its bytes. Names of one directory appear and vanish in order,
 * but independently of all that is in the files and of other directories. A
 * process that is killed loses nothing: all is kept then.
 */
enum { VOLATILE_MAX = 256, NODES_MAX = 1024 };

struct entry {
	const char *name;
	int node;
};

/* A file or directory, as far as it is durable. */
struct node {
	uint64_t file; /* inode; 0: of a former file with the same one */
	bool is_directory;
	struct buf bytes;   /* of a file */
	struct buf entries; /* of a directory: struct entry */
};

/* An operation that is not durable yet. */
struct pending_op {
	const struct trace_record *record;
	uint64_t number; /* of the record */
	int node;        /* the file or directory that it changes */
	int made;        /* the node that gets a name, or -1 */
};

struct model {
	struct node nodes[NODES_MAX];
	int node_count;
	struct pending_op ops[VOLATILE_MAX];
	int op_count;
	const struct trace *trace;
	size_t at;       /* of the next record */
	uint64_t number;
	bool is_changed; /* by the last step */
};

/* How an operation is kept. */
enum fate {
	FATE_DROPPED,
	FATE_KEPT,
	FATE_TORN,    /* the first `bytes` of it */
	FATE_TAIL,    /* all but the first `bytes` */
	FATE_SIZE,    /* the file got longer, the bytes are zeros */
};

struct state {
	enum fate fates[VOLATILE_MAX];
	size_t bytes[VOLATILE_MAX];
};

/* root is a directory; what is below it now is durable at the start. The trace
 * may be set later. */
int model_open(struct model *model, const struct trace *trace,
    const char *root);
void model_close(struct model *model);

/* Takes the next record in; NULL at the end. */
const struct trace_record *model_step(struct model *model);

/* The one that model_step will take; NULL. */
const struct trace_record *model_next(const struct model *model);

/* A name that a node has or is to get. */
const char *model_name(const struct model *model, int node);

/* What a disk holds in this state. */
struct image {
	struct node nodes[NODES_MAX];
	int node_count;
};

/* Drops names that follow a dropped one in the same directory, then applies
 * what is left. Release the image. */
void model_apply(const struct model *model, struct state *state,
    struct image *image);
void image_release(struct image *image);
uint64_t image_hash(const struct image *image);

/* Writes the image to the empty directory root; -1. */
int image_write(const struct image *image, const char *root);

/* Names and data of a record. */
const char *record_name(const struct trace_record *record);
const char *record_to_name(const struct trace_record *record);
const unsigned char *record_data(const struct trace_record *record);
bool is_name_op(const struct trace_record *record);

#endif
