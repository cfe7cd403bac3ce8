/* Every tool, from its command line up to where it would open a spool. */
#include "arguments.h"
#include "tools.h"
#include "../../cmd/tool.h"
#include "base/file.h"
#include "spool/state.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} tools[] = {
	{"mq-ack", mq_ack_main}, {"mq-bench", mq_bench_main},
	{"mq-config", mq_config_main}, {"mq-dead", mq_dead_main},
	{"mq-fsck", mq_fsck_main}, {"mq-get", mq_get_main},
	{"mq-group", mq_group_main}, {"mq-put", mq_put_main},
	{"mq-stat", mq_stat_main}, {"mq-topic", mq_topic_main},
	{"mq", mq_main},
};
enum { TOOLS = sizeof(tools) / sizeof(*tools) };

static struct arguments arguments;
static jmp_buf way_out;

/* Memory of the tool that runs. */
static struct {
	bool is_on;
	size_t count;
	void *blocks[4096];
} memory;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static void *
keep(void *block)
{
	if (!memory.is_on || block == NULL)
		return block;
	MUST(memory.count < 4096, "a command line needs little memory");
	return memory.blocks[memory.count++] = block;
}

static void
forget(void *block)
{
	for (size_t i = memory.count; memory.is_on && i-- > 0;) {
		if (memory.blocks[i] != block)
			continue;
		memory.blocks[i] = memory.blocks[--memory.count];
		return;
	}
}

void *
__wrap_malloc(size_t size)
{
	return keep(__real_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return keep(__real_calloc(count, size));
}

void *
__wrap_realloc(void *block, size_t size)
{
	forget(block);
	return keep(__real_realloc(block, size));
}

void
__wrap_free(void *block)
{
	forget(block);
	__real_free(block);
}

/* A tool ends its process, and leaves its memory to that. */
static void
release_memory(void)
{
	memory.is_on = false;
	while (memory.count > 0)
		__real_free(memory.blocks[--memory.count]);
}

static _Noreturn void
stop(void)
{
	longjmp(way_out, 1);
}

/* In place of cmd/tool.c and cmd/tool_signal.c: nothing is printed, no signal
 * is caught, and an exit comes back here. */
const char *tool_name;
volatile sig_atomic_t tool_signal, tool_status, tool_urgent;

void
tool_begin(const char *name)
{
	tool_name = name;
}

void
tool_options(const struct command *command, int argc, char **argv,
    void *values, int *operands, int *worker)
{
	struct buf out = {0};
	int rc;

	MUST(argc <= arguments.argc && argv == arguments.argv, "its own argv");
	arguments.argc = argc;
	rc = parse_and_check(command, &arguments, values, operands, worker);
	if (rc == 0)
		return;
	option_help(command, &out);
	buf_clear(&out);
	option_table(command, &out);
	stop();
}

void
tool_fail(int code)
{
	MUST(fail_status(code) > 0, "a failure has a status");
	MUST(*fail_message() != 0, "and a message");
	stop();
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
	char text[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	MUST(*text != 0, "bad usage is named");
	stop();
}

void
tool_set_quiet(bool quiet)
{
	(void)quiet;
}

void
tool_note(const char *format, ...)
{
	(void)format;
}

void
tool_tell(const char *format, ...)
{
	(void)format;
}

void
tool_catch_signals(void)
{
}

void
tool_catch_two_signals(void)
{
}

void
tool_die_of_signal(int number)
{
	(void)number;
	stop();
}

int
tool_wait_input(int fd, int64_t timeout_ms)
{
	(void)fd;
	(void)timeout_ms;
	return 1;
}

int
tool_write(struct buf *out)
{
	buf_clear(out);
	return 0;
}

/* The one place where more is looked at behind the spool: what a reset is to
 * do is read from the options then. */
struct spool *
tool_spool(const char *directory, enum spool_mode mode)
{
	(void)mode;
	MUST(directory == NULL || is_one_of(directory, &arguments),
	    "a spool is named or the default");
	if (strcmp(arguments.former[0], "mq-group") == 0)
		return NULL;
	stop();
}

/* Brokers are met in the tests of the network. */
const char *
tool_brokers(const char *directory, const char *brokers)
{
	MUST(brokers == NULL || is_one_of(brokers, &arguments),
	    "brokers are named or the default");
	(void)directory;
	if (brokers != NULL)
		stop();
	return NULL;
}

void
tool_listen(struct spool *spool)
{
	(void)spool;
}

int __wrap_state_reset(struct spool *spool, const char *group,
    const char *topic, enum reset kind, int64_t value);

int
__wrap_state_reset(struct spool *spool, const char *group, const char *topic,
    enum reset kind, int64_t value)
{
	(void)spool;
	MUST(is_one_of(group, &arguments) &&
	    (topic == NULL || is_one_of(topic, &arguments)),
	    "a reset names a group");
	MUST((kind != RESET_START && kind != RESET_END) || value == 0,
	    "an end has no value");
	MUST(kind != RESET_OFFSET || value >= 0, "no offset is negative");
	stop();
}

/* Nothing else is done: the Makefile wraps these, too. */
#define STOP_AT(function) \
	_Noreturn void __wrap_##function(void); \
	_Noreturn void __wrap_##function(void) { stop(); }
STOP_AT(spool_open)
STOP_AT(bench_processes_share)
STOP_AT(group_view_list)
STOP_AT(group_view_show)
STOP_AT(state_delete_group)
STOP_AT(keeper_alter_group)

/* Receipts on stdin. */
static void
make_stdin(struct slice content)
{
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("stdin", MFD_CLOEXEC);
		dup2(fd, STDIN_FILENO);
	}
	lseek(fd, 0, SEEK_SET);
	MUST(file_truncate(fd, 0) == 0 && (content.size == 0 ||
	    file_write_at(fd, content.data, content.size, 0) == 0), "stdin");
}

/* mq itself would run programs. */
static bool
is_harmless(int argc, char *const *argv)
{
	return strcmp(argv[0], "mq") != 0 || (argc >= 2 && argv[1][0] == '-' &&
	    strcmp(argv[1], "--help") != 0);
}

static void
run_tool(int (*run)(int argc, char **argv))
{
	memory.is_on = true;
	if (setjmp(way_out) == 0)
		run(arguments.argc, arguments.argv);
	release_memory();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	int tool = take_byte(&input) % TOOLS;
	int argc;

	take_arguments(&arguments, tools[tool].name, &input);
	argc = arguments.argc;
	if (tools[tool].run == mq_ack_main)
		make_stdin((struct slice){data, size});
	if (is_harmless(argc, arguments.argv))
		run_tool(tools[tool].run);
	arguments.argc = argc;
	release_arguments(&arguments);
	return 0;
}
