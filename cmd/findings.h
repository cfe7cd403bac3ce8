/* The findings of mq-fsck: kept, compared after mending, printed. */
#ifndef CMD_FINDINGS_H
#define CMD_FINDINGS_H

#include "spool/check.h"

struct finding {
	char *path;
	char *text;
	int64_t byte;
	int64_t first_offset;
	int64_t last_offset;
	bool is_mendable;
	bool is_mended;
};

/* All zero is empty. */
struct findings {
	struct finding *items;
	size_t count;
};

/* The report callback of lib/spool/check.h; context is a struct findings. */
void findings_add(const struct check_finding *finding, void *context);

/* Marks those of before that are not among after as mended, and adds to
 * before what only after has. */
void findings_compare(struct findings *before, const struct findings *after);

/* How many are marked. */
size_t findings_mended(const struct findings *findings);

/* "PATH: byte N: offsets A-B: TEXT (state)" or a JSON object a line. */
void findings_format(
    const struct findings *findings, bool is_json, struct buf *out);
void findings_release(struct findings *findings);

#endif
