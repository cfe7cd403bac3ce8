/* Idempotent producers: a batch that comes twice is stored once, also where two
 * servers of one spool have it at the same time. */
#include "place.h"
#include "spool/producers.h"
#include "unit.h"

/* A server's: handles of its own. */
struct server {
	struct spool *spool;
	struct topic *topic;
	struct partition *log;
	struct producers *producers;
};

static struct server
start_server(void)
{
	struct server server = {.spool = place_open(SPOOL_CREATE)};

	place_must(topic_open(&server.topic, server.spool, "t"));
	place_must(topic_partition(server.topic, 0, &server.log));
	server.producers = producers_open(server.topic, 0);
	return server;
}

static void
stop_server(struct server *server)
{
	producers_close(server->producers);
	topic_close(server->topic);
	spool_close(server->spool);
}

/* One record of producer 7 with that sequence. */
static void
make_batch(struct buf *out, int32_t sequence, struct batch_header *header)
{
	struct record record = {.timestamp = 1, .value = slice_of("value")};
	struct batch_builder builder;

	buf_clear(out);
	batch_builder_init(&builder, CODEC_NONE);
	builder.producer_id = 7;
	builder.producer_epoch = 0;
	builder.base_sequence = sequence;
	batch_builder_append(&builder, &record);
	place_must(batch_builder_finish(&builder, out));
	place_must(batch_decode_header(out->data, out->size, header));
	batch_builder_release(&builder);
}

static void
test_two_servers(void)
{
	struct server one = start_server(), other = start_server();
	struct partition_state place, behind;
	struct batch_header header;
	struct buf batch = {0};
	int64_t stored = -1;

	make_batch(&batch, 0, &header);
	CHECK(producers_recall(one.producers, &header, &stored, &place) ==
	    PRODUCERS_UNREAD, "who has read nothing knows nothing");
	CHECK(producers_check(one.producers, &header, &stored, &place) ==
	    PRODUCERS_NEW, "a batch is new to one server");
	CHECK(producers_check(other.producers, &header, &stored, &behind) ==
	    PRODUCERS_NEW &&
	    partition_append_at(other.log, batch.data, batch.size, &behind) ==
	    0, "and stored by the other meanwhile");
	CHECK(partition_append_at(one.log, batch.data, batch.size, &place) ==
	    1 && place.log_end == 1,
	    "then the first does not store it again");
	CHECK(producers_check(one.producers, &header, &stored, &place) ==
	    PRODUCERS_DUPLICATE && stored == 0, "but finds where it is");
	make_batch(&batch, 1, &header);
	CHECK(producers_recall(one.producers, &header, &stored, &place) ==
	    PRODUCERS_NEW &&
	    partition_append_at(one.log, batch.data, batch.size, &place) == 0 &&
	    place.log_end == 2, "the next one it stores without a look");
	make_batch(&batch, 3, &header);
	CHECK(producers_check(one.producers, &header, &stored, &place) ==
	    PRODUCERS_OUT_OF_ORDER, "one that skips a sequence it does not");
	buf_release(&batch);
	stop_server(&one);
	stop_server(&other);
}

int
main(void)
{
	struct topic_settings settings;
	struct spool *spool;

	place_make();
	spool = place_open(SPOOL_CREATE);
	topic_settings_default(&settings);
	place_must(topic_create(spool, "t", &settings));
	spool_close(spool);
	test_two_servers();
	return unit_end();
}
