/* Calls on time, waiting and whatever passes through syscall(2). */
#include "calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ASKED_NS = 1000, SECOND_NS = 1000000000, ONCE_MAX = 8 };

static int64_t passed_ns;
static const char *boot;
static long boots = 1;
static struct trace_clocks start;
static bool is_started;
static uint64_t chance;

/* As the C library does: more arguments than there may be. */
__attribute__((no_sanitize_address)) static long
pass(long number, va_list list)
{
	static long (*real)(long, ...);
	long arguments[6];

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	return real(number, arguments[0], arguments[1], arguments[2],
	    arguments[3], arguments[4], arguments[5]);
}

long
plain(long number, ...)
{
	va_list list;
	long rc;

	va_start(list, number);
	rc = pass(number, list);
	va_end(list);
	return rc;
}

/* Nobody else is there who could wake: what has an end has come to it. */
static long
wait_for_wake(const uint32_t *word, uint32_t expected,
    const struct timespec *limit)
{
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) {
		errno = EAGAIN;
		return -1;
	}
	if (limit == NULL)
		disk_stop("waits for a wake without an end");
	disk_pass((int64_t)limit->tv_sec * SECOND_NS + limit->tv_nsec);
	errno = ETIMEDOUT;
	return -1;
}

/* Without openat2 the file layer falls back to openat. */
long
syscall(long number, ...)
{
	va_list list, again;
	long rc = 0;

	if (number == SYS_openat2) {
		errno = ENOSYS;
		return -1;
	}
	va_start(list, number);
	va_copy(again, list);
	if (number == SYS_futex) {
		uint32_t *word = va_arg(again, uint32_t *);
		int what = va_arg(again, int);

		if (what == FUTEX_WAIT) {
			uint32_t expected = va_arg(again, uint32_t);

			rc = wait_for_wake(word, expected,
			    va_arg(again, const struct timespec *));
		} else if (what != FUTEX_WAKE) {
			rc = pass(number, list);
		}
	} else {
		rc = pass(number, list);
	}
	va_end(again);
	va_end(list);
	return rc;
}

int64_t
disk_now(void)
{
	return passed_ns;
}

void
disk_pass(int64_t ns)
{
	passed_ns += ns;
}

static int64_t
ask_kernel(long clock)
{
	struct timespec now = {0};

	plain(SYS_clock_gettime, clock, &now);
	return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

void
calls_reset_time(uint64_t seed)
{
	passed_ns = 0;
	chance = seed;
	if (!is_started)
		start = (struct trace_clocks){
			.wall_ns = ask_kernel(CLOCK_REALTIME),
			.boot_ns = ask_kernel(CLOCK_BOOTTIME),
		};
	is_started = true;
}

void
calls_set_clocks(const struct trace_clocks *clocks)
{
	start = *clocks;
	is_started = true;
}

/* All but the wall clock follow the one of the boot. */
int
clock_gettime(clockid_t id, struct timespec *now)
{
	bool is_wall = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
	int64_t ns;

	if (!is_started)
		return (int)plain(SYS_clock_gettime, (long)id, now);
	passed_ns += ASKED_NS;
	ns = (is_wall ? start.wall_ns : start.boot_ns) + passed_ns;
	now->tv_sec = ns / SECOND_NS;
	now->tv_nsec = ns % SECOND_NS;
	return 0;
}

int
nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	disk_pass((int64_t)time->tv_sec * SECOND_NS + time->tv_nsec);
	return 0;
}

int
usleep(useconds_t us)
{
	disk_pass((int64_t)us * 1000);
	return 0;
}

void
calls_set_boot(const char *id)
{
	boots += boot != id;
	boot = id;
}

/* What is found out once in a process is found out once in a boot. */
int
pthread_once(pthread_once_t *control, void (*init)(void))
{
	static struct {
		pthread_once_t *control;
		long boot;
	} done[ONCE_MAX];
	int i = 0;

	while (done[i].control != NULL && done[i].control != control)
		if (++i == ONCE_MAX)
			disk_stop("too much is found out once");
	if (done[i].control == control && done[i].boot == boots)
		return 0;
	done[i].control = control;
	done[i].boot = boots;
	init();
	return 0;
}

/* SQLite takes the beginning of its chance from /dev/urandom. */
int
calls_open_instead(const char *path)
{
	int fd;

	if (strcmp(path, "/dev/urandom") == 0)
		return (int)plain(SYS_openat, (long)AT_FDCWD, "/dev/zero",
		    (long)(O_RDONLY | O_CLOEXEC), 0L);
	if (boot == NULL ||
	    strcmp(path, "/proc/sys/kernel/random/boot_id") != 0)
		return -1;
	fd = memfd_create("boot_id", MFD_CLOEXEC);
	if (fd >= 0)
		plain(SYS_pwrite64, (long)fd, boot, strlen(boot), 0L);
	return fd;
}

ssize_t
getrandom(void *into, size_t size, unsigned flags)
{
	unsigned char *at = into;

	(void)flags;
	for (size_t i = 0; i < size; i++) {
		chance = chance * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
		at[i] = (unsigned char)(chance >> 56);
	}
	return (ssize_t)size;
}
