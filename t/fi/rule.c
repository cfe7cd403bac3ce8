/* Faults by rules, given in the environment. */
#include "rule.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct rule {
	unsigned ops;
	char pattern[200];
	uint64_t nth; /* 0: each call */
	bool is_forever;
	bool kills_before;
	bool stops;
	long delay_us;
	struct verdict verdict;
};

static struct rule rules[RULES_MAX];
static size_t rule_count;
static struct rule_counts own_counts;
static struct rule_counts *counts = &own_counts;
static const int64_t *clock_offsets;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
	const char *name;
	unsigned ops;
} op_names[] = {
	{"open", RULE_OPEN}, {"read", RULE_READ}, {"write", RULE_WRITE},
	{"truncate", RULE_TRUNCATE}, {"rename", RULE_RENAME},
	{"unlink", RULE_UNLINK}, {"mkdir", RULE_MKDIR}, {"sync", RULE_SYNC},
	{"lock", RULE_LOCK}, {"map", RULE_MAP},
	{"any", ~0U},
};

static const struct {
	const char *name;
	int error;
} error_names[] = {
	{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EINTR", EINTR},
	{"EMFILE", EMFILE}, {"ENOMEM", ENOMEM}, {"EDQUOT", EDQUOT},
	{"EROFS", EROFS}, {"EACCES", EACCES}, {"EAGAIN", EAGAIN},
	{"ENFILE", ENFILE},
};

static _Noreturn void
refuse(const char *what)
{
	fprintf(stderr, "libfi: cannot understand '%s'\n", what);
	_exit(70);
}

static unsigned
parse_op(const char *text)
{
	for (size_t i = 0; i < sizeof(op_names) / sizeof(*op_names); i++) {
		if (strcmp(op_names[i].name, text) == 0)
			return op_names[i].ops;
	}
	refuse(text);
}

static int
parse_error(const char *text)
{
	for (size_t i = 0; i < sizeof(error_names) / sizeof(*error_names);
	     i++) {
		if (strcmp(error_names[i].name, text) == 0)
			return error_names[i].error;
	}
	refuse(text);
}

static void
parse_action(struct rule *rule, const char *text)
{
	const char *equals = strchr(text, '=');
	const char *value = equals == NULL ? "" : equals + 1;
	struct verdict *verdict = &rule->verdict;

	if (strncmp(text, "errno=", 6) == 0) {
		verdict->error = parse_error(value);
	} else if (strncmp(text, "short=", 6) == 0 ||
	    strncmp(text, "torn=", 5) == 0) {
		verdict->is_limited = true;
		verdict->limit = strtoul(value, NULL, 10);
		verdict->kills_after = *text == 't';
	} else if (strncmp(text, "delay=", 6) == 0) {
		rule->delay_us = atol(value);
	} else if (strcmp(text, "kill-before") == 0) {
		rule->kills_before = true;
	} else if (strcmp(text, "kill-after") == 0) {
		verdict->kills_after = true;
	} else if (strcmp(text, "stop") == 0) {
		rule->stops = true;
	} else if (strcmp(text, "lie") == 0) {
		verdict->is_lie = true;
	} else {
		refuse(text);
	}
}

static void
parse_rule(struct rule *rule, char *text)
{
	char *op = strsep(&text, ":"), *pattern = strsep(&text, ":");
	char *nth = strsep(&text, ":"), *end;

	if (text == NULL)
		refuse(op);
	rule->ops = parse_op(op);
	snprintf(rule->pattern, sizeof(rule->pattern), "%s", pattern);
	if (strcmp(nth, "*") != 0) {
		rule->nth = strtoull(nth, &end, 10);
		rule->is_forever = *end == '+';
		if (rule->nth == 0)
			refuse(nth);
	}
	while (text != NULL)
		parse_action(rule, strsep(&text, ","));
}

static void *
map_file(const char *variable, size_t size)
{
	const char *path = getenv(variable);
	void *at;
	int fd;

	if (path == NULL)
		return NULL;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path,
	    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || syscall(SYS_ftruncate, fd, (long)size) < 0)
		refuse(path);
	at = (void *)syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0L);
	syscall(SYS_close, fd);
	if (at == MAP_FAILED)
		refuse(path);
	return at;
}

static void
parse_rules(void)
{
	const char *text = getenv("FI");
	char *copy, *rest;

	clock_offsets = map_file("FI_CLOCK", 2 * sizeof(int64_t));
	if (text == NULL || *text == 0)
		return;
	counts = map_file("FI_COUNT", sizeof(*counts));
	if (counts == NULL)
		counts = &own_counts;
	rest = copy = strdup(text);
	while (rest != NULL && rule_count < RULES_MAX)
		parse_rule(&rules[rule_count++], strsep(&rest, ";"));
	free(copy);
}

static void
find_path(int fd, const char *name, char *path, size_t size)
{
	char link[40];
	ssize_t got = 0;

	if (name != NULL && (*name == '/' || fd == AT_FDCWD)) {
		snprintf(path, size, "%s", name);
		return;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = readlink(link, path, size - 1);
	if (got < 0)
		got = 0;
	path[got] = 0;
	if (name != NULL)
		snprintf(path + got, size - (size_t)got, "/%s", name);
}

static bool
is_due(const struct rule *rule, uint64_t call)
{
	return rule->nth == 0 || call == rule->nth ||
	    (rule->is_forever && call > rule->nth);
}

static void
strike(const struct rule *rule)
{
	struct timespec pause = {rule->delay_us / 1000000,
	    rule->delay_us % 1000000 * 1000};

	if (rule->delay_us > 0)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	if (rule->stops)
		raise(SIGSTOP);
	if (rule->kills_before)
		raise(SIGKILL);
}

struct verdict
rule_judge(enum rule_op op, int fd, const char *name)
{
	struct verdict verdict = {0};
	int error = errno;
	char path[1024];

	pthread_once(&once, parse_rules);
	if (rule_count == 0)
		return verdict;
	find_path(fd, name, path, sizeof(path));
	for (size_t i = 0; i < rule_count; i++) {
		const struct rule *rule = &rules[i];

		if (!(rule->ops & op) ||
		    fnmatch(rule->pattern, path, 0) != 0 ||
		    !is_due(rule, __atomic_add_fetch(&counts->calls[i], 1,
		        __ATOMIC_SEQ_CST)))
			continue;
		__atomic_add_fetch(&counts->faults[i], 1, __ATOMIC_SEQ_CST);
		strike(rule);
		verdict = rule->verdict;
	}
	errno = error;
	return verdict;
}

void
rule_after(struct verdict verdict)
{
	if (verdict.kills_after)
		raise(SIGKILL);
}

const int64_t *
rule_clock(void)
{
	pthread_once(&once, parse_rules);
	return clock_offsets;
}
