/* Damage that must be seen, so that the others count. */
#include "selftest.h"
#include "base/file.h"

#include <stdio.h>
#include <string.h>

static int
expect(const struct trial *trial, int rc, const char *why)
{
	if (rc < 0 && strstr(trial->look.why, why) != NULL)
		return 0;
	printf("# FAILED: not seen: %s (%s)\n", why,
	    rc < 0 ? trial->look.why : "nothing");
	return -1;
}

/* The batch in the middle of the main segment, in the middle of its bytes. */
static long
spoil(struct trial *trial, struct buf *bytes, bool is_sealed_again)
{
	const struct known *known = content_at(&trial->content,
	    trial->content.segments[trial->content.main], MAIN_SIZE / 2);
	long byte = known->byte + (long)known->size / 2;

	buf_clear(bytes);
	buf_append_slice(bytes,
	    buf_slice(&trial->shelf.list[trial->main].bytes));
	bytes->data[byte] ^= 1;
	if (is_sealed_again)
		batch_seal(bytes->data + known->byte, known->size);
	shelf_put(&trial->shelf, trial->main, buf_slice(bytes));
	return byte;
}

int
selftest(int topic_dir)
{
	struct trial trial;
	struct buf bytes = {0};
	int rc = trial_open(&trial, topic_dir, 0, CONTENT_ACTIVE, TRIAL_PAGE);
	long byte;

	if (rc < 0)
		return rc;
	rc = trial_look(&trial);
	if (rc < 0)
		printf("# FAILED: intact: %s\n", trial.look.why);
	/* A reader that knows no checksum would deliver this. */
	spoil(&trial, &bytes, true);
	rc |= expect(&trial, trial_look(&trial), "WRONG BYTES");
	/* A reader that gives up more than the damage. */
	byte = spoil(&trial, &bytes, false);
	rc |= expect(&trial, trial_look(&trial), "was not read");
	rc |= expect(&trial, trial_check_kept(&trial, 0, 0),
	    "BYTES WERE DESTROYED");
	rc |= trial_check_kept(&trial, byte, 1);
	/* A check that names nothing. */
	shelf_restore(&trial.shelf, -1);
	trial.is_hit[5] = true;
	rc |= expect(&trial, trial_look(&trial), "does not name");
	buf_release(&bytes);
	trial_close(&trial);
	return rc;
}
