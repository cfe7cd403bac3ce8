/* The commands of mq: programs named mq-COMMAND. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "base/buf.h"

/* Appends the directory of the running program. */
void commands_directory(struct buf *out);

/* Appends a line for each command: those beside us with their summaries, which
 * they are asked for (--option-table), then others in PATH by name only. */
void commands_list(struct buf *out);

/* Appends the known command that was probably meant; false if there is none. */
bool commands_nearest(const char *name, struct buf *out);

#endif
