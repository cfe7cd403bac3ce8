/* Random bytes from the kernel. */
#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void
random_bytes(void *data, size_t size)
{
	unsigned char *at = data;

	while (size > 0) {
		ssize_t got = getrandom(at, size, 0);

		if (got < 0 && errno == EINTR)
			continue;
		/* Without randomness no id could be trusted. */
		if (got < 0)
			abort();
		at += got;
		size -= (size_t)got;
	}
}
