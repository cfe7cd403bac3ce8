/* The client of others: puts or reads messages of 100 bytes by librdkafka.
 *
 *   kafka put BROKERS TOPIC COUNT    acks=all; idempotent is left off
 *   kafka get BROKERS TOPIC COUNT    from the start, messages in batches
 *
 * Prints messages a second. */
#include <librdkafka/rdkafka.h>

#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 100, BATCH = 10000 };

static long failed;

static void
on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *data)
{
	(void)kafka;
	(void)data;
	failed += message->err != 0;
}

static void
set(rd_kafka_conf_t *conf, const char *key, const char *value)
{
	char why[512];

	if (rd_kafka_conf_set(conf, key, value, why, sizeof why) !=
	    RD_KAFKA_CONF_OK) {
		fprintf(stderr, "kafka: %s\n", why);
		exit(70);
	}
}

static rd_kafka_t *
open_client(rd_kafka_type_t type, const char *brokers)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];

	set(conf, "bootstrap.servers", brokers);
	if (type == RD_KAFKA_PRODUCER) {
		set(conf, "acks", "all");
		set(conf, "linger.ms", "5");
		set(conf, "batch.num.messages", "10000");
		set(conf, "batch.size", "1000000");
		set(conf, "queue.buffering.max.messages", "1000000");
		rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	} else {
		set(conf, "queued.min.messages", "1000000");
		set(conf, "fetch.message.max.bytes", "10000000");
		set(conf, "check.crcs", "false");
	}
	return rd_kafka_new(type, conf, why, sizeof why);
}

static int64_t
put(rd_kafka_t *kafka, const char *name, long count)
{
	rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka, name, NULL);
	char value[SIZE];
	int64_t start = clock_boot_us();

	memset(value, 'x', sizeof value);
	for (long i = 0; i < count; i++) {
		while (rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, value,
		    sizeof value, NULL, 0, NULL) != 0)
			rd_kafka_poll(kafka, 1);
		if (i % 1000 == 0)
			rd_kafka_poll(kafka, 0);
	}
	if (rd_kafka_flush(kafka, 60000) != 0)
		failed++;
	return clock_boot_us() - start;
}

static int64_t
get(rd_kafka_t *kafka, const char *name, long count)
{
	rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka, name, NULL);
	static rd_kafka_message_t *messages[BATCH];
	int64_t start = clock_boot_us();
	long have = 0;

	rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING);
	while (have < count) {
		ssize_t got = rd_kafka_consume_batch(topic, 0, 1000, messages,
		    BATCH);

		for (ssize_t i = 0; i < got; i++) {
			have += messages[i]->err == 0;
			rd_kafka_message_destroy(messages[i]);
		}
	}
	return clock_boot_us() - start;
}

int
main(int argc, char **argv)
{
	long count = argc == 5 ? atol(argv[4]) : 0;
	bool is_put = count > 0 && strcmp(argv[1], "put") == 0;
	rd_kafka_t *kafka;
	int64_t us;

	if (count < 1)
		return 64;
	kafka = open_client(is_put ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
	    argv[2]);
	if (kafka == NULL)
		return 71;
	us = is_put ? put(kafka, argv[3], count) : get(kafka, argv[3], count);
	if (failed > 0)
		return 74;
	printf("%.0f\n", (double)count * 1e6 / (double)us);
	return 0;
}
