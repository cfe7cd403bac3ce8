/* Keeping bytes of a segment that a recovery overwrites or cuts. */
#ifndef LOG_ASIDE_H
#define LOG_ASIDE_H

#include "base/buf.h"

/* Copies bytes from..end of fd, but for zeros at their end, durably to the file
 * "OFFSET-EPOCH.torn" of the directory, whose name is appended to name. If it
 * is there already, a recovery was killed: it stays as it is. Nothing is kept
 * of zeros alone: name then stays as it was. Nobody reads these files but
 * people. */
int aside_keep(int dir, int fd, int64_t from, int64_t end, int64_t offset,
    int32_t epoch, struct buf *name);

/* Is it the name of such a file? */
bool is_aside_name(const char *name);

#endif
