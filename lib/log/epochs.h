/* The epochs of a partition: where each recovery began to give out offsets. */
#ifndef LOG_EPOCHS_H
#define LOG_EPOCHS_H

#include "base/buf.h"

enum { EPOCHS_MAX = 256 };

/*
 * The file `epochs`: a line "EPOCH START\n" for each recovery. Invariants:
 * both columns ascend. A line whose start is not below a later one's says
 * nothing that the later one does not, and is dropped.
 */
struct epochs {
	size_t count;
	struct {
		int32_t epoch;
		int64_t start;
	} lines[EPOCHS_MAX];
};

/* Text to lines and back; lines that are not of this form are passed over. */
void epochs_parse(struct epochs *epochs, const char *text);
void epochs_format(const struct epochs *epochs, struct buf *out);

/* One more line; nothing happens if its epoch is not above all others. */
void epochs_add(struct epochs *epochs, int32_t epoch, int64_t start);

/* No file is no lines. */
int epochs_read(struct epochs *epochs, int dir);

/* As epochs_add, and replaces the file, durably. */
int epochs_append(struct epochs *epochs, int dir, int32_t epoch,
    int64_t start);

int32_t epochs_last(const struct epochs *epochs); /* 0 if there is none */
int64_t epochs_start(const struct epochs *epochs); /* of that; 0 if none */

/* The higher of the epoch that files tell and the one batches carry; that one
 * is not believed if it is absurd. */
int32_t epochs_highest(int32_t known, int32_t seen);

/* The epoch of a batch appended at offset; -1 if that is not known. */
int32_t epochs_at(const struct epochs *epochs, int64_t offset);

/* What Kafka asks for: the highest epoch up to `asked` that gave out offsets
 * (`asked` itself if all that are known are above), and where the next one
 * began; INT64_MAX if there is none. */
int64_t epochs_end(const struct epochs *epochs, int32_t asked, int32_t *epoch);

/* The lowest start of the epochs above `since`, INT64_MAX if there is none. */
int64_t epochs_cut(const struct epochs *epochs, int32_t since);

#endif
