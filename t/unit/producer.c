/* Producers and scans over a spool: where messages go, and back. */
#include "queue/producer.h"
#include "queue/scan.h"
#include "queue/sink_local.h"
#include "queue/source_local.h"
#include "base/fail.h"
#include "base/hash.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct spool *spool;

static struct topic *
make_topic(const char *name, int partitions)
{
	struct topic_settings settings;
	struct topic *topic = NULL;

	topic_settings_default(&settings);
	settings.partitions = partitions;
	settings.sync = SYNC_NEVER;
	if (topic_create(spool, name, &settings) < 0 ||
	    topic_open(&topic, spool, name) < 0) {
		printf("not ok - make a topic: %s\n", fail_message());
		exit(1);
	}
	return topic;
}

/* Batches as they were stored. */
struct story {
	int batches;
	int64_t messages;
	int by_partition[16];
	int64_t next[16];
	bool is_in_order;
};

static void
note_stored(const char *topic, int partition, int64_t first, int64_t last,
    void *context)
{
	struct story *story = context;

	(void)topic;
	story->batches++;
	story->messages += last - first + 1;
	story->by_partition[partition]++;
	if (first != story->next[partition])
		story->is_in_order = false;
	story->next[partition] = last + 1;
}

static struct producer *
open_producer(struct topic *topic, struct story *story, int64_t count,
    int64_t bytes)
{
	struct producer_options options = {.partition = -1, .codec = -1,
		.batch_count = count, .batch_bytes = bytes,
		.stored = note_stored, .context = story};
	struct producer *producer = NULL;

	memset(story, 0, sizeof(*story));
	story->is_in_order = true;
	CHECK(producer_open(&producer, sink_local_open(topic),
	    &options) == 0,
	    "a producer opens");
	return producer;
}

static int
put_text(struct producer *producer, const char *key, const char *text)
{
	struct message message = {.record.timestamp = 1000};

	message.record.value = slice_of(text);
	if (key != NULL)
		message.record.key = slice_of(key);
	return producer_put(producer, &message);
}

static int64_t
scan_count(struct topic *topic, struct scan_options *options)
{
	struct scan *scan = NULL;
	struct message message;
	int64_t count = 0;
	int rc = scan_open(&scan, source_local_open(&topic, 1, true),
	    options);

	while (rc >= 0 && (rc = scan_next(scan, &message)) > 0)
		count++;
	scan_close(scan);
	return rc < 0 ? rc : count;
}

static void
test_spread(void)
{
	struct topic *topic = make_topic("spread", 4);
	struct scan_options all = {.partition = -1};
	struct story story;
	struct producer *producer = open_producer(topic, &story, 10, 0);
	int used = 0, wrong = 0;

	for (int i = 0; i < 400; i++)
		wrong += put_text(producer, NULL, "x") < 0;
	CHECK(wrong == 0 && producer_finish(producer) == 0 &&
	    producer_stored(producer) == 400 &&
	    producer_taken(producer) == 400, "all is stored");
	for (int i = 0; i < 4; i++)
		used += story.by_partition[i] == 10;
	CHECK(story.batches == 40 && used == 4 && story.is_in_order,
	    "keyless messages go to one partition a batch, in turn");
	CHECK(scan_count(topic, &all) == 400, "a scan reads them all");
	producer_close(producer);
	topic_close(topic);
}

static void
test_keys(void)
{
	struct topic *topic = make_topic("keys", 5);
	struct scan_options all = {.partition = -1};
	struct story story;
	struct producer *producer = open_producer(topic, &story, 0, 0);
	struct scan *scan = NULL;
	struct message message;
	char key[16];
	int wrong = 0, count = 0;

	for (int i = 0; i < 500; i++) {
		snprintf(key, sizeof(key), "key-%d", i % 50);
		wrong += put_text(producer, key, "x") < 0;
	}
	CHECK(wrong == 0 && producer_finish(producer) == 0 &&
	    story.batches == 5, "one batch a partition");
	scan_open(&scan, source_local_open(&topic, 1, true), &all);
	while (scan_next(scan, &message) > 0) {
		struct slice of = message.record.key;

		wrong += message.partition != (int)((hash_murmur2(of.data,
		    of.size) & 0x7fffffff) % 5);
		count++;
	}
	CHECK(wrong == 0 && count == 500,
	    "a key goes where Kafka's Java client sends it");
	scan_close(scan);
	producer_close(producer);
	topic_close(topic);
}

