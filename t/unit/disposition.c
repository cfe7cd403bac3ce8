/* The exit table of workers, line by line. */
#include "base/fail.h"
#include "queue/disposition.h"
#include "unit.h"

#include <signal.h>

/* What waitpid says. */
static int
exited(int code)
{
	return code << 8;
}

static void
test_table(void)
{
	struct disposition table;
	bool good = true;

	disposition_init(&table);
	CHECK(disposition_of(&table, exited(0), false) == ACTION_ACK,
	    "0 acknowledges");
	CHECK(disposition_of(&table, exited(99), false) == ACTION_FINISH,
	    "99 acknowledges and stops");
	CHECK(disposition_of(&table, exited(65), false) == ACTION_DEAD &&
	        disposition_of(&table, exited(100), false) == ACTION_DEAD,
	    "65 and 100 make a dead letter");
	CHECK(disposition_of(&table, exited(126), false) == ACTION_BROKEN &&
	        disposition_of(&table, exited(127), false) ==
	            ACTION_BROKEN &&
	        disposition_of(&table, exited(255), false) == ACTION_BROKEN,
	    "126, 127 and 255 mean a broken worker");
	for (int code = 1; code < 255; code++) {
		if (code == 65 || code == 99 || code == 100 || code == 126 ||
		    code == 127)
			continue;
		good = good && disposition_of(&table, exited(code), false) ==
		    ACTION_RETRY;
	}
	CHECK(good, "any other code is tried again");
	CHECK(disposition_of(&table, SIGKILL, false) == ACTION_RETRY,
	    "so is a signal");
	CHECK(disposition_of(&table, exited(0), true) == ACTION_RETRY,
	    "and the time limit, however the worker ended");
}

static void
test_user_table(void)
{
	struct disposition table;

	disposition_init(&table);
	CHECK(disposition_parse(&table, "3=drop,4=dead,0=retry,127=ack") == 0,
	    "a user's table is read");
	CHECK(disposition_of(&table, exited(3), false) == ACTION_DROP &&
	        disposition_of(&table, exited(4), false) == ACTION_DEAD &&
	        disposition_of(&table, exited(0), false) == ACTION_RETRY &&
	        disposition_of(&table, exited(127), false) == ACTION_ACK &&
	        disposition_of(&table, exited(99), false) == ACTION_FINISH,
	    "and lies over ours");
}

static void
test_bad_tables(void)
{
	static const char *const bad[] = {"", "3", "3=", "=drop", "x=drop",
	    "256=drop", "-1=drop", "3=drop,", ",3=drop", "3=dropped",
	    "3=drop 4=dead", "3 =drop", "99999999999999999999=ack"};
	struct disposition table;
	bool good = true;

	disposition_init(&table);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		good = good &&
		    disposition_parse(&table, bad[i]) == -FAIL_USAGE;
	CHECK(good, "a bad table is refused");
}

int
main(void)
{
	test_table();
	test_user_table();
	test_bad_tables();
	return unit_end();
}
