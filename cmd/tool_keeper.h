/* Opening whatever a tool is to ask about topics and groups. */
#ifndef CMD_TOOL_KEEPER_H
#define CMD_TOOL_KEEPER_H

#include "tool.h"

#include "queue/keeper.h"

/* The brokers of -b or MQ_BROKERS, else the spool of -C; fails and exits. */
struct keeper *tool_keeper(const char *directory, const char *brokers,
    enum spool_mode mode);

#endif
