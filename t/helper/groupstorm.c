/* Kills consumers of a group: groupstorm DIR [SECONDS] [none|key|partition].
 *
 * Eight consumers take and accept, one is killed every few milliseconds, while
 * messages are put. At the end: every message was accepted, none was handed
 * out after its acceptance was confirmed, none twice confirmed. */
#include "base/clock.h"
#include "base/fail.h"
#include "log/partition.h"
#include "spool/group.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONSUMERS = 8, PARTITIONS = 2, MESSAGES_MAX = 1 << 20 };

/* What the consumers saw of each message, shared by all of them. */
struct history {
	unsigned char confirmed[PARTITIONS][MESSAGES_MAX];
	int32_t after;   /* handed out after confirmation */
	int32_t twice;   /* confirmed twice */
	int32_t failed;  /* calls that failed */
	int64_t settled;
	int64_t lost;    /* leases lost */
};

static struct history *history;
static const char *directory;
static enum group_order order;

static void
must(int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "groupstorm: %s\n", fail_message());
	__atomic_add_fetch(&history->failed, 1, __ATOMIC_RELAXED);
	_exit(1);
}

static void
look(const struct lease *lease)
{
	for (int64_t i = lease->first; i <= lease->last; i++) {
		if (__atomic_load_n(&history->confirmed[lease->partition][i],
		        __ATOMIC_ACQUIRE) == 0)
			continue;
		__atomic_add_fetch(&history->after, 1, __ATOMIC_RELAXED);
		fprintf(stderr, "groupstorm: %d:%lld again\n",
		    lease->partition, (long long)i);
	}
}

static void
confirm(const struct lease *lease)
{
	for (int64_t i = lease->first; i <= lease->last; i++) {
		if (__atomic_fetch_add(&history->confirmed[lease->partition][i],
		        1, __ATOMIC_ACQ_REL) != 0)
			__atomic_add_fetch(&history->twice, 1,
			    __ATOMIC_RELAXED);
		__atomic_add_fetch(&history->settled, 1, __ATOMIC_RELAXED);
	}
}

/* Takes and accepts until killed, or for idle_ms without a message. */
static void
consume(int64_t idle_ms)
{
	struct group_options options = {.order = order, .is_session = true,
	    .max_attempts = INT64_MAX, .backoff_low_ms = 1,
	    .backoff_high_ms = 5};
	struct spool *spool;
	struct topic *topic;
	struct group *group;
	struct lease lease, former = {0};
	int64_t wake_ms, idle_from_ms = clock_boot_ms();
	uint32_t seen;

	must(spool_open(&spool, directory, SPOOL_WRITE, false));
	must(topic_open(&topic, spool, "storm"));
	must(group_join(&group, spool, "g", &topic, 1, &options));
	for (;;) {
		struct want want = {1 + rand() % 5, -1};
		struct settlement accept = {.lease = &former,
		    .first = former.first, .last = former.last};
		int result;

		group_listen(group, &seen);
		result = group_exchange(group, &accept, former.token != 0,
		    &want, &lease, &wake_ms);
		must(result);
		if (former.token != 0 && !accept.lost)
			confirm(&former);
		if (accept.lost)
			__atomic_add_fetch(&history->lost, 1,
			    __ATOMIC_RELAXED);
		former = lease;
		if (lease.token != 0) {
			look(&lease);
			idle_from_ms = clock_boot_ms();
			continue;
		}
		if (clock_boot_ms() - idle_from_ms >= idle_ms)
			break;
		group_sleep(group, &seen, clock_boot_ms() + 50 < wake_ms
		    ? clock_boot_ms() + 50 : wake_ms);
	}
	group_leave(group);
	topic_close(topic);
	spool_close(spool);
}

static pid_t
start(int64_t idle_ms)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	srand((unsigned)getpid());
	consume(idle_ms);
	_exit(0);
}

static void
put(struct topic *topic, int count)
{
	struct batch_builder builder;
	struct partition *log;
	struct buf out = {0};
	int64_t first, last;

	batch_builder_init(&builder, CODEC_NONE);
	for (int i = 0; i < count; i++) {
		char key = (char)('a' + rand() % 26);
		struct record record = {.timestamp = 1, .key = {&key, 1},
		    .value = {"x", 1}};

		batch_builder_append(&builder, &record);
	}
	must(batch_builder_finish(&builder, &out));
	must(topic_partition(topic, rand() % PARTITIONS, &log));
	must(partition_append(log, out.data, out.size, &first, &last));
	must(partition_wait(log, last + 1, -1));
	batch_builder_release(&builder);
	buf_release(&out);
}

/* Kills one every few milliseconds. Returns how many. */
static int
storm(struct topic *topic, int64_t seconds, int64_t *sent)
{
	int64_t end_ms = clock_boot_ms() + seconds * 1000;
	pid_t pids[CONSUMERS];
	int killed = 0;

	for (int i = 0; i < CONSUMERS; i++)
		pids[i] = start(INT64_MAX);
	while (clock_boot_ms() < end_ms && *sent < MESSAGES_MAX - 100) {
		int which = rand() % CONSUMERS;

		put(topic, 20);
		*sent += 20;
		clock_sleep_ms(rand() % 10);
		kill(pids[which], SIGKILL);
		waitpid(pids[which], NULL, 0);
		killed++;
		pids[which] = start(INT64_MAX);
	}
	for (int i = 0; i < CONSUMERS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	return killed;
}

int
main(int argc, char **argv)
{
	struct topic_settings settings;
	struct spool *spool;
	struct topic *topic;
	int64_t sent = 0;
	int killed, status;
	bool good;

	if (argc < 2)
		return 64;
	directory = argv[1];
	if (argc > 3)
		order = strcmp(argv[3], "key") == 0 ? ORDER_KEY
		    : strcmp(argv[3], "partition") == 0 ? ORDER_PARTITION
		                                        : ORDER_NONE;
	history = mmap(NULL, sizeof(*history), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(spool_open(&spool, directory, SPOOL_CREATE, false));
	topic_settings_default(&settings);
	settings.partitions = PARTITIONS;
	must(topic_create(spool, "storm", &settings));
	must(topic_open(&topic, spool, "storm"));
	killed = storm(topic, argc > 2 ? atoll(argv[2]) : 20, &sent);
	/* The last consumer works off what is left, and finds nothing twice. */
	waitpid(start(500), &status, 0);
	topic_close(topic);
	spool_close(spool);
	good = history->after == 0 && history->twice == 0 &&
	    history->failed == 0 && status == 0 &&
	    history->settled <= sent &&
	    history->settled >= sent - 5 * (killed + CONSUMERS);
	printf("%s sent %lld confirmed %lld killed %d lost leases %lld "
	    "again %d twice %d failed %d\n", good ? "ok" : "not ok",
	    (long long)sent, (long long)history->settled, killed,
	    (long long)history->lost, history->after, history->twice,
	    history->failed);
	return !good;
}