static void
test_sizes(void)
{
	struct topic *topic = make_topic("sizes", 1);
	struct story story;
	struct producer *producer = open_producer(topic, &story, 0, 10000);
	struct topic_settings settings = *topic_settings(topic);
	char *text = malloc(200000);
	int wrong = 0;

	memset(text, 'x', 200000);
	text[199999] = '\0';
	for (int i = 0; i < 100; i++)
		wrong += put_text(producer, NULL, text + 199000) < 0;
	CHECK(producer_finish(producer) == 0 && wrong == 0 &&
	    story.batches >= 11 && story.batches <= 13,
	    "a batch is full at its bytes");
	story.batches = 0;
	put_text(producer, NULL, "before");
	put_text(producer, NULL, text);
	put_text(producer, NULL, "behind");
	CHECK(producer_finish(producer) == 0 && story.batches == 3,
	    "a message larger than a batch gets its own");
	settings.max_message_bytes = 100000;
	CHECK(topic_alter(topic, &settings) == 0 &&
	    put_text(producer, NULL, "good") == 0 &&
	    put_text(producer, NULL, text) == -FAIL_DATA &&
	    strstr(fail_message(), "max.message.bytes") != NULL,
	    "one larger than the topic allows is refused");
	CHECK(producer_finish(producer) == 0 &&
	    producer_stored(producer) == producer_taken(producer),
	    "and what came before it is stored");
	free(text);
	producer_close(producer);
	topic_close(topic);
}

static void
test_bound(void)
{
	enum { PARTITIONS = 16, SIZE = 900000 };
	struct topic *topic = make_topic("bound", PARTITIONS);
	struct story story;
	struct producer *producer = open_producer(topic, &story, 0,
	    1000000);
	char *text = malloc(SIZE + 1), key[16];
	int wrong = 0;

	memset(text, 'x', SIZE);
	text[SIZE] = '\0';
	for (int i = 0; i < 64; i++) {
		snprintf(key, sizeof(key), "%d", i);
		wrong += put_text(producer, key, text) < 0;
	}
	CHECK(wrong == 0 && producer_finish(producer) == 0 &&
	    story.messages == 64 && story.is_in_order, "many large batches at once all arrive");
	free(text);
	producer_close(producer);
	topic_close(topic);
}

static void
test_native(void)
{
	struct topic *topic = make_topic("native", 3);
	struct scan_options all = {.partition = -1};
	struct batch_builder builder;
	struct record record = {.timestamp = 5, .value = slice_of("v")};
	struct story story;
	struct producer *producer = open_producer(topic, &story, 0, 0);
	struct buf bytes = {0};
	char key[16];

	batch_builder_init(&builder, CODEC_NONE);
	for (int i = 0; i < 30; i++) {
		snprintf(key, sizeof(key), "key-%d", i);
		record.key = slice_of(key);
		batch_builder_append(&builder, &record);
	}
	batch_builder_finish(&builder, &bytes);
	CHECK(producer_put_batch(producer, buf_slice(&bytes)) == 0 &&
	    producer_finish(producer) == 0 && story.batches == 3 &&
	    story.messages == 30 && producer_taken(producer) == 30,
	    "a batch of mixed keys is split by key");
	buf_clear(&bytes);
	record.key = (struct slice){NULL, 0};
	for (int i = 0; i < 30; i++)
		batch_builder_append(&builder, &record);
	batch_builder_finish(&builder, &bytes);
	story.batches = 0;
	CHECK(producer_put_batch(producer, buf_slice(&bytes)) == 0 &&
	    producer_finish(producer) == 0 && story.batches == 1,
	    "one without keys stays whole");
	CHECK(scan_count(topic, &all) == 60, "all of it is there");
	bytes.data[22] |= BATCH_CONTROL;
	batch_seal(bytes.data, bytes.size);
	CHECK(producer_put_batch(producer, buf_slice(&bytes)) == -FAIL_DATA,
	    "a control batch is refused");
	batch_builder_release(&builder);
	buf_release(&bytes);
	producer_close(producer);
	topic_close(topic);
}

