/* mq: runs mq-COMMAND; lists the commands. */
#include "tool.h"
#include "commands.h"

#include "base/fail.h"
#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const struct option_spec options[] = {{0}};

static const struct command command = {
	.name = "mq",
	.operands = "COMMAND [ARGUMENT...]",
	.summary = "a message queue that is a directory; see mq help",
	.options = options,
};

static _Noreturn void
fail_unknown(const char *name)
{
	struct buf near = {0};

	if (commands_nearest(name, &near))
		tool_usage("'%s' is not a command; did you mean '%s'?", name,
		    buf_text(&near));
	tool_usage("'%s' is not a command; 'mq help' lists them", name);
}

/* Becomes mq-NAME: the one beside us, else the first in PATH. */
static _Noreturn void
run(const char *name, char **argv)
{
	struct buf path = {0}, file = {0};

	if (!is_name_valid(name))
		fail_unknown(name);
	buf_printf(&file, "mq-%s", name);
	commands_directory(&path);
	buf_printf(&path, "/mq-%s", name);
	argv[0] = memory_copy_text(buf_text(&file));
	execv(buf_text(&path), argv);
	if (errno == ENOENT)
		execvp(argv[0], argv);
	if (errno == ENOENT)
		fail_unknown(name);
	tool_fail(fail_errno("%s", argv[0]));
}

/* True if the command ends with 0; it is quiet. */
static bool
is_success(const char *const argv[])
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL,
	    (char *const *)(uintptr_t)argv, environ) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

/* The manual page, or if that is not installed the tool's own help. */
static _Noreturn void
help_on(const char *name)
{
	struct buf page = {0};
	char *help[] = {NULL, "--help", NULL};

	if (!is_name_valid(name))
		fail_unknown(name);
	buf_printf(&page, "mq-%s", name);
	if (is_success((const char *[]){"man", "-w", buf_text(&page), NULL}))
		execlp("man", "man", buf_text(&page), (char *)NULL);
	run(name, help);
}

static int
help(void)
{
	struct buf out = {0};

	buf_append_text(&out, "Usage: mq COMMAND [ARGUMENT...]\n"
	    "       mq help [COMMAND]\n       mq --version\n\nCommands:\n");
	commands_list(&out);
	return fail_status(tool_write(&out));
}

int
main(int argc, char **argv)
{
	int at, end;
	char none;

	tool_begin(command.name);
	if (argc < 2)
		tool_usage("a command is expected; 'mq help' lists them");
	if (strcmp(argv[1], "--help") == 0)
		return help();
	if (argv[1][0] == '-') /* ours are all before the command */
		tool_options(&command, 2, argv, &none, &at, &end);
	if (argv[1][0] == '-')
		tool_usage("a command is expected, not '%s'", argv[1]);
	if (strcmp(argv[1], "help") != 0)
		run(argv[1], argv + 1);
	if (argc > 2)
		help_on(argv[2]);
	return help();
}
