/* Text to numbers, durations, sizes and times, and back. */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include "base/buf.h"

/* "inf": no limit. Larger than any real duration, size or count. */
#define PARSE_INFINITE INT64_MAX

/* All of text must be used; `what` names the thing in the message, which says
 * what was read and what would be right. -FAIL_USAGE on bad text or range. */
int parse_integer(const char *text, const char *what, int64_t min, int64_t max,
    int64_t *value);

/* 500ms 30s 5m 2h 7d, or bare seconds ("1.5"); 0 is none, inf no limit. */
int parse_duration(const char *text, const char *what, int64_t *ms);

/* Bytes: 64K 1M 1G (powers of 1024), bare bytes, inf. */
int parse_size(const char *text, const char *what, int64_t *bytes);

/* Wall-clock milliseconds since 1970: RFC 3339, @EPOCH[.fraction] in seconds,
 * or relative to now: -1h, +5m. now_ms is the wall clock. */
int parse_time(const char *text, const char *what, int64_t now_ms,
    int64_t *ms);

/* "1..3" durations: --backoff 1s..1h. */
int parse_duration_range(const char *text, const char *what, int64_t *low_ms,
    int64_t *high_ms);

/* The shortest that is exact: 90s, 1h; 64K. A time: RFC 3339, UTC, with ms. */
void format_duration(struct buf *out, int64_t ms);
void format_size(struct buf *out, int64_t bytes);
void format_time(struct buf *out, int64_t wall_ms);

/* The whitelist for topics and groups: [A-Za-z0-9._-]{1,249}, not . or .. */
bool is_name_valid(const char *name);
int check_name(const char *name, const char *what); /* -FAIL_USAGE, says why */

/* Shell glob (fnmatch) of bytes; a value with NUL bytes never matches. */
bool is_glob_match(const char *glob, struct slice value);

#endif
