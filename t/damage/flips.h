/* Every bit of a segment, flipped. */
#ifndef DAMAGE_FLIPS_H
#define DAMAGE_FLIPS_H

#include "trial.h"

struct flips {
	int topic_dir;
	int next_number; /* of a partition that is not there yet */
	long looks;      /* flips that somebody looked at */
	long failed;
};

/* These try every bit of the segment of one form and print what failed.
 * Near: a process that has the partition open reads around it. Scan: one
 * that opens it anew without a control page does; and if that finds
 * another end of the log, whoever may write does, with no page and with an old
 * one. Whole: all is read and checked, by new processes, for one bit in each
 * `step`. Negative if that cannot be done. */
int flips_near(struct flips *flips, enum content_form form);
int flips_scan(struct flips *flips, enum content_form form);
int flips_whole(struct flips *flips, enum content_form form,
    enum trial_mode mode, long step);

/* One bit as flips_whole does, telling what is seen. 0 if nothing is wrong. */
int flips_repeat(struct flips *flips, enum content_form form,
    enum trial_mode mode, long bit);

#endif
