/* Runs one target over its corpus: each input in a process of its own. */
#include "fuzz.h"
#include "base/file.h"

#include <fcntl.h>
#include <libgen.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INPUT_MAX = 1024 * 1024 };

struct replay {
	int dir;
	const char *target;
	int count;
	int failures;
};

static void
run_input(int dir, const char *name)
{
	struct buf bytes = {0};

	if (file_read_all(dir, name, INPUT_MAX, &bytes) < 0)
		exit(1);
	LLVMFuzzerTestOneInput(bytes.data, bytes.size);
	buf_release(&bytes);
	exit(0);
}

static int
replay_input(const char *name, void *context)
{
	struct replay *replay = context;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		run_input(replay->dir, name);
	replay->count++;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		printf("not ok - %s holds for %s\n", replay->target, name);
		replay->failures++;
	}
	fflush(stdout);
	return 0;
}

/* corpus/NAME belongs to the program fuzz-NAME. Tests run at the top. */
int
main(int argc, char **argv)
{
	const char *name = basename(argv[0]);
	struct replay replay = {.target = name};
	char path[256];

	if (strncmp(name, "fuzz-", 5) == 0)
		name += 5;
	snprintf(path, sizeof(path), "%s/%s",
	    argc > 1 ? argv[1] : "t/fuzz/corpus", name);
	replay.dir = file_open_directory(AT_FDCWD, path);
	if (replay.dir >= 0)
		file_list(replay.dir, replay_input, &replay);
	if (replay.count == 0)
		printf("not ok - %s has inputs in %s\n", replay.target, path);
	else if (replay.failures == 0)
		printf("ok - %s holds for %d inputs\n", replay.target,
		    replay.count);
	return replay.count == 0 || replay.failures > 0;
}
