/* Errors of the library: a negative code, and one message for the user. */
#include "base/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 2048 };

static _Thread_local char last_message[MESSAGE_SIZE];

int
fail(enum fail code, const char *format, ...)
{
	/* The arguments may be the last message itself. */
	char text[MESSAGE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	memcpy(last_message, text, sizeof(text));
	return -(int)code;
}

static enum fail
code_of_errno(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return FAIL_AGAIN;
	case EACCES:
	case EPERM:
	case EROFS:
		return FAIL_PERMISSION;
	case ENOENT:
		return FAIL_MISSING;
	case EIO:
		return FAIL_IO;
	default:
		return FAIL_SYSTEM;
	}
}

int
fail_errno(const char *format, ...)
{
	int error = errno;
	char text[MESSAGE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return fail(code_of_errno(error), "%s: %s", text, strerror(error));
}

const char *
fail_message(void)
{
	return last_message;
}

int
fail_status(int code)
{
	if (code >= 0)
		return 0;
	if (code == -FAIL_CORRUPT || code == -FAIL_STOPPED)
		return FAIL_IO;
	return -code;
}
