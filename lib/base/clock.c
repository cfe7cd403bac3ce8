/* Time: the only file that asks for it. */
#include "base/clock.h"
#include "base/fail.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifdef CLOCK_BOOTTIME
#define BOOT_CLOCK CLOCK_BOOTTIME
#else
#define BOOT_CLOCK CLOCK_MONOTONIC
#endif

static int64_t
now_us(clockid_t id)
{
	struct timespec now;

	if (clock_gettime(id, &now) != 0)
		abort();
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_boot_us(void)
{
	return now_us(BOOT_CLOCK);
}

int64_t
clock_boot_ms(void)
{
	return clock_boot_us() / 1000;
}

int64_t
clock_wall_ms(void)
{
	return now_us(CLOCK_REALTIME) / 1000;
}

static int
digit_of(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return tolower((unsigned char)c) - 'a' + 10;
}

#define BOOT_FILE "/proc/sys/kernel/random/boot_id"

static struct boot_id this_boot;
static int boot_error;
static pthread_once_t boot_once = PTHREAD_ONCE_INIT;

static void
parse_boot_id(const char *text, size_t size)
{
	int digits = 0;

	for (size_t i = 0; i < size && digits < 32; i++) {
		if (!isxdigit((unsigned char)text[i]))
			continue;
		this_boot.bytes[digits / 2] = (unsigned char)(
		    this_boot.bytes[digits / 2] << 4 | digit_of(text[i]));
		digits++;
	}
}

/* To the end of the file, or until there is no more room: the size. */
static ssize_t
read_text(int fd, char *text, size_t room)
{
	size_t size = 0;

	while (size < room) {
		ssize_t got = read(fd, text + size, room - size);

		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return -1;
		if (got > 0)
			size += (size_t)got;
	}
	return (ssize_t)size;
}

/* Leaves zeros where there is no /proc: every boot then looks the same, and
 * the checks of the log itself have to do. */
static void
read_boot_id(void)
{
	char text[64];
	ssize_t size;
	int fd;

	do
		fd = open(BOOT_FILE, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && (errno == ENOENT || errno == EACCES))
		return;
	size = fd < 0 ? -1 : read_text(fd, text, sizeof(text));
	if (size < 0)
		boot_error = errno;
	else
		parse_boot_id(text, (size_t)size);
	if (fd >= 0)
		close(fd);
}

struct boot_id
clock_boot_id(void)
{
	pthread_once(&boot_once, read_boot_id);
	return this_boot;
}

int
clock_boot_check(void)
{
	pthread_once(&boot_once, read_boot_id);
	if (boot_error == 0)
		return 0;
	errno = boot_error;
	return fail_errno(BOOT_FILE ": read");
}

void
clock_sleep_ms(int64_t ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}
