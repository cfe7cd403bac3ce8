/* Names of topics and groups, and globs. */
#include "base/parse.h"
#include "base/fail.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_SIZE 249

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz0123456789._-";

bool
is_name_valid(const char *name)
{
	size_t size = strlen(name);

	return size >= 1 && size <= NAME_MAX_SIZE &&
	    strspn(name, name_bytes) == size && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0;
}

/* A printable beginning of a name, for a message. */
static const char *
quote_name(const char *name, char quoted[64])
{
	size_t i;

	for (i = 0; i < 56 && name[i] != '\0'; i++)
		quoted[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
	strcpy(quoted + i, name[i] == '\0' ? "" : "...");
	return quoted;
}

int
check_name(const char *name, const char *what)
{
	char quoted[64];

	if (is_name_valid(name))
		return 0;
	quote_name(name, quoted);
	if (name[0] == '\0')
		return fail(FAIL_USAGE, "%s name is empty", what);
	if (strlen(name) > NAME_MAX_SIZE)
		return fail(FAIL_USAGE,
		    "%s name '%s' is longer than %d characters", what, quoted,
		    NAME_MAX_SIZE);
	if (name[strspn(name, name_bytes)] != '\0')
		return fail(FAIL_USAGE,
		    "%s name '%s': only A-Z a-z 0-9 . _ - are allowed", what,
		    quoted);
	return fail(FAIL_USAGE, "%s name '%s' is a directory's own", what,
	    quoted);
}

bool
is_glob_match(const char *glob, struct slice value)
{
	char small[256], *text = small;
	bool match;

	if (value.data == NULL || memchr(value.data, '\0', value.size) != NULL)
		return false;
	if (value.size >= sizeof(small))
		text = memory_alloc(value.size + 1);
	memcpy(text, value.data, value.size);
	text[value.size] = '\0';
	match = fnmatch(glob, text, 0) == 0;
	if (text != small)
		free(text);
	return match;
}
