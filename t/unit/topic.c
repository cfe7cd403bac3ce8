/* Topics: made whole, changed together, deleted under those who hold them. */
#include "unit.h"

#include "base/fail.h"
#include "base/futex.h"
#include "spool/topic.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[] = "/tmp/mq-unit-topic-XXXXXX";
static char path[128];
static struct spool *spool;

/* Runs a command of the shell in the spool's parent. */
static void
shell(const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && { %s; }", root, text);
	if (system(line) != 0)
		printf("# failed: %s\n", text);
}

static struct topic_settings
defaults(void)
{
	struct topic_settings settings;

	topic_settings_default(&settings);
	return settings;
}

static struct topic *
open_topic(const char *name)
{
	struct topic *topic;

	if (topic_open(&topic, spool, name) < 0) {
		printf("# %s\n", fail_message());
		exit(1);
	}
	return topic;
}

static int
count_name(const char *name, void *context)
{
	(void)name;
	++*(int *)context;
	return 0;
}

static int
count_topics(void)
{
	int count = 0;

	spool_list_topics(spool, count_name, &count);
	return count;
}

static int
race_to_create(void)
{
	struct spool *mine;
	struct topic *topic;

	if (spool_open(&mine, path, SPOOL_CREATE, false) < 0 ||
	    topic_open_or_create(&topic, mine, "race") < 0) {
		printf("# %s\n", fail_message());
		return 1;
	}
	topic_close(topic);
	spool_close(mine);
	return 0;
}

/* Forks `count` processes that run the function; true if all return 0. */
static bool
do_at_once(int count, int (*function)(void))
{
	bool is_good = true;
	int status;

	fflush(stdout);
	for (int i = 0; i < count; i++) {
		if (fork() == 0) {
			int code = function();

			fflush(stdout);
			_exit(code);
		}
	}
	while (wait(&status) > 0)
		is_good = is_good && status == 0;
	return is_good;
}

static void
test_race(void)
{
	CHECK(do_at_once(8, race_to_create),
	    "8 processes make one spool and one topic at once");
	CHECK(spool_open(&spool, path, SPOOL_WRITE, false) == 0 &&
	    count_topics() == 1, "there is one then");
}

static void
test_create(void)
{
	struct topic_settings settings = defaults();
	struct topic *topic = NULL;

	settings.partitions = 3;
	CHECK(topic_create(spool, "jobs", &settings) == 0, "a topic is made");
	CHECK(topic_create(spool, "jobs", &settings) == -FAIL_CREATE,
	    "once only");
	CHECK(topic_create(spool, "../jobs", &settings) == -FAIL_USAGE &&
	    topic_open(&topic, spool, "a/b") == -FAIL_USAGE,
	    "a path is not a name");
	CHECK(topic_open(&topic, spool, "none") == -FAIL_MISSING && !topic,
	    "one that is not there is missing");
	topic = open_topic("jobs");
	CHECK(topic_partition_count(topic) == 3, "it has its partitions");
	CHECK(topic_refresh(topic) == 0, "nothing has changed");
	topic_close(topic);
}

/* Values of Kafka's Java client: murmur2 & 0x7fffffff, modulo. */
static void
test_keys(void)
{
	struct topic *topic = open_topic("jobs");
	int seen[3] = {0};
	char key[16];

	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "key-%d", i);
		seen[topic_partition_of_key(topic, slice_of(key))]++;
	}
	CHECK(seen[0] > 50 && seen[1] > 50 && seen[2] > 50,
	    "keys spread over the partitions");
	CHECK(topic_partition_of_key(topic, slice_of("key-1")) ==
	    topic_partition_of_key(topic, slice_of("key-1")),
	    "and a key stays in one");
	topic_close(topic);
}

static void
test_partitions(void)
{
	struct topic *topic = open_topic("jobs");
	struct partition *one, *again;

	CHECK(topic_partition(topic, 2, &one) == 0 &&
	    topic_partition(topic, 2, &again) == 0 && one == again,
	    "a partition is opened once");
	CHECK(topic_partition(topic, 3, &one) == -FAIL_MISSING &&
	    topic_partition(topic, -1, &one) == -FAIL_MISSING,
	    "there are no others");
	topic_close(topic);
}

