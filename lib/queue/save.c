/* --save FILE: the payloads of what is delivered, in a file. */
#include "queue/save.h"
#include "base/fail.h"
#include "base/file.h"

#include <unistd.h>

void
save_init(struct save *save, const char *path)
{
	save->path = path;
	save->fd = -1;
}

int
save_payload(struct save *save, struct slice payload)
{
	int result = 0;

	if (save->path == NULL)
		return 0;
	if (save->fd >= 0) {
		result = file_write(save->fd, "\n", 1);
	} else {
		save->fd = file_open_output(save->path);
		if (save->fd < 0)
			return save->fd;
	}
	if (result == 0)
		result = file_write(save->fd, payload.data, payload.size);
	if (result == -FAIL_NOTHING)
		return fail(FAIL_IO, "%s: the reader has gone", save->path);
	return result;
}

void
save_release(struct save *save)
{
	if (save->fd >= 0)
		close(save->fd);
	save->fd = -1;
}
