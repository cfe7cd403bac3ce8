/* powercut: cuts the power of a real file system under running tools.
 *
 *   powercut IMAGE TYPE DIRECTORY CUTS [SEED]
 *
 * IMAGE is a file with a file system of TYPE (ext4, xfs), DIRECTORY an empty
 * one. Prints what was counted; exits 1 if a promise is broken, 77 if this
 * machine cannot do it. INT and TERM end it after the cut at hand. Each problem
 * is a line "TYPE: problem: cut NUMBER: ..."; so many CUTS with the same SEED
 * repeat it, as far as the scheduler does the same. */
#include "disk.h"
#include "play.h"

#include <dirent.h>
#include <err.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PROBLEMS_MAX = 5, SLACK_MS = 250, TOLD_EACH = 500 };

static volatile sig_atomic_t is_stopped;

struct trial {
	struct disk disk;
	struct ledger ledger;
	struct play play;
	unsigned int seed;
	unsigned int state;     /* of the random numbers */
	char spool[256], topics[300];
	bool is_flushed; /* this cut */
	int flushed;
	int64_t slowest_ms;
};

static unsigned int
choose(struct trial *trial, unsigned int below)
{
	trial->state = trial->state * 1664525U + 1013904223U;
	return (trial->state >> 8) % below;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
remove_one(const char *path, const struct stat *status, int type,
    struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static void
begin_spool(struct trial *trial)
{
	ledger_clear(&trial->ledger);
	memset(&trial->play.changes, 0, sizeof(trial->play.changes));
	(void)nftw(trial->spool, remove_one, 16, FTW_PHYS | FTW_DEPTH);
	play_create(&trial->ledger);
}

/* Some of the time with a push, so that other bytes are durable than those
 * that were to be. */
static void
let_run(struct trial *trial)
{
	bool is_long = choose(trial, 32) == 0;
	unsigned int pushes = choose(trial, 4);

	usleep(1000 * (2 + choose(trial, 50)));
	if (is_long) {
		play_note(&trial->play);
		usleep(SLACK_MS * 1000);
	}
	for (unsigned int i = 0; i < pushes; i++) {
		disk_nudge(&trial->disk, choose(trial, 1 << 24) << 8 |
		    choose(trial, 256));
		usleep(1000 * choose(trial, 8));
	}
}

static void
check_noted(struct trial *trial, int noted)
{
	const struct stream *stream = &trial->ledger.streams[
	    trial->ledger.round][INTERVAL_PRODUCER];

	for (int i = 0; i < noted; i++)
		if (!stream->messages[i].is_promised) {
			ledger_problem(&trial->ledger, "interval: %d of %d "
			    "lost that were stored %d ms before", noted - i,
			    noted, SLACK_MS);
			return;
		}
}

/* That unsynced messages are gone is told, and no matter. */
static bool
is_told_only(const char *errors)
{
	for (const char *end; *errors != '\0'; errors = end + 1) {
		const char *told = strstr(errors,
		    " were not synced when the machine stopped");

		end = strchr(errors, '\n');
		if (end == NULL || told == NULL || told > end)
			return false;
	}
	return true;
}

static void
check_log(struct trial *trial)
{
	char *argv[] = {"mq-get", "-f", "%t %p %o %v\n", "always", "interval",
		"never", NULL};
	struct buf dump = {0};
	int out = actor_file(), status = actor_run(argv, out);

	if (status > 1 || !is_told_only(actor_errors()))
		ledger_problem(&trial->ledger, "mq-get: %d: %s", status,
		    actor_errors());
	actor_take(out, &dump);
	ledger_compare(&trial->ledger, &dump);
	buf_release(&dump);
}

/* What is mended as soon as somebody opens it is no matter: nobody has opened
 * the topics that are changed, and in the first check none. */
static bool
is_harmless(const char *finding, bool is_first)
{
	if (strstr(finding, "left over by a process that was killed") != NULL)
		return true;
	return (is_first || strncmp(finding, "topics/x", 8) == 0) &&
	    strstr(finding, "mends it") != NULL;
}

static void
check_clean(struct trial *trial, bool is_first)
{
	char *argv[] = {"mq-fsck", "-n", NULL};
	struct buf said = {0};
	int out = actor_file(), status = actor_run(argv, out);

	actor_take(out, &said);
	if (status != 0 && status != 4)
		ledger_problem(&trial->ledger, "mq-fsck -n: %d: %s", status,
		    actor_errors());
	for (char *line = strtok((char *)buf_text(&said), "\n"); line != NULL;
	     line = strtok(NULL, "\n"))
		if (!is_harmless(line, is_first))
			ledger_problem(&trial->ledger, "mq-fsck -n: %s", line);
	buf_release(&said);
}

static int
select_left_over(const struct dirent *entry)
{
	return strchr(entry->d_name, '+') != NULL;
}

/* What was left over would be found in each check to come. */
static void
sweep(struct trial *trial)
{
	char *argv[] = {"mq-fsck", "-y", NULL};
	struct dirent **names;
	int count = scandir(trial->topics, &names, select_left_over, NULL);
	int out, status;

	if (count <= 0)
		return;
	while (count > 0)
		free(names[--count]);
	free(names);
	out = actor_file();
	status = actor_run(argv, out);
	close(out);
	if (status != 1)
		ledger_problem(&trial->ledger, "mq-fsck -y: %d: %s", status,
		    actor_errors());
}

/* Who comes first recovers: a reader, a producer or a consumer. A check does
 * not, and may say what they would mend. */
static void
check_all(struct trial *trial, int noted)
{
	/* A check that finds something looks again, which takes time. */
	unsigned int first = choose(trial, 16) == 0 ? 1 : 2 * choose(trial, 3);
	int64_t began_ms = now_ms();

	actor_begin();
	if (first == 1)
		check_clean(trial, true);
	if (first == 2)
		play_probe(&trial->ledger);
	if (first == 4)
		play_consume(&trial->ledger, AFTER, 20);
	if (first > 0 && now_ms() - began_ms > trial->slowest_ms)
		trial->slowest_ms = now_ms() - began_ms;
	check_log(trial);
	check_noted(trial, noted);
	if (first != 2)
		play_probe(&trial->ledger);
	if (first != 4)
		play_consume(&trial->ledger, AFTER, 20);
	play_consume(&trial->ledger, BEFORE, 10);
	play_consume(&trial->ledger, MANUAL, 10);
	check_clean(trial, false);
	changes_check(&trial->play.changes, &trial->ledger, trial->topics);
	sweep(trial);
}

/* A spool's life ends with all of it read and given. */
static void
end_spool(struct trial *trial)
{
	for (int i = 0; i < GROUPS; i++)
		play_consume(&trial->ledger, (enum group)i, 0);
	check_log(trial);
	ledger_check_delivered(&trial->ledger);
}

static void
cut(struct trial *trial, int number)
{
	int noted;

	trial->ledger.round = number % ROUNDS;
	trial->is_flushed = choose(trial, 3) == 0;
	actor_begin();
	if (trial->ledger.round == 0)
		begin_spool(trial);
	play_start(&trial->play, &trial->ledger, choose(trial, 1000));
	let_run(trial);
	play_close(&trial->play);
	disk_cut(&trial->disk, trial->is_flushed);
	noted = play_end(&trial->play, &trial->ledger);
	disk_restart(&trial->disk);
	trial->flushed += trial->is_flushed;
	check_all(trial, noted);
	if (trial->ledger.round == ROUNDS - 1)
		end_spool(trial);
}

static void
tell(const struct trial *trial, int cuts, int64_t span_ms)
{
	const struct ledger *ledger = &trial->ledger;

	printf("%s: %d power cuts, %d with the journal flushed, %" PRId64
	    " ms each\n", trial->disk.type, cuts, trial->flushed,
	    span_ms / cuts);
	printf("%s: usable again after at most %" PRId64 " ms\n",
	    trial->disk.type, trial->slowest_ms);
	for (int i = 0; i < MODES; i++)
		printf("%s: mq.sync=%s: %" PRId64 " messages stored, %" PRId64
		    " lost\n", trial->disk.type, ledger_topics[i],
		    ledger->promised[i], ledger->lost[i]);
	printf("%s: %" PRId64 " acknowledged, %d problems\n",
	    trial->disk.type, ledger->settled, ledger->problem_count);
}

static void
stop(int signal)
{
	(void)signal;
	is_stopped = 1;
}

/* A line for each problem since the last time, and how to repeat them. */
static void
tell_problems(struct trial *trial, int number)
{
	struct buf *problems = &trial->ledger.problems;
	const char *type = trial->disk.type;

	for (char *line = strtok((char *)buf_text(problems), "\n");
	     line != NULL; line = strtok(NULL, "\n"))
		printf("%s: problem: cut %d (%s): %s\n", type, number,
		    trial->is_flushed ? "flushed" : "not flushed", line);
	printf("%s: problem: repeat: POWERCUT_SEED=%u t/fs/run %d %s\n", type,
	    trial->seed, number, type);
	buf_clear(problems);
}

static int
repeat(struct trial *trial, int cuts)
{
	int64_t began_ms = now_ms();
	int told = 0, number = 0;

	while (number < cuts && !is_stopped &&
	    trial->ledger.problem_count < PROBLEMS_MAX) {
		cut(trial, number++);
		if (number % TOLD_EACH == 0 && number < cuts)
			printf("%s: %d cuts so far\n", trial->disk.type,
			    number);
		if (trial->ledger.problem_count == told)
			continue;
		tell_problems(trial, number);
		told = trial->ledger.problem_count;
	}
	tell(trial, number, now_ms() - began_ms);
	return told > 0;
}

/* What may be lost is lost: else nothing was cut, and nothing was proven. */
static int
check_control(const struct trial *trial, int cuts)
{
	if (cuts < 20 || trial->ledger.lost[NEVER] > 0)
		return 0;
	printf("%s: the cuts took nothing that was not synced\n",
	    trial->disk.type);
	return 1;
}

int
main(int argc, char **argv)
{
	static struct trial trial;
	char mount[200], boot[200];
	int cuts, failed;

	if (argc < 5)
		errx(64, "usage: powercut IMAGE TYPE DIRECTORY CUTS [SEED]");
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	cuts = atoi(argv[4]);
	trial.seed = (unsigned)(argc > 5 ? atoi(argv[5]) : getpid());
	trial.state = trial.seed;
	printf("%s: seed %u\n", argv[2], trial.seed);
	snprintf(mount, sizeof(mount), "%s/mount", argv[3]);
	snprintf(boot, sizeof(boot), "%s/boot-id", argv[3]);
	if (mkdir(mount, 0700) < 0)
		err(1, "%s", mount);
	trial.disk.type = argv[2];
	trial.disk.mount = mount;
	trial.disk.boot = boot;
	snprintf(trial.spool, sizeof(trial.spool), "%s/spool", mount);
	snprintf(trial.topics, sizeof(trial.topics), "%s/topics", trial.spool);
	setenv("MQ_SPOOL", trial.spool, 1);
	disk_open(&trial.disk, argv[1]);
	failed = repeat(&trial, cuts) | check_control(&trial, cuts);
	return failed;
}