static int64_t
scan_batches(struct topic *topic, struct scan_options *options, int64_t *count)
{
	struct scan *scan = NULL;
	struct slice bytes;
	int64_t batches = 0;
	int32_t records;
	int rc = scan_open(&scan, source_local_open(&topic, 1, true),
	    options);

	*count = 0;
	while (rc >= 0 && (rc = scan_next_batch(scan, &bytes, &records)) > 0) {
		struct batch_header header;

		batches += batch_decode_header(bytes.data, bytes.size,
		    &header) == 0 && batch_size(&header) == bytes.size &&
		    header.record_count == records &&
		    is_batch_intact(bytes.data, &header);
		*count += records;
	}
	scan_close(scan);
	return rc < 0 ? rc : batches;
}

static void
test_ranges(void)
{
	struct topic *topic = make_topic("ranges", 1);
	struct scan_options options = {.partition = -1};
	struct story story;
	struct producer *producer = open_producer(topic, &story, 10, 0);
	int64_t count;

	for (int i = 0; i < 100; i++)
		put_text(producer, NULL, "x");
	producer_finish(producer);
	range_parse("15:37", &options.range);
	CHECK(scan_count(topic, &options) == 22,
	    "a range may begin and end inside a batch");
	CHECK(scan_batches(topic, &options, &count) == 3 && count == 22,
	    "its batches are cut to it");
	options.limit = 7;
	CHECK(scan_count(topic, &options) == 7, "a limit ends it");
	CHECK(scan_batches(topic, &options, &count) == 2 && count == 7,
	    "of batches too");
	options.limit = 0;
	range_parse("-1:end", &options.range);
	CHECK(scan_count(topic, &options) == 1, "the last one");
	range_parse("200", &options.range);
	CHECK(scan_count(topic, &options) == 0, "nothing beyond the end");
	producer_close(producer);
	topic_close(topic);
}

static void
test_follow(void)
{
	struct topic *topic = make_topic("follow", 1);
	struct scan_options options = {.partition = -1, .follow = true};
	struct story story;
	struct producer *producer = open_producer(topic, &story, 0, 0);
	struct scan *scan = NULL;
	struct message message;

	CHECK(scan_open(&scan, source_local_open(&topic, 1, true),
	    &options) == 0 &&
	    scan_next(scan, &message) == 0 && !is_scan_finished(scan) &&
	    scan_wait(scan, 10) == 0, "nothing is there, and more may come");
	put_text(producer, NULL, "news");
	producer_finish(producer);
	CHECK(scan_wait(scan, 10000) == 1 && scan_next(scan, &message) == 1 &&
	    slice_equal(message.record.value, slice_of("news")),
	    "what came before the wait ends it at once");
	CHECK(scan_seal(scan) == 0 && scan_next(scan, &message) == 0 &&
	    is_scan_finished(scan), "a sealed scan ends");
	scan_close(scan);
	producer_close(producer);
	topic_close(topic);
}

int
main(void)
{
	char path[] = "/tmp/unit-producer-XXXXXX", command[128];

	if (mkdtemp(path) == NULL ||
	    spool_open(&spool, path, SPOOL_CREATE, false) < 0) {
		printf("not ok - make a spool: %s\n", fail_message());
		return 1;
	}
	test_spread();
	test_keys();
	test_sizes();
	test_bound();
	test_native();
	test_ranges();
	test_follow();
	spool_close(spool);
	snprintf(command, sizeof(command), "rm -rf %s", path);
	return system(command) == 0 ? unit_end() : 1;
}
