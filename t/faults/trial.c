/* One workload on one spool, with a fault or without. */
#include "trial.h"
#include "../fi/rule.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OTHER_BOOT "FI_BOOT=99999999-9999-4999-8999-999999999999"

enum {
	LIMIT_MS = 40000,
	ARGUMENTS_MAX = 20,
	TEXT_MAX = 2600,
	CALLS_MAX = 4000,
};

static struct rule_counts *counts;
static char preload[PATH_SIZE * 2], count_file[PATH_SIZE * 2];
static char clock_file[PATH_SIZE * 2], sites_file[PATH_SIZE * 2];

static _Noreturn void
give_up(const struct trial *trial, const char *what)
{
	fprintf(stderr, "faults: %s: %s: exit %d: %s\n",
	    trial->workload->name, what, trial->other.status,
	    trial->other.err);
	exit(71);
}

static void
join(char *out, size_t size, const char *dir, const char *name)
{
	snprintf(out, size, "%s/%s", dir, name);
}

static void *
map_shared(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *at = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	if (at == MAP_FAILED) {
		perror(path);
		exit(71);
	}
	close(fd);
	return at;
}

/* "VARIABLE=PATH" in a text of PATH_SIZE * 2. Returns the path in it. */
static const char *
name_file(const struct trial *trial, char *text, const char *variable,
    const char *name)
{
	snprintf(text, PATH_SIZE * 2, "%s=%s/%s", variable, trial->scratch,
	    name);
	return strchr(text, '=') + 1;
}

/* The wall clock stays; leases are over a day later. */
static void
make_shared(const struct trial *trial)
{
	const char *build = getenv("MQ_BUILD");
	int64_t *clock;

	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s/t/fi/libfi.so",
	    build);
	counts = map_shared(name_file(trial, count_file, "FI_COUNT", "count"),
	    sizeof(*counts));
	clock = map_shared(name_file(trial, clock_file, "FI_CLOCK", "clock"),
	    3 * sizeof(*clock));
	clock[1] = clock[2] = 86400LL * 1000000000;
	name_file(trial, sites_file, "FI_SITES", "sites");
}

static void
read_text(const char *dir, const char *name, char *text, size_t size)
{
	char path[PATH_SIZE * 2];
	ssize_t got = 0;
	int fd;

	join(path, sizeof(path), dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, text, size - 1);
		close(fd);
	}
	text[got > 0 ? got : 0] = 0;
}

static void
run(struct trial *trial, struct child *child, const char *const *argv,
    const char *const *environment)
{
	static char pad[TEXT_MAX];
	const char *arguments[ARGUMENTS_MAX] = {0};

	for (int i = 0; argv[i] != NULL; i++) {
		arguments[i] = argv[i];
		if (strcmp(argv[i], "@receipt") == 0)
			arguments[i] = trial->receipt;
		if (strcmp(argv[i], "pad=@pad") != 0)
			continue;
		snprintf(pad, sizeof(pad), "pad=%s", trial->pad);
		arguments[i] = pad;
	}
	child->argv = arguments;
	child->environment = environment;
	child->limit_ms = LIMIT_MS;
	child_run(child);
}

/* Without faults, but in the boot that the workload is in, at its time or a
 * day later. */
static int
run_plain(struct trial *trial, const char *const *argv, bool is_later)
{
	const char *environment[4] = {0};
	int count = 0;

	if (trial->workload->is_other_boot || is_later)
		environment[count++] = preload;
	if (trial->workload->is_other_boot)
		environment[count++] = OTHER_BOOT;
	if (is_later)
		environment[count++] = clock_file;
	run(trial, &trial->other, argv, environment);
	return trial->other.status;
}

static void
put_spool(struct trial *trial)
{
	static const char *const warm[] = {"mq-stat", "--json", NULL};
	static const char *const warm_log[] = {"mq-put", "-m", "warm", "t",
	    NULL};
	char from[PATH_SIZE * 2], to[PATH_SIZE * 2];

	join(from, sizeof(from), trial->snapshot, "spool");
	join(to, sizeof(to), trial->scratch, "spool");
	tree_empty(to);
	rmdir(to);
	tree_copy(from, to);
	join(to, sizeof(to), trial->scratch, "seen");
	unlink(to);
	trial->other.input = NULL;
	if (trial->workload->is_warm) {
		run_plain(trial, warm, false);
		run_plain(trial, warm_log, false);
	}
}

static void
run_workload(struct trial *trial, const char *const *environment)
{
	trial->run.input = trial->workload->input;
	trial->run.beside = trial->workload->beside[0] == NULL
	    ? NULL
	    : trial->workload->beside;
	run(trial, &trial->run, trial->workload->argv, environment);
}

int
trial_run(struct trial *trial, const struct plan *plan, int number)
{
	const char *environment[6] = {preload, count_file, "FI_FAST=1"};
	char rule[200];
	int count = 3;

	put_spool(trial);
	memset(counts, 0, sizeof(*counts));
	if (trial->workload->is_other_boot)
		environment[count++] = OTHER_BOOT;
	if (plan != NULL) {
		snprintf(rule, sizeof(rule), "FI=%s:program=mq-*:nth=%d:do=%s",
		    plan->call, number, plan->action);
		environment[count++] = rule;
	}
	run_workload(trial, environment);
	return (int)counts->faults[0];
}

