/* One damage: it is looked at, judged, and mended again. */
#ifndef DAMAGE_TRIAL_H
#define DAMAGE_TRIAL_H

#include "look.h"
#include "shelf.h"

/* What is there beside the damaged bytes. */
enum trial_mode {
	TRIAL_PAGE,      /* the control page as it was */
	TRIAL_READ_ONLY, /* the same, and nothing may be changed */
	TRIAL_GONE,      /* no page: nobody knows what was durable */
	TRIAL_BOOT,      /* the page of an earlier boot */
	TRIAL_MODES,
};

extern const char *const trial_mode_names[TRIAL_MODES];

/* A partition of known content, and the place where it is damaged. */
struct trial {
	struct content content;
	struct shelf shelf;
	int topic_dir;
	int number;
	int dir;
	enum content_form form;
	enum trial_mode mode;
	int file;                /* the main segment, open */
	int main;                /* index on the shelf of the main segment */
	int page;                /* and of the control page */
	bool is_hit[KNOWN_MAX];  /* batches that have a damaged byte */
	bool is_loose;           /* many bytes are: blocks may have moved, and
	                            hide others, if that is told; what is
	                            read nevertheless needs no naming */
	struct look look;
};

/* Makes the partition in a new directory below topic_dir. */
int trial_open(struct trial *trial, int topic_dir, int number,
    enum content_form form, enum trial_mode mode);
void trial_close(struct trial *trial);

/* Looks at what is there now, as processes do that open it anew: mq-fsck -n,
 * then one that reads (and may recover), then mq-fsck -n again. 0 if every batch
 * that is not hit was delivered, and every other one was named or is as it was;
 * else negative, and look.why. */
int trial_look(struct trial *trial);

/* One batch, hit or not: was it delivered, or else told? */
int trial_judge_reader(struct trial *trial, int index);

/* What is not delivered must still be there, as it was found: the batches of
 * the main segment, of which one byte has other bits; there, or in what was
 * kept of it when it was cut. */
int trial_check_kept(struct trial *trial, long byte, int mask);

#endif