static void
test_alter(void)
{
	struct topic *topic = open_topic("jobs"), *other = open_topic("jobs");
	struct topic_settings first = *topic_settings(topic);
	struct topic_settings second = *topic_settings(other);
	struct partition *kept, *added;
	uint32_t seen = *topic_doorbell(other);

	topic_partition(other, 0, &kept);
	first.lease_ms = 5000;
	first.partitions = 5;
	second.max_attempts = 9;
	CHECK(topic_alter(topic, &first) == 0 && topic_alter(other, &second) ==
	    0, "two change different keys");
	CHECK(*topic_doorbell(other) != seen, "the doorbell rings");
	CHECK(topic_refresh(topic) == 1 && topic_refresh(topic) == 0,
	    "a refresh sees it once");
	CHECK(topic_settings(topic)->max_attempts == 9 &&
	    topic_settings(other)->lease_ms == 5000, "neither change is lost");
	CHECK(topic_partition(other, 4, &added) == 0 &&
	    topic_partition(other, 0, &added) == 0 && added == kept,
	    "new partitions can be opened, old ones stay open");
	first = *topic_settings(topic);
	first.partitions = 2;
	CHECK(topic_alter(topic, &first) == -FAIL_CONFIG,
	    "partitions never get fewer");
	topic_close(topic);
	topic_close(other);
}

static void
test_damage(void)
{
	struct topic *topic = open_topic("jobs"), *other;

	shell("cp s/topics/jobs/topic.yaml kept; "
	    "echo 'colour: red' >>s/topics/jobs/topic.yaml");
	CHECK(topic_refresh(topic) == -FAIL_CONFIG &&
	    strstr(fail_message(), "s/topics/jobs/topic.yaml:"),
	    "a key that is none is named with file and line");
	CHECK(topic_open(&other, spool, "jobs") == -FAIL_CONFIG,
	    "by whoever opens it too");
	shell("rm s/topics/jobs/topic.yaml; ln -s ../../../kept "
	    "s/topics/jobs/topic.yaml");
	CHECK(topic_open(&other, spool, "jobs") == -FAIL_PERMISSION,
	    "a symbolic link in its place is refused");
	shell("rm s/topics/jobs/topic.yaml");
	CHECK(topic_open(&other, spool, "jobs") == -FAIL_CONFIG,
	    "a directory without topic.yaml is an error, not a topic to make");
	shell("cp kept s/topics/jobs/topic.yaml");
	CHECK(topic_refresh(topic) == 1, "mended, it goes on");
	shell("ln -s jobs s/topics/link");
	CHECK(topic_open(&other, spool, "link") == -FAIL_PERMISSION,
	    "a symbolic link to a topic is none");
	shell("rm s/topics/link");
	topic_close(topic);
}

static void
test_doorbell(void)
{
	struct topic *topic = open_topic("jobs"), *other;
	uint32_t *word = topic_doorbell(topic);
	uint32_t seen;

	shell("rm s/topics/jobs/doorbell");
	other = open_topic("jobs");
	CHECK(topic_refresh(topic) == 0 && topic_doorbell(topic) == word,
	    "a deleted doorbell is replaced at the same address");
	seen = *word;
	futex_ring(topic_doorbell(other));
	CHECK(*word == seen + 1, "and the new one is heard");
	shell(": >s/topics/jobs/doorbell");
	CHECK(topic_refresh(topic) == 0 && (futex_ring(word), true),
	    "one cut to nothing gets its size back");
	topic_close(topic);
	topic_close(other);
}

