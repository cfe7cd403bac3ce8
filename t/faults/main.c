/* Lets every system call of a workload fail.
 *
 *   faults list
 *   faults try NAME SNAPSHOT SCRATCH SEED ONE-IN
 *   faults cover NAME SNAPSHOT SCRATCH SEED ONE-IN
 *   faults one NAME SNAPSHOT SCRATCH CALL ACTION NUMBER
 *
 * list names the workloads and the spools that they start from. SNAPSHOT is
 * what t/faults/prepare made; SCRATCH, a directory of its own, is used up. try
 * chooses one in ONE-IN cases by SEED, and adds the call sites that there are
 * to the file SCRATCH/../seen, and those that failed to SCRATCH/../struck; cover
 * does the same, and lets each site fail that has not yet, in this workload or
 * one before it; one shows a single case. The library is that of $MQ_BUILD. */
#include "check.h"
#include "covered.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 12 };

struct score {
	int faults;
	int failed;
	FILE *seen;
	struct covered struck;
};

/* The words that say which cases are tried. */
struct choice {
	uint64_t seed;
	uint64_t one_in;
	bool is_cover;
};

static int
list(void)
{
	const struct workload *workload;

	for (int i = 0; (workload = workload_at(i)) != NULL; i++)
		printf("%s %s\n", workload->name, workload->snapshot);
	return 0;
}

/* FNV-1a: the same choice for the same seed. */
static uint64_t
hash_of(uint64_t hash, const char *text)
{
	for (hash ^= 14695981039346656037ULL; *text != 0; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
	return hash;
}

static bool
is_chosen(const struct trial *trial, const struct plan *plan,
    const struct site *call, const struct choice *choice)
{
	uint64_t one_in = choice->one_in;
	uint64_t hash = hash_of(choice->seed, trial->workload->name);
	char number[16];

	snprintf(number, sizeof(number), "%d", call->number);
	hash = hash_of(hash_of(hash_of(hash, plan->action), call->name),
	    number);
	/* The hundredth page of the same transaction tells little news. */
	if (call->repeat >= REPEATS)
		one_in *= REPEATS;
	return one_in <= 1 || (hash >> 20) % one_in == 0;
}

static void
tell(const struct trial *trial, const struct plan *plan,
    const struct site *call, const char *why)
{
	printf("not ok %s: the %d. %s of %s: %s: %s\n"
	       "  again: t/faults/run one %s %s '%s' %d\n",
	    trial->workload->name, call->number, call->name, call->path,
	    plan->action, why, trial->workload->name, call->name,
	    plan->action, call->number);
	fflush(stdout);
}

static void
try_one(struct trial *trial, const struct plan *plan, const struct site *call,
    struct score *score)
{
	char why[WHY_SIZE];
	int struck = trial_run(trial, plan, call->number);

	if (struck > 0)
		covered_add(&score->struck, call->name, call->site);
	score->faults += struck > 0;
	if (check_trial(trial, plan, call, why) == 0)
		return;
	score->failed++;
	tell(trial, plan, call, why);
}

static void
try_all(struct trial *trial, const struct choice *choice, struct score *score)
{
	const struct plan *plan;

	for (int i = 0; i < trial->call_count; i++) {
		const struct site *call = &trial->calls[i];

		for (int k = 0; (plan = plan_at(k)) != NULL; k++) {
			if (strcmp(plan->call, call->name) != 0 ||
			    (plan->makes && !call->makes))
				continue;
			fprintf(score->seen, "%s %s\n", call->name,
			    call->site);
			if (is_chosen(trial, plan, call, choice) ||
			    (choice->is_cover && !is_covered(&score->struck,
			        call->name, call->site)))
				try_one(trial, plan, call, score);
		}
	}
}

static void
open_score(const struct trial *trial, struct score *score)
{
	char path[PATH_SIZE * 2];

	snprintf(path, sizeof(path), "%s/../struck", trial->scratch);
	covered_open(&score->struck, path);
	snprintf(path, sizeof(path), "%s/../seen", trial->scratch);
	score->seen = fopen(path, "ae");
	if (score->seen == NULL) {
		perror(path);
		exit(71);
	}
}

/* Without a fault all must hold, or the checks are wrong. */
static int
try(struct trial *trial, const struct choice *choice)
{
	struct score score = {0};
	char why[WHY_SIZE];

	open_score(trial, &score);
	trial_run(trial, NULL, 0);
	if (check_trial(trial, NULL, NULL, why) < 0) {
		printf("not ok %s: without faults: %s\n",
		    trial->workload->name, why);
		score.failed++;
	} else {
		try_all(trial, choice, &score);
	}
	fclose(score.seen);
	covered_close(&score.struck);
	printf("%s: %d faults, %d failed\n", trial->workload->name,
	    score.faults, score.failed);
	return score.failed == 0 ? 0 : 1;
}

static int
one(struct trial *trial, char **words)
{
	const struct plan *plan = plan_find(words[0], words[1]);
	struct site call = {.number = atoi(words[2])};
	char why[WHY_SIZE] = "all holds";
	int result;

	if (plan == NULL) {
		fprintf(stderr, "faults: no fault %s %s\n", words[0],
		    words[1]);
		return 64;
	}
	snprintf(call.name, sizeof(call.name), "%s", words[0]);
	for (int i = 0; i < trial->call_count; i++) {
		if (strcmp(trial->calls[i].name, call.name) == 0 &&
		    trial->calls[i].number == call.number)
			call = trial->calls[i];
	}
	printf("%s, the %d. %s of %s, from %s: %d calls failed\n", plan->action,
	    call.number, call.name, call.path, call.site,
	    trial_run(trial, plan, call.number));
	printf("exit %d\n%s%s", trial->run.status, trial->run.out,
	    trial->run.err);
	result = check_trial(trial, plan, &call, why);
	printf("%s: %s\n", result == 0 ? "ok" : "not ok", why);
	return result == 0 ? 0 : 1;
}

static struct trial *
begin(char **words)
{
	struct trial *trial = calloc(1, sizeof(*trial));

	trial->workload = workload_find(words[0]);
	if (trial->workload == NULL || getenv("MQ_BUILD") == NULL) {
		fprintf(stderr, "faults: no workload %s, or no MQ_BUILD\n",
		    words[0]);
		exit(64);
	}
	snprintf(trial->snapshot, PATH_SIZE, "%s", words[1]);
	snprintf(trial->scratch, PATH_SIZE, "%s", words[2]);
	trial_begin(trial);
	return trial;
}

int
main(int argc, char **argv)
{
	struct trial *trial;
	int result = 64;

	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	if (argc != (argc > 1 && strcmp(argv[1], "one") == 0 ? 8 : 7)) {
		fprintf(stderr, "faults: see the head of t/faults/main.c\n");
		return 64;
	}
	trial = begin(argv + 2);
	if (strcmp(argv[1], "one") == 0)
		result = one(trial, argv + 5);
	else
		result = try(trial, &(struct choice){
			strtoull(argv[5], NULL, 10),
			strtoull(argv[6], NULL, 10),
			strcmp(argv[1], "cover") == 0});
	trial_end(trial);
	free(trial);
	return result;
}