int
trial_tool(struct trial *trial, const char *const *argv)
{
	return run_plain(trial, argv, false);
}

int
trial_again(struct trial *trial)
{
	return run_plain(trial, trial->workload->argv, false);
}

static void
look(struct trial *trial, const char *const *argv, bool is_later,
    struct lines *lines)
{
	int status = run_plain(trial, argv, is_later);

	/* 1: nothing there, 66: no topic. */
	lines_parse(lines, trial->other.out);
	if (status != 0 && status != 1 && status != 66)
		lines->count = -status;
}

void
trial_look_log(struct trial *trial, struct lines *lines)
{
	static const char *const argv[] = {"mq-get", "-f", "%p %o %v\\n", "t",
	    NULL};

	look(trial, argv, false, lines);
}

void
trial_look_dead(struct trial *trial, struct lines *lines)
{
	static const char *const argv[] = {"mq-get", "-f", "%v\\n", "t.dead",
	    NULL};

	look(trial, argv, false, lines);
}

void
trial_drain(struct trial *trial, struct lines *lines)
{
	const char *const argv[] = {"mq-get", "-g", "g", "-f",
	    "%p %o %v\\n", "t", trial->workload->order, NULL};

	struct lines now;

	/* After another boot leases begin again, and so does a day. */
	lines->count = 0;
	if (!trial->has_group)
		return;
	look(trial, argv, false, &now);
	look(trial, argv, true, lines);
	if (now.count < 0)
		lines->count = now.count;
	for (int i = 0; i < now.count && lines->count >= 0 &&
	    lines->count < LINES_MAX; i++)
		strcpy(lines->items[lines->count++], now.items[i]);
}

void
trial_delivered(const struct trial *trial, struct lines *lines)
{
	char text[OUTPUT_MAX];

	read_text(trial->scratch, "seen", text, sizeof(text));
	lines_parse(lines, *text == 0 ? trial->run.out : text);
}

static bool
is_there(const struct trial *trial, const char *path)
{
	char from[PATH_SIZE * 4];
	size_t size = strlen(trial->scratch);

	if (strncmp(path, trial->scratch, size) != 0 || path[size] != '/')
		return access(path, F_OK) == 0;
	join(from, sizeof(from), trial->snapshot, path + size + 1);
	return access(from, F_OK) == 0;
}

/* One line of FI_SITES. */
static void
add_call(struct trial *trial, const char *line)
{
	struct site *call = &trial->calls[trial->call_count];

	if (trial->call_count == CALLS_MAX ||
	    sscanf(line, "%*u\t%19[^\t]\t%*[^\t]\t%*d\t%159[^\t]\t%199[^\t]",
	        call->name, call->site, call->path) != 3)
		give_up(trial, "the list of calls");
	call->number = 1;
	call->repeat = 0;
	for (int i = 0; i < trial->call_count; i++) {
		if (strcmp(trial->calls[i].name, call->name) != 0)
			continue;
		call->number++;
		call->repeat += strcmp(trial->calls[i].site, call->site) == 0;
	}
	call->makes = *call->path == '/' && !is_there(trial, call->path);
	trial->call_count++;
}

static void
list_calls(struct trial *trial)
{
	const char *environment[] = {preload, "FI_FAST=1",
	    "FI=any:program=mq-*", count_file, sites_file,
	    trial->workload->is_other_boot ? OTHER_BOOT : NULL, NULL};
	const char *path = strchr(sites_file, '=') + 1;
	char line[4096];
	FILE *file;

	unlink(path);
	put_spool(trial);
	memset(counts, 0, sizeof(*counts));
	run_workload(trial, environment);
	trial->calls = calloc(CALLS_MAX, sizeof(*trial->calls));
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		add_call(trial, line);
	if (file == NULL || trial->call_count == 0)
		give_up(trial, "no calls were seen");
	fclose(file);
}

void
trial_begin(struct trial *trial)
{
	char index[PATH_SIZE * 2];

	join(index, sizeof(index), trial->snapshot, "spool/index.db");
	trial->has_group = access(index, F_OK) == 0 ||
	    trial->workload->kind == KIND_TAKE;
	make_shared(trial);
	child_environment(getenv("MQ_BUILD"), trial->scratch);
	read_text(trial->snapshot, "receipt", trial->receipt,
	    sizeof(trial->receipt));
	trial->receipt[strcspn(trial->receipt, "\n")] = 0;
	read_text(trial->snapshot, "pad", trial->pad, sizeof(trial->pad));
	put_spool(trial);
	trial_look_log(trial, &trial->before.log);
	trial_look_dead(trial, &trial->before.dead);
	trial_drain(trial, &trial->before.ready);
	if (trial->before.log.count < 0 || trial->before.ready.count < 0)
		give_up(trial, "nothing to begin with");
	list_calls(trial);
	trial_run(trial, NULL, 0);
	if (trial->run.status != trial->workload->status) {
		trial->other = trial->run;
		give_up(trial, "fails without faults");
	}
	memcpy(trial->first_out, trial->run.out, OUTPUT_MAX);
}

void
trial_end(struct trial *trial)
{
	free(trial->calls);
	trial->calls = NULL;
}
