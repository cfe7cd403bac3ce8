/* Time: the only file that asks for it. */
#include "base/clock.h"

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

static struct boot_id this_boot;

/* Leaves zeros where there is no /proc: every boot then looks the same, and
 * the checks of the log itself have to do. */
static void
read_boot_id(void)
{
	char text[64];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t size;
	int digits = 0;

	if (fd < 0)
		return;
	size = read(fd, text, sizeof(text));
	close(fd);
	for (ssize_t i = 0; i < size && digits < 32; i++) {
		if (!isxdigit((unsigned char)text[i]))
			continue;
		this_boot.bytes[digits / 2] = (unsigned char)(
		    this_boot.bytes[digits / 2] << 4 | digit_of(text[i]));
		digits++;
	}
}

struct boot_id
clock_boot_id(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_boot_id);
	return this_boot;
}

void
clock_sleep_ms(int64_t ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}
