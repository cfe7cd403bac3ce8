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
enum { VOLATILE_MAX = 256, NODES_MAX = 2048 };

struct entry {
	const char *name;
	int node;
};

/* A file or directory, as far as it is durable. */
struct node {
	uint64_t file; /* inode; 0: of a former file with the same one */
	bool is_directory;
	bool is_borrowed;   /* bytes and entries are another node's */
	bool is_hashed;
	uint64_t hash;      /* of the bytes */
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
	struct trace_clocks clocks; /* of the last operation; 0: none yet */
	bool is_changed; /* by the last step */
};

/* How an operation is kept. */
enum fate {
	FATE_DROPPED,
	FATE_KEPT,
	FATE_TORN,    /* the first `bytes` of it */
	FATE_ZEROS,   /* the first `bytes` of it, the rest are zeros */
	FATE_TAIL,    /* all but the first `bytes` */
	FATE_SIZE,    /* the file got longer, the bytes are zeros */
};

struct state {
	enum fate fates[VOLATILE_MAX];
	size_t bytes[VOLATILE_MAX];
};

/* root is an empty directory where the trace begins. */
int model_open(struct model *model, const struct trace *trace,
    const char *root);

struct image;
/* The trace, which may be set later, begins with what is in the image; the
 * image must stay. Inodes are the numbers of its nodes, plus 1. */
void model_open_image(struct model *model, const struct image *image);
void model_close(struct model *model);

/* Takes the next record in; NULL at the end. */
const struct trace_record *model_step(struct model *model);

/* The one that model_step will take; NULL. */
const struct trace_record *model_next(const struct model *model);

/* A name that a node has or is to get. */
const char *model_name(const struct model *model, int node);

/* What a disk holds in this state. */
struct image {
	struct node *nodes;
	int node_count;
};

/* Drops names that follow a dropped one in the same directory, then applies
 * what is left. The image borrows from the model: it is good until the next
 * step. Release it. */
void model_apply(struct model *model, struct state *state,
    struct image *image);
void image_release(struct image *image);
uint64_t image_hash(struct image *image);
uint64_t image_hash_bytes(const void *data, size_t size);

/* Writes the image to the empty directory root; -1. */
int image_write(const struct image *image, const char *root);

/* Names and data of a record. */
const char *record_name(const struct trace_record *record);
const char *record_to_name(const struct trace_record *record);
const unsigned char *record_data(const struct trace_record *record);
bool is_name_op(const struct trace_record *record);

#endif
