/* One state of a disk, put there and given to a fresh process. */
#include "trial.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_S = 60, DEPTH_MAX = 4 };

/* What a kill leaves is the boot of the run before it. */
static bool is_cut_at[DEPTH_MAX];

const char *
trial_boot(int depth, bool is_killed)
{
	static const char *const boots[DEPTH_MAX] = {
		"11111111-1111-4111-8111-111111111111",
		"22222222-2222-4222-8222-222222222222",
		"33333333-3333-4333-8333-333333333333",
		"44444444-4444-4444-8444-444444444444",
	};

	is_cut_at[depth] = !is_killed;
	for (int i = depth; i >= 0; i--) {
		if (is_cut_at[i])
			return boots[i];
	}
	return NULL;
}

static int
remove_entry(const char *path, const struct stat *status, int type,
    struct FTW *walk)
{
	(void)status, (void)type;
	return walk->level == 0 ? 0 : remove(path);
}

static int
put_image(const char *root, const struct image *image)
{
	mkdir(root, 0700);
	if (nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 &&
	    image_write(image, root) == 0)
		return 0;
	fprintf(stderr, "crash: cannot write to %s\n", root);
	exit(71);
}

/* In the child: the boot id is asked for once in a process. */
static void
enter(const struct trial *trial, char path[600])
{
	alarm(LIMIT_S);
	setenv("FI_FAST", "1", 1);
	if (trial->boot != NULL)
		setenv("FI_BOOT", trial->boot, 1);
	snprintf(path, 600, "%s/%s", trial->root, trial->spool);
}

/* Memory that children write to. */
static char *
shared_text(void)
{
	static char *text;

	if (text == NULL)
		text = mmap(NULL, WHY_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return text;
}

int
trial_run(struct trial *trial, const struct image *image)
{
	char *why = shared_text();
	char path[600];
	int status;
	pid_t pid;

	snprintf(trial->root, sizeof(trial->root), "%s/state",
	    trial->scratch);
	put_image(trial->root, image);
	*why = 0;
	pid = fork();
	if (pid == 0) {
		enter(trial, path);
		_exit(verify(path, trial->promises, trial->boot == NULL,
		    why) == 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	snprintf(trial->why, WHY_SIZE, "%s", why);
	if (WIFSIGNALED(status))
		snprintf(trial->why, WHY_SIZE, "the check died of signal %d%s",
		    WTERMSIG(status),
		    WTERMSIG(status) == SIGALRM ? " (it hung)" : "");
	return status == 0 ? 0 : -1;
}

int
trial_record(struct trial *trial, const struct image *image,
    struct model *model)
{
	char path[600], trace[600];
	int status;
	pid_t pid;

	snprintf(trial->root, sizeof(trial->root), "%s/deep",
	    trial->scratch);
	snprintf(trace, sizeof(trace), "%s/trace", trial->scratch);
	put_image(trial->root, image);
	if (trace_make(trace) < 0 || model_open(model, NULL, trial->root) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		enter(trial, path);
		if (trace_start(trace) < 0)
			_exit(2);
		_exit(verify_recover(path) < 0);
	}
	waitpid(pid, &status, 0);
	model->trace = trace_read(trace);
	return model->trace == NULL ? -1 : 0;
}
