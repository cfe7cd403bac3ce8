/* A worker of the storm: stormworker HISTORY CLIENT GROUP [none|key|partition].
 *
 * Writes into the history that the message of its environment is leased, works
 * for some milliseconds, writes how it is going to end, and ends so. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	DEAD = 65,              /* the exit status that rejects */
	SURE_NS = 1000 * 1000 * 1000, /* for how long a lease surely lasts now */
};

static int64_t
boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* One line in one write, so that lines of others do not mix with it. */
static void
tell(int history, const char *line, int length)
{
	if (length < 0 || write(history, line, (size_t)length) != length)
		_exit(70);
}

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? "" : value;
}

static const char *
token(void)
{
	const char *colon = strrchr(variable("MQ_RECEIPT"), ':');

	return colon == NULL ? "" : colon + 1;
}

/* What both events say: who, which group, where, under which lease. */
static void
describe(char *out, size_t size, char **argv)
{
	snprintf(out, size,
	    "\"p\":\"%s\",\"g\":\"%s\",\"k\":\"%s:%s\",\"o\":%s,\"tok\":\"%s\"",
	    argv[2], argv[3], variable("MQ_TOPIC"), variable("MQ_PARTITION"),
	    variable("MQ_OFFSET"), token());
}

static void
tell_lease(int history, const char *what, const char *order)
{
	char id[32] = "";
	char line[1024];
	char ordered[512] = "";
	int64_t now = boot_ns();

	if (read(STDIN_FILENO, id, sizeof(id) - 1) <= 0)
		_exit(70);
	if (strcmp(order, "partition") == 0 ||
	    (strcmp(order, "key") == 0 && variable("MQ_KEY")[0] != '\0'))
		snprintf(ordered, sizeof(ordered),
		    ",\"order\":\"%s\",\"key\":\"%s\"", order,
		    variable("MQ_KEY"));
	tell(history, line, snprintf(line, sizeof(line),
	    "{\"t\":%" PRId64 ",\"type\":\"ok\",\"f\":\"lease\",\"v\":%lld,"
	    "\"until\":%" PRId64 ",\"session\":true,%s%s}\n", now,
	    strtoll(id, NULL, 10), now + SURE_NS, what, ordered));
}

int
main(int argc, char **argv)
{
	char what[700];
	char line[1024];
	int history = argc < 4 ? -1 :
	    open(argv[1], O_WRONLY | O_APPEND | O_CLOEXEC);
	int64_t start = boot_ns();
	int luck = (int)(start / 1000 % 100);
	struct timespec work = {0, start / 1000 % 6 * 1000 * 1000};

	if (history < 0)
		return 70;
	describe(what, sizeof(what), argv);
	tell_lease(history, what, argc > 4 ? argv[4] : "none");
	nanosleep(&work, NULL);
	tell(history, line, snprintf(line, sizeof(line),
	    "{\"t\":%" PRId64 ",\"type\":\"invoke\",\"f\":\"ack\",\"out\":\"%s\","
	    "%s}\n", boot_ns(), luck < 2 ? "reject" : luck < 12 ? "release" :
	    "accept", what));
	return luck < 2 ? DEAD : luck < 12 ? 1 : 0;
}
