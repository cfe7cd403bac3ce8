/* damage: damages a partition in every way, and looks what is made of it.
 *
 *   damage near|scan|whole DIR FORM [MODE STEP]   all bits of a 64 KiB segment
 *   damage bit DIR FORM MODE BIT                  one of them, and what is seen
 *   damage noise DIR FORM MODE SEED CASES         bytes, blocks, ends by chance
 *   damage selftest DIR
 *
 * DIR is an empty directory on a tmpfs. FORM: 0 a sealed segment, 1 the active
 * one, 2 the same with zeros behind. MODE: 0 with the control page, 1 read-only,
 * 2 without a page, 3 with one of an earlier boot. A noise case is repeated by
 * its seed, with CASES 1. Prints figures; exits 1 if something was lost, wrong
 * or not told. */
#include "flips.h"
#include "noise.h"
#include "selftest.h"
#include "base/fail.h"
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long long
number(char **argv, int index)
{
	return argv[index] == NULL ? 0 : atoll(argv[index]);
}

static int
run_flips(const char *what, int dir, char **argv)
{
	struct flips flips = {.topic_dir = dir};
	enum content_form form = (enum content_form)number(argv, 0);
	enum trial_mode mode = form < CONTENT_FORMS && argv[1] != NULL
	    ? (enum trial_mode)number(argv, 1)
	    : TRIAL_PAGE;
	int rc;

	if (strcmp(what, "near") == 0)
		rc = flips_near(&flips, form);
	else if (strcmp(what, "scan") == 0)
		rc = flips_scan(&flips, form);
	else if (strcmp(what, "whole") == 0)
		rc = flips_whole(&flips, form, mode, (long)number(argv, 2));
	else
		rc = flips_repeat(&flips, form, mode, (long)number(argv, 2));
	printf("%s %s: %ld flips looked at, %ld failed\n", what,
	    content_form_names[form], flips.looks, flips.failed);
	return rc < 0 ? rc : flips.failed > 0;
}

static int
run_noise(int dir, char **argv)
{
	struct noise noise = {
		.topic_dir = dir,
		.seed = (uint64_t)number(argv, 2),
	};
	int rc = noise_run(&noise, (enum content_form)number(argv, 0),
	    (enum trial_mode)number(argv, 1), (long)number(argv, 3));

	printf("noise: %ld cases from seed %llu, %ld hit no message, "
	    "%ld failed\n", noise.cases, (unsigned long long)noise.seed,
	    noise.harmless, noise.failed);
	return rc < 0 ? rc : noise.failed > 0;
}

static int
run(const char *what, int dir, char **argv)
{
	if (strcmp(what, "selftest") == 0)
		return selftest(dir) < 0;
	if (*argv == NULL || number(argv, 0) >= CONTENT_FORMS ||
	    (argv[1] != NULL && number(argv, 1) >= TRIAL_MODES))
		return fail(FAIL_USAGE, "see the head of t/damage/main.c");
	if (strcmp(what, "noise") == 0)
		return run_noise(dir, argv);
	return run_flips(what, dir, argv);
}

int
main(int argc, char **argv)
{
	int dir = -1, rc;

	if (argc < 3)
		rc = fail(FAIL_USAGE, "see the head of t/damage/main.c");
	else
		rc = dir = file_open_directory(AT_FDCWD, argv[2]);
	if (rc >= 0)
		rc = run(argv[1], dir, argv + 3);
	if (rc < 0)
		fprintf(stderr, "damage: %s\n", fail_message());
	return rc < 0 ? 70 : rc;
}
