/* What every tool does alike: options, messages, exit status, output. */
#include "tool.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *tool_name = "mq";
static bool is_quiet;

/* One line on stderr, in one write so that lines of processes stay whole. */
static void
print_line(const char *format, va_list arguments)
{
	struct buf line = {0};
	char text[4096];

	vsnprintf(text, sizeof(text), format, arguments);
	buf_printf(&line, "%s: %s\n", tool_name, text);
	(void)!write(STDERR_FILENO, line.data, line.size);
	buf_release(&line);
}

/* Whoever dies here has left all as kill -9 does. */
static void
end_without_memory(size_t size)
{
	char line[200];
	int length = snprintf(line, sizeof(line),
	    "%s: allocate %zu bytes: %s\n", tool_name, size,
	    strerror(ENOMEM));

	(void)!write(STDERR_FILENO, line, (size_t)length);
	_exit(FAIL_SYSTEM);
}

/* SQLite maps index.db-shm: who cuts that short takes pages away under it. Any
 * other error on a bus kills, as ever. */
static void
end_without_page(int number, siginfo_t *info, void *context)
{
	static const char text[] = ": index.db-shm: cut short by another "
	    "process while it was in use\n";

	(void)context;
	if (info->si_code != BUS_ADRERR)
		tool_die_of_signal(number);
	(void)!write(STDERR_FILENO, tool_name, strlen(tool_name));
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(FAIL_IO);
}

void
tool_begin(const char *name)
{
	struct sigaction action = {
		.sa_sigaction = end_without_page,
		.sa_flags = SA_SIGINFO,
	};

	tool_name = name;
	memory_set_end(end_without_memory);
	sigaction(SIGBUS, &action, NULL);
}

void
tool_tell(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(format, arguments);
	va_end(arguments);
}

static _Noreturn void
exit_usage(void)
{
	dprintf(STDERR_FILENO, "Try '%s --help'.\n", tool_name);
	exit(FAIL_USAGE);
}

void
tool_fail(int code)
{
	tool_tell("%s", fail_message());
	if (code == -FAIL_USAGE)
		exit_usage();
	exit(fail_status(code));
}

void
tool_must(int code)
{
	if (code < 0)
		tool_fail(code);
}

void
tool_usage(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(format, arguments);
	va_end(arguments);
	exit_usage();
}

void
tool_set_quiet(bool quiet)
{
	is_quiet = quiet;
}

void
tool_note(const char *format, ...)
{
	va_list arguments;

	if (is_quiet)
		return;
	va_start(arguments, format);
	print_line(format, arguments);
	va_end(arguments);
}

/* A closed standard descriptor would be given to the next file opened, and
 * messages would be written into the log. Opened the wrong way round, it still
 * fails when used. */
static void
take_standard_descriptors(void)
{
	int fd, taken;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		taken = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
		if (taken != fd)
			_exit(FAIL_SYSTEM);
	}
}

static _Noreturn void
print_and_exit(struct buf *out)
{
	int result = tool_write(out);

	exit(fail_status(result));
}

void
tool_options(const struct command *command, int argc, char **argv,
    void *values, int *operands, int *worker)
{
	struct buf out = {0};
	int result;

	tool_begin(command->name);
	take_standard_descriptors();
	/* A limit on the size of files (ulimit -f) is as a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	result = option_parse(command, argc, argv, values, operands, worker);
	switch (result) {
	case 0:
		return;
	case OPTION_HELP:
		option_help(command, &out);
		print_and_exit(&out);
	case OPTION_VERSION:
		buf_printf(&out, "%s (mq) %s\n", command->name, TOOL_VERSION);
		print_and_exit(&out);
	case OPTION_TABLE:
		option_table(command, &out);
		print_and_exit(&out);
	default:
		tool_usage("%s", fail_message());
	}
}

static void
tell(const char *topic, const char *text)
{
	tool_tell("%s: %s", topic, text);
}

void
tool_listen(struct spool *spool)
{
	spool_listen(spool, tell);
}

struct spool *
tool_spool(const char *directory, enum spool_mode mode)
{
	struct buf path = {0};
	struct spool *spool;

	spool_choose_path(directory, &path);
	tool_must(spool_open(&spool, buf_text(&path), mode,
	    is_spool_forced()));
	buf_release(&path);
	tool_listen(spool);
	return spool;
}

const char *
tool_brokers(const char *directory, const char *brokers)
{
	const char *named = getenv("MQ_BROKERS"), *spool = getenv("MQ_SPOOL");

	if (directory != NULL && brokers != NULL)
		tool_usage("-C and -b exclude each other");
	if (directory != NULL || brokers != NULL)
		return brokers;
	if (named == NULL || *named == '\0')
		return NULL;
	if (spool != NULL && *spool != '\0')
		tool_usage("MQ_SPOOL and MQ_BROKERS are both set: "
		    "say -C or -b");
	return named;
}

int
tool_write(struct buf *out)
{
	int result = 0;

	if (out->size > 0)
		result = file_write(STDOUT_FILENO, out->data, out->size);
	buf_clear(out);
	if (result < 0 && result != -FAIL_NOTHING) {
		tool_tell("%s", fail_message());
		exit(FAIL_IO);
	}
	return result;
}