static void
test_read_only(void)
{
	struct spool *reading;
	struct topic *topic, *writing = open_topic("jobs");
	struct topic_settings settings = defaults();
	uint32_t seen;

	CHECK(spool_open(&reading, path, SPOOL_READ, false) == 0 &&
	    topic_open(&topic, reading, "jobs") == 0,
	    "a spool can be opened to read");
	seen = *topic_doorbell(topic);
	if (fork() == 0) {
		futex_ring(topic_doorbell(writing));
		_exit(0);
	}
	CHECK(futex_wait(topic_doorbell(topic), seen, 10000) == 1,
	    "who only reads hears the doorbell");
	wait(NULL);
	CHECK(topic_alter(topic, &settings) == -FAIL_PERMISSION &&
	    topic_create(reading, "x", &settings) == -FAIL_PERMISSION &&
	    topic_delete(reading, "jobs") == -FAIL_PERMISSION,
	    "and changes nothing");
	topic_close(topic);
	topic_close(writing);
	spool_close(reading);
}

static void
test_delete(void)
{
	struct topic *topic = open_topic("jobs"), *again;
	struct topic_settings settings = defaults();
	uint32_t seen = *topic_doorbell(topic);

	shell("mkdir away; echo kept >away/file; "
	    "ln -s ../../../away s/topics/jobs/0/planted");
	CHECK(topic_delete(spool, "jobs") == 0, "a topic is deleted");
	CHECK(access(strcat(strcpy((char[256]){0}, root), "/away/file"),
	    F_OK) == 0, "symbolic links in it are not followed");
	CHECK(*topic_doorbell(topic) != seen, "who waits for it is woken");
	CHECK(topic_refresh(topic) == -FAIL_MISSING, "and finds it gone");
	CHECK(topic_delete(spool, "jobs") == -FAIL_MISSING, "it goes once");
	CHECK(topic_create(spool, "jobs", &settings) == 0 &&
	    topic_refresh(topic) == -FAIL_MISSING,
	    "one made again under its name is another");
	again = open_topic("jobs");
	CHECK(memcmp(topic_id(again), topic_id(topic), 16) != 0,
	    "with another id");
	topic_close(again);
	topic_close(topic);
}

static void
test_list(void)
{
	struct topic_settings settings = defaults();
	int before = count_topics();

	shell("cd s/topics; mkdir -p .new+1/0 .deleted+1/0 'with space'; "
	    "touch file .new+1/0/x; ln -s jobs link; "
	    "touch -d '2 days ago' .new+1");
	CHECK(count_topics() == before, "what is no topic is not listed");
	CHECK(topic_create(spool, ".hidden", &settings) == 0 &&
	    count_topics() == before + 1, "a name may begin with a dot");
	CHECK(access(strcat(strcpy((char[256]){0}, path), "/topics/.new+1"),
	    F_OK) != 0 && access(strcat(strcpy((char[256]){0}, path),
	    "/topics/.deleted+1"), F_OK) != 0,
	    "what crashed processes left is swept when a topic is made");
}

static int
make_and_delete(void)
{
	struct spool *mine;
	struct topic *topic;

	if (spool_open(&mine, path, SPOOL_CREATE, false) < 0)
		return 1;
	for (int i = 0; i < 50; i++) {
		int code = topic_open_or_create(&topic, mine, "busy");

		if (code == 0)
			topic_close(topic);
		if (code < 0 && code != -FAIL_AGAIN) {
			printf("# %s\n", fail_message());
			return 1;
		}
		code = topic_delete(mine, "busy");
		if (code < 0 && code != -FAIL_MISSING) {
			printf("# %s\n", fail_message());
			return 1;
		}
	}
	spool_close(mine);
	return 0;
}

int
main(void)
{
	char line[160];

	umask(0);
	if (!mkdtemp(root))
		return 1;
	snprintf(path, sizeof(path), "%s/s", root);
	test_race();
	test_create();
	test_keys();
	test_partitions();
	test_alter();
	test_damage();
	test_doorbell();
	test_read_only();
	test_delete();
	test_list();
	CHECK(do_at_once(4, make_and_delete),
	    "4 processes make and delete one topic 50 times each");
	spool_close(spool);
	snprintf(line, sizeof(line), "rm -rf %s", root);
	return system(line) != 0 || unit_end();
}
