/* Where in a program a call comes from, and a list of all calls. */
#include "sites.h"
#include "plain.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FRAMES_MAX = 24, CALLERS = 3 };

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Between the program and us: ourselves, and a sanitizer that wraps calls. */
static bool
is_wrapper(const Dl_info *info)
{
	Dl_info own;

	dladdr((void *)site_find, &own);
	return info->dli_fbase == own.dli_fbase ||
	    strncmp(last_name(info->dli_fname), "libasan", 7) == 0;
}

void
site_find(char site[SITE_MAX])
{
	void *frames[FRAMES_MAX];
	int count = backtrace(frames, FRAMES_MAX), told = 0;
	size_t size = 0;
	Dl_info info;

	*site = 0;
	for (int i = 0; i < count && told < CALLERS; i++) {
		if (dladdr(frames[i], &info) == 0 || is_wrapper(&info))
			continue;
		size += (size_t)snprintf(site + size, SITE_MAX - size,
		    "%s%.60s+%zx", told == 0 ? "" : "<",
		    last_name(info.dli_fname),
		    (size_t)((char *)frames[i] - (char *)info.dli_fbase));
		told++;
		if (size >= SITE_MAX)
			break;
	}
}

void
site_tell(const char *file, uint64_t number, enum call call,
    const char *site, const char *path, const char *done)
{
#define CALL_ITEM(name) #name,
	static const char *const names[] = {CALLS(CALL_ITEM)};
#undef CALL_ITEM
	char line[2048];
	int fd, size;

	size = snprintf(line, sizeof(line),
	    "%llu\t%s\t%s\t%d\t%s\t%s\t%s\n", (unsigned long long)number,
	    names[call], program_invocation_short_name, (int)getpid(), site,
	    *path ? path : "-", done);
	if (size >= (int)sizeof(line))
		size = (int)sizeof(line) - 1;
	fd = (int)plain(SYS_openat, AT_FDCWD, file,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		_exit(70);
	plain(SYS_write, fd, line, (size_t)size);
	plain(SYS_close, fd);
}
