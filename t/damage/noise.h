/* Damage of many kinds, by chance. */
#ifndef DAMAGE_NOISE_H
#define DAMAGE_NOISE_H

#include "trial.h"

/* Damages the bytes of a file, as disks, file systems and people do; the same
 * seed does the same. other is a file whose blocks may get lost here. Returns
 * what was done, in words. */
const char *noise_damage(struct buf *bytes, struct slice other, uint64_t seed);

/* Which batches of the segment have a byte that is another one now. */
void noise_mark(struct trial *trial, int64_t segment, const struct buf *now);

struct noise {
	int topic_dir;
	int next_number;
	uint64_t seed;    /* of the first case */
	long cases;
	long harmless;    /* nothing was changed, or no message of it */
	long failed;
};

/* Damages one file after another of a partition. Prints what failed. Negative if
 * that cannot be done. */
int noise_run(struct noise *noise, enum content_form form,
    enum trial_mode mode, long cases);

#endif
