/* Opening whatever a tool is to ask about topics and groups. */
#include "tool_keeper.h"

struct keeper *
tool_keeper(const char *directory, const char *brokers, enum spool_mode mode)
{
	const char *addresses = tool_brokers(directory, brokers);
	struct keeper *keeper;

	if (addresses == NULL)
		return keeper_local_open(tool_spool(directory, mode));
	tool_must(keeper_remote_open(&keeper, addresses));
	return keeper;
}
