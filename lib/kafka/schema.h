/* Messages of the Kafka protocol as C structs, by tables of their fields.
 *
 * A table says where in the struct a field lies, how it is encoded, and which
 * versions have it. One decoder and one encoder serve all messages, for servers
 * and for clients. The encodings: Kafka's protocol guide and KIP-482. */
#ifndef KAFKA_SCHEMA_H
#define KAFKA_SCHEMA_H

#include "base/arena.h"
#include "base/cursor.h"

enum field_kind {
	FIELD_BOOL,    /* bool */
	FIELD_INT8,    /* int8_t, and so on */
	FIELD_INT16,
	FIELD_INT32,
	FIELD_INT64,
	FIELD_UUID,    /* unsigned char [16] */
	FIELD_STRING,  /* struct slice; data NULL: null. Without NUL bytes */
	FIELD_BYTES,   /* the same, of any bytes */
	FIELD_RECORDS, /* struct records */
	FIELD_STRUCT,  /* the struct in its place */
	FIELD_POINTER, /* pointer to a struct; NULL: null, or no such tag */
	FIELD_ARRAY,   /* struct list */
};

/* An array: count items of the type that the table names; -1: null. */
struct list {
	void *items;
	int32_t count;
};

/* A part of a file that is sent as it is. */
struct extent {
	int file; /* not owned */
	int64_t byte;
	size_t size;
	const void *bytes; /* if not NULL: what is there, not owned */
};

/* Record batches: bytes, or (for sending) extents, which are not read here.
 * Both empty with bytes.data NULL: null. */
struct records {
	struct slice bytes;
	const struct extent *extents;
	int32_t extent_count;
};

/* Zero means: in all versions, never null, no tag, no preset. */
struct field {
	const char *name;
	enum field_kind kind;
	size_t at;                 /* in the struct */
	const struct schema *of;   /* STRUCT, POINTER, ARRAY: of what */
	int since;                 /* the first version that has it */
	int before;                /* the first that has not any more, or 0 */
	int nullable;              /* 1 + the first where it may be null */
	int tag;                   /* 1 + tag: in the tag section */
	int64_t preset;            /* where nothing is said */
	bool may_have_nul;         /* a STRING that is no name of anything */
};

struct schema {
	size_t size;
	const struct field *fields;
	size_t count;
	bool is_bare; /* an element that is no struct: it has no tags */
};

#define FIELD(owner, kind_, member, ...) \
	{.name = #member, .kind = FIELD_##kind_, \
	    .at = offsetof(struct owner, member), __VA_ARGS__}
#define NULLABLE(version) .nullable = (version) + 1
#define TAGGED(number) .tag = (number) + 1
#define OF(owner) .of = &owner##_schema
#define OF_INT8 .of = &schema_int8
#define OF_INT32 .of = &schema_int32
#define OF_INT64 .of = &schema_int64
#define OF_STRING .of = &schema_string
#define SCHEMA(owner) \
	{.size = sizeof(struct owner), .fields = owner##_fields, \
	    .count = sizeof owner##_fields / sizeof owner##_fields[0]}

/* Elements of arrays that are no structs. */
extern const struct schema schema_int8;
extern const struct schema schema_int32;
extern const struct schema schema_int64;
extern const struct schema schema_string;

/* How a message is encoded. */
struct encoding {
	int version;
	bool is_flexible; /* KIP-482: compact lengths, tag sections */
};

/* All fields at their presets: strings empty, what may be null in the newest
 * version null. */
void schema_preset(const struct schema *schema, void *message);

/* Items for a list, each preset; NULL if the arena is at its limit. */
void *schema_new_list(const struct schema *schema, struct arena *arena,
    struct list *list, int32_t count);

/* Decodes one struct. Strings, bytes and records are views of the input, lists
 * are the arena's. Unknown tags are passed over. -FAIL_PROTOCOL names the
 * field: too short, a length or a count beyond the input, a null that may not
 * be, a name that would end before its end where it is a C string, or more than
 * the arena may take. */
int schema_decode(const struct schema *schema, struct encoding encoding,
    struct cursor *input, struct arena *arena, void *message);

/* Where in encoded bytes an extent goes. */
struct cut {
	size_t at;
	const struct extent *extent;
};

/* An encoded message: the bytes, and the extents that go in between. */
struct encoded {
	struct buf *bytes;
	struct buf *cuts;    /* of struct cut, ascending; NULL: none may come */
	size_t extent_bytes; /* sum of the extents */
};

/* Appends one struct. Fields that the version has not are left out; a null
 * where none may be is written as empty. */
void schema_encode(const struct schema *schema, struct encoding encoding,
    const void *message, struct encoded *output);

#endif
