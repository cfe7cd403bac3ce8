/* Measures leases: leasebench DIR [COUNT]: settle and take in one exchange.
 *
 * Prints one line a case: name, messages a second, and for the synced case the
 * disk's own rate of overwrite plus fdatasync. */
#include "base/clock.h"
#include "base/fail.h"
#include "log/partition.h"
#include "spool/group.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
must(int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "leasebench: %s\n", fail_message());
	exit(1);
}

static void
fill(struct topic *topic, int64_t count)
{
	struct batch_builder builder;
	struct partition *log;
	struct buf out = {0};
	int64_t first, last;

	batch_builder_init(&builder, CODEC_NONE);
	must(topic_partition(topic, 0, &log));
	while (count > 0) {
		for (int i = 0; i < 1000; i++) {
			char text[100];
			struct record record = {.timestamp = 1,
			    .value = {text, sizeof(text)}};

			memset(text, 'x', sizeof(text));
			batch_builder_append(&builder, &record);
		}
		buf_clear(&out);
		must(batch_builder_finish(&builder, &out));
		must(partition_append(log, out.data, out.size, &first, &last));
		count -= 1000;
	}
	must(partition_sync(log));
	batch_builder_release(&builder);
	buf_release(&out);
}

static struct topic *
make_topic(struct spool *spool, const char *name, enum sync_mode sync)
{
	struct topic_settings settings;
	struct topic *topic;

	topic_settings_default(&settings);
	settings.sync = sync;
	must(topic_create(spool, name, &settings));
	must(topic_open(&topic, spool, name));
	return topic;
}

/* Takes `batch` messages at a time and accepts them with the next take. */
static double
run(struct spool *spool, const char *name, struct topic *topic, int64_t count,
    int64_t batch)
{
	struct group_options options = {.is_session = true,
	    .backoff_low_ms = -1, .backoff_high_ms = -1};
	struct want want = {batch, -1};
	struct settlement settlement = {.outcome = OUTCOME_ACCEPT};
	struct lease lease, former = {0};
	struct group *group;
	int64_t began_us, wake_ms, done = 0;
	double rate;

	fill(topic, count);
	must(group_join(&group, spool, "g", &topic, 1, &options));
	began_us = clock_boot_us();
	settlement.lease = &former;
	for (;;) {
		must(group_exchange(group, &settlement, done > 0, &want,
		    &lease, &wake_ms));
		if (lease.token == 0)
			break;
		former = lease;
		settlement.first = lease.first;
		settlement.last = lease.last;
		done += lease.last - lease.first + 1;
	}
	rate = (double)done * 1e6 / (double)(clock_boot_us() - began_us);
	printf("%s %.0f\n", name, rate);
	group_leave(group);
	topic_close(topic);
	return rate;
}

/* Overwrites 100 bytes and syncs, one after another. */
static double
sync_rate(const char *dir, int count)
{
	static const char zeros[1 << 20];
	char path[4096];
	int64_t began_us;
	int fd;

	snprintf(path, sizeof(path), "%s/raw", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, zeros, sizeof(zeros)) < 0 || fsync(fd) != 0) {
		perror("leasebench");
		exit(1);
	}
	began_us = clock_boot_us();
	for (int i = 0; i < count; i++) {
		if (pwrite(fd, "0123456789", 10, i * 100) != 10 ||
		    fdatasync(fd) != 0)
			exit(1);
	}
	close(fd);
	unlink(path);
	return count * 1e6 / (double)(clock_boot_us() - began_us);
}

int
main(int argc, char **argv)
{
	int64_t count = argc > 2 ? atoll(argv[2]) : 5000;
	struct spool *spool;
	double raw, synced;

	if (argc < 2)
		return 64;
	must(spool_open(&spool, argv[1], SPOOL_CREATE, false));
	raw = sync_rate(argv[1], 2000);
	synced = run(spool, "synced", make_topic(spool, "synced", SYNC_ALWAYS),
	    count, 1);
	raw = (raw + sync_rate(argv[1], 2000)) / 2;
	printf("fdatasync %.0f\nratio %.2f\n", raw, synced / raw);
	run(spool, "unsynced", make_topic(spool, "unsynced", SYNC_NEVER),
	    count * 10, 1);
	run(spool, "batches", make_topic(spool, "batches", SYNC_ALWAYS),
	    count * 400, 1000);
	spool_close(spool);
	return 0;
}
