/* What an open descriptor is called, for messages. */
#include "base/file_label.h"
#include "base/fail.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

struct file_label
file_label(int fd)
{
	int error = errno;
	struct file_label name;
	char link[64];
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, name.text, sizeof(name.text) - 1);
	if (size < 0)
		size = snprintf(name.text, sizeof(name.text), "descriptor %d",
		    fd);
	name.text[size] = 0;
	errno = error;
	return name;
}

int
file_fail(int fd, const char *step)
{
	struct file_label name = file_label(fd);

	return fail_errno("%s: %s", name.text, step);
}
