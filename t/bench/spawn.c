/* Times commands as a shell would start them, taking turns.
 *
 *   spawn ROUNDS -- COMMAND [ARG...] [-- COMMAND [ARG...]]...
 *
 * Prints for each command a line: median microseconds from its start until it
 * is reaped, and the largest resident memory in KiB. Their output is dropped.
 * SPAWN_PAUSE is a time in milliseconds to rest after each, for commands that
 * leave work behind in the background. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { COMMANDS_MAX = 8, ROUNDS_MAX = 10000 };

struct command {
	char **argv;
	double times[ROUNDS_MAX];
	long memory;
};

static struct command commands[COMMANDS_MAX];

static double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
run_once(struct command *command, int round)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double start;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY,
	    0);
	start = now_us();
	if (posix_spawnp(&pid, command->argv[0], &actions, NULL, command->argv,
		environ) != 0) {
		fprintf(stderr, "spawn: cannot start %s\n", command->argv[0]);
		exit(71);
	}
	wait4(pid, &status, 0, &usage);
	command->times[round] = now_us() - start;
	if (usage.ru_maxrss > command->memory)
		command->memory = usage.ru_maxrss;
	if (status != 0) {
		fprintf(stderr, "spawn: %s failed\n", command->argv[0]);
		exit(70);
	}
	posix_spawn_file_actions_destroy(&actions);
	if (getenv("SPAWN_PAUSE") != NULL)
		usleep((useconds_t)atoi(getenv("SPAWN_PAUSE")) * 1000);
}

static int
compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

int
main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0, count = 0, i, k;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 64;
	for (i = 2; i < argc && count < COMMANDS_MAX; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		commands[count++].argv = &argv[i + 1];
	}
	for (i = 0; i < rounds; i++)
		for (k = 0; k < count; k++)
			run_once(&commands[k], i);
	for (k = 0; k < count; k++) {
		qsort(commands[k].times, (size_t)rounds, sizeof(double),
		    compare);
		printf("%.1f %ld\n", commands[k].times[rounds / 2],
		    commands[k].memory);
	}
	return 0;
}
