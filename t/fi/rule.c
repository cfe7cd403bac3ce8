/* Faults by rules: judging a call. */
#include "rule.h"
#include "plain.h"
#include "sites.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A call as rules look at it; path and site are found when asked for. */
struct found {
	enum call call;
	int fd;
	const char *name;
	bool has_path, has_site;
	char path[1024];
	char site[SITE_MAX];
};

static struct rule rules[RULES_MAX];
static size_t rule_count;
static const char *sites_file;
static struct rule_counts own_counts;
static struct rule_counts *counts = &own_counts;
static const int64_t *clock_offsets;
static bool has_begun;
static __thread int paused __attribute__((tls_model("initial-exec")));

void
rule_pause(void)
{
	paused++;
}

void
rule_resume(void)
{
	paused--;
}

static void *
map_file(const char *variable, size_t size)
{
	const char *path = getenv(variable);
	void *at;
	int fd;

	if (path == NULL)
		return NULL;
	fd = (int)plain(SYS_openat, AT_FDCWD, path,
	    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || plain(SYS_ftruncate, fd, (long)size) < 0)
		_exit(70);
	at = (void *)plain(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0L);
	plain(SYS_close, fd);
	if (at == MAP_FAILED)
		_exit(70);
	return at;
}

/* The first backtrace loads a library: now, not in the midst of a malloc. */
static void
prepare_sites(void)
{
	bool is_asked = sites_file != NULL;
	char site[SITE_MAX];

	for (size_t i = 0; i < rule_count; i++)
		is_asked |= *rules[i].site != 0;
	if (is_asked)
		site_find(site);
}

/* Libraries that begin before us may make calls without an environment. */
__attribute__((constructor)) static void
begin(void)
{
	const char *text = getenv("FI");

	rule_pause();
	clock_offsets = map_file("FI_CLOCK", 3 * sizeof(int64_t));
	counts = map_file("FI_COUNT", sizeof(*counts));
	if (counts == NULL)
		counts = &own_counts;
	sites_file = getenv("FI_SITES");
	rule_count = rule_parse(text == NULL ? "" : text, rules);
	prepare_sites();
	has_begun = true;
	rule_resume();
}

static void
find_path(struct found *found)
{
	const char *name = found->name;
	char link[40];
	ssize_t got = 0;

	if (found->has_path)
		return;
	found->has_path = true;
	if (name != NULL && (*name == '/' || found->fd == AT_FDCWD)) {
		snprintf(found->path, sizeof(found->path), "%s", name);
		return;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", found->fd);
	if (found->fd >= 0)
		got = plain(SYS_readlinkat, AT_FDCWD, link, found->path,
		    sizeof(found->path) - 1);
	if (got < 0)
		got = 0;
	found->path[got] = 0;
	if (name != NULL)
		snprintf(found->path + got, sizeof(found->path) - (size_t)got,
		    "/%s", name);
}

static void
find_site(struct found *found)
{
	if (!found->has_site)
		site_find(found->site);
	found->has_site = true;
}

static bool
fits(const struct rule *rule, struct found *found)
{
	if (!rule->fits[found->call])
		return false;
	if (*rule->program && fnmatch(rule->program,
	        program_invocation_short_name, FNM_EXTMATCH) != 0)
		return false;
	if (*rule->path) {
		find_path(found);
		if (fnmatch(rule->path, found->path, FNM_EXTMATCH) != 0)
			return false;
	}
	if (*rule->site) {
		find_site(found);
		return fnmatch(rule->site, found->site, FNM_EXTMATCH) == 0;
	}
	return true;
}

static bool
is_due(const struct rule *rule, uint64_t number)
{
	return rule->nth == 0 || number == rule->nth ||
	    (rule->is_forever && number > rule->nth);
}

static void
tell(struct found *found, uint64_t number, const char *done)
{
	if (sites_file == NULL)
		return;
	find_path(found);
	find_site(found);
	site_tell(sites_file, number, found->call, found->site, found->path,
	    done);
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

/* The last rule that strikes decides. */
static const struct rule *
judge(struct found *found)
{
	const struct rule *hit = NULL;
	uint64_t first = 0;

	for (size_t i = 0; i < rule_count; i++) {
		uint64_t number;

		if (!fits(&rules[i], found))
			continue;
		number = __atomic_add_fetch(&counts->calls[i], 1,
		    __ATOMIC_SEQ_CST);
		if (first == 0)
			first = number;
		if (!is_due(&rules[i], number))
			continue;
		__atomic_add_fetch(&counts->faults[i], 1, __ATOMIC_SEQ_CST);
		hit = &rules[i];
	}
	if (rule_count == 0 && !is_allocation(found->call))
		first = __atomic_add_fetch(&counts->told, 1, __ATOMIC_SEQ_CST);
	if (first != 0)
		tell(found, first, hit == NULL ? "-" : hit->actions);
	return hit;
}

struct verdict
rule_judge(enum call call, int fd, const char *name)
{
	struct found found;
	const struct rule *hit;
	int error = errno;

	if (paused || !has_begun || (rule_count == 0 && sites_file == NULL))
		return (struct verdict){0};
	rule_pause();
	found.call = call;
	found.fd = fd;
	found.name = name;
	found.has_path = found.has_site = false;
	hit = judge(&found);
	rule_resume();
	if (hit != NULL)
		strike(hit);
	errno = error;
	return hit == NULL ? (struct verdict){0} : hit->verdict;
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
	return clock_offsets;
}
