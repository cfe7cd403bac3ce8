/* The log start of a partition, as a trim left it. */
#ifndef LOG_START_H
#define LOG_START_H

#include <stdint.h>

#define START_FILE "start"

/* The file is drawn in mq-spool(5). No file is 0. -FAIL_CORRUPT if it is none
 * that start_write wrote. */
int start_read(int dir, int64_t *offset);

/* Replaces it, durably. */
int start_write(int dir, int64_t offset);

#endif
