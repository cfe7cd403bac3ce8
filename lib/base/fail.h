/* Errors of the library: a negative code, and one message for the user. */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

/*
 * Codes below 100 are exit statuses (sysexits(3)); the ones above carry more
 * for callers in lib/ and are mapped by fail_status(). Functions return
 * a value >= 0, or the negative of one of these.
 */
enum fail {
	FAIL_NOTHING = 1,      /* no message, lease lost, condition false */
	FAIL_USAGE = 64,
	FAIL_DATA = 65,        /* bad input data */
	FAIL_MISSING = 66,     /* no such topic, group or file */
	FAIL_UNAVAILABLE = 69,
	FAIL_BUG = 70,
	FAIL_SYSTEM = 71,
	FAIL_CREATE = 73,
	FAIL_IO = 74,
	FAIL_AGAIN = 75,       /* full, locked, timed out: try again later */
	FAIL_PROTOCOL = 76,
	FAIL_PERMISSION = 77,
	FAIL_CONFIG = 78,
	FAIL_CORRUPT = 100,    /* exits 74 */
	FAIL_STOPPED = 101,    /* partition stopped by an I/O error; exits 74 */
};

/* Records the message and returns -code. Valid until the next failure of
 * this thread. */
int fail(enum fail code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As fail(), with the code and the text of errno appended: ENOSPC, EDQUOT and
 * EFBIG are FAIL_AGAIN; EACCES, EPERM and EROFS FAIL_PERMISSION; ENOENT
 * FAIL_MISSING; EIO FAIL_IO; the rest FAIL_SYSTEM. */
int fail_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The message of this thread's last failure, without a newline; "" if none. */
const char *fail_message(void);

/* The exit status for a return value of the library: 0 if >= 0. */
int fail_status(int code);

#endif
