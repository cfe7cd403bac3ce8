/* What a partition is known to hold: every batch, and where it lies. */
#ifndef DAMAGE_CONTENT_H
#define DAMAGE_CONTENT_H

#include "log/partition.h"

enum { KNOWN_MAX = 96, SEGMENTS_MAX = 4, MAIN_SIZE = 64 * 1024 };

/* A batch; no records: it stands for offsets whose records were removed. */
struct known {
	int64_t first;
	int64_t last;
	int32_t record_count;
	int64_t segment;
	int64_t byte;
	size_t size;
	unsigned char *bytes;
};

struct content {
	struct known list[KNOWN_MAX];
	int count;
	int64_t segments[SEGMENTS_MAX]; /* main is the one of MAIN_SIZE bytes */
	int64_t end[SEGMENTS_MAX];      /* of its batches */
	int segment_count;
	int main;
	int64_t log_end;
};

/* Makes partition `number` below topic_dir: a small segment, then main, which
 * the last batch fills to its last byte (or, with a tail, zeros that were
 * written ahead), then, if that is asked for, another small one. Batches of
 * all codecs, with keys and headers, with batches as payload, without records,
 * of two epochs. Returns 0 or negative. */
enum content_form {
	CONTENT_SEALED,
	CONTENT_ACTIVE,
	CONTENT_TAIL,
	CONTENT_FORMS,
};
extern const char *const content_form_names[CONTENT_FORMS];
int content_make(struct content *content, int topic_dir, int number,
    enum content_form form);
void content_release(struct content *content);

extern const struct partition_options content_options;

/* The batch that has this byte of the segment, NULL: none. */
const struct known *content_at(const struct content *content, int64_t segment,
    int64_t byte);

/* The batch that begins with this offset, NULL: none. */
const struct known *content_find(const struct content *content,
    int64_t offset);

#endif
