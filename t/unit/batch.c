/* Record batches: what goes in comes out, and damage never does. */
#include "log/batch.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>

static struct slice
text(const char *s)
{
	return slice_of(s);
}

static const struct slice none = {NULL, 0};

static struct record
record_of(int i, struct buf *headers)
{
	static const char *const values[] = {"one", "", "three", "4"};
	struct record record = {.timestamp = 1700000000000 - 7 * i};

	record.value = text(values[i % 4]);
	record.key = i % 3 == 0 ? none : text(i % 3 == 1 ? "" : "key");
	if (i % 5 == 4)
		record.value = none;
	buf_clear(headers);
	record.header_count = i % 3;
	for (int n = 0; n < record.header_count; n++)
		record_append_header(headers, text(n ? RECORD_TAG : ""),
		    n ? text("blue") : none);
	record.headers = buf_slice(headers);
	return record;
}

static void
build(struct buf *out, int count, enum codec codec)
{
	struct batch_builder builder;
	struct buf headers = {0};

	batch_builder_init(&builder, codec);
	for (int i = 0; i < count; i++) {
		struct record record = record_of(i, &headers);

		batch_builder_append(&builder, &record);
	}
	CHECK(batch_builder_finish(&builder, out) == 0, "a batch is finished");
	batch_builder_release(&builder);
	buf_release(&headers);
}

static bool
is_same(const struct record *a, const struct record *b)
{
	return a->timestamp == b->timestamp && slice_equal(a->key, b->key) &&
	    slice_equal(a->value, b->value) &&
	    a->header_count == b->header_count &&
	    a->headers.size == b->headers.size &&
	    (a->headers.size == 0 ||
	    memcmp(a->headers.data, b->headers.data, a->headers.size) == 0);
}

/* How many of the records come out as they went in; -1 if one differs. */
static int
read_back(const void *bytes, size_t size, int64_t base)
{
	struct batch_reader reader;
	struct buf scratch = {0}, headers = {0};
	struct record record;
	int count = 0, rc;

	rc = batch_reader_open(&reader, bytes, size, &scratch);
	while (rc >= 0 && (rc = batch_reader_next(&reader, &record)) > 0) {
		struct record wanted = record_of(count, &headers);

		if (!is_same(&record, &wanted) ||
		    record.offset != base + count)
			break;
		count++;
	}
	buf_release(&scratch);
	buf_release(&headers);
	return rc == 0 ? count : -1;
}

static void
test_round_trips(void)
{
	static const enum codec codecs[] = {CODEC_NONE, CODEC_GZIP,
		CODEC_SNAPPY, CODEC_LZ4, CODEC_ZSTD};
	struct batch_header header;
	struct buf out = {0};

	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		buf_clear(&out);
		build(&out, 1000, codecs[i]);
		batch_set_position(out.data, 4711, 3);
		CHECK(batch_decode_header(out.data, out.size, &header) == 0 &&
		    batch_size(&header) == out.size &&
		    header.base_offset == 4711 && header.leader_epoch == 3 &&
		    header.record_count == 1000 && header.producer_id == -1 &&
		    header.max_timestamp == 1700000000000 &&
		    (header.attributes & 7) == (int)codecs[i],
		    "the header says what the batch holds");
		CHECK(is_batch_intact(out.data, &header),
		    "the checksum does not cover offset and epoch");
		CHECK(read_back(out.data, out.size, 4711) == 1000,
		    "all records come back with every field");
	}
	buf_clear(&out);
	build(&out, 1, CODEC_ZSTD);
	batch_decode_header(out.data, out.size, &header);
	CHECK((header.attributes & 7) == CODEC_NONE,
	    "what compression does not shrink is stored without");
	buf_release(&out);
}

static void
test_headers(void)
{
	struct buf headers = {0};
	struct record record = record_of(2, &headers);
	struct record_header header;
	struct slice value;
	size_t position = 0;
	int count = 0;

	CHECK(record_find_header(&record, RECORD_TAG, &value) &&
	    slice_equal(value, text("blue")), "a tag is found");
	CHECK(!record_find_header(&record, "mq.ta", &value),
	    "a prefix of a name is another name");
	while (record_next_header(&record, &position, &header) > 0)
		count++;
	CHECK(count == 2, "headers are walked in order");
	buf_release(&headers);
}

/* The checksum and the structure, as a reader of the log applies them. */
static bool
is_accepted(const unsigned char *bytes, size_t size)
{
	struct batch_header header;

	return batch_decode_header(bytes, size, &header) == 0 &&
	    batch_size(&header) <= size && is_batch_intact(bytes, &header);
}

static void
test_flips(enum codec codec)
{
	enum { EPOCH = 12, MAGIC = 16, COUNT = 60 };
	struct buf out = {0};
	int accepted = 0, wrong = 0;

	build(&out, COUNT, codec);
	for (size_t bit = 0; bit < out.size * 8; bit++) {
		size_t byte = bit / 8;
		int64_t base = 0;

		out.data[byte] ^= (unsigned char)(1 << bit % 8);
		for (int i = 0; i < 8; i++)
			base = (int64_t)((uint64_t)base << 8 | out.data[i]);
		if (is_accepted(out.data, out.size)) {
			accepted += byte >= 8 &&
			    (byte < EPOCH || byte >= MAGIC);
			wrong += read_back(out.data, out.size, base) != COUNT;
		}
		out.data[byte] ^= (unsigned char)(1 << bit % 8);
	}
	CHECK(accepted == 0, "a flipped bit is found wherever it is covered");
	CHECK(wrong == 0, "no flipped bit changes a record");
	buf_release(&out);
}

/* Without the checksum, the decoder alone stands between damage and memory:
 * run under ASan, this is a small fuzzer. */
static void
test_flips_unchecked(enum codec codec)
{
	struct buf out = {0}, scratch = {0};
	struct batch_reader reader;
	struct record record;
	unsigned char *copy;
	bool is_bounded = true;

	build(&out, 60, codec);
	for (size_t bit = 0; bit < out.size * 8; bit++) {
		copy = malloc(out.size);
		memcpy(copy, out.data, out.size);
		copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (batch_reader_open(&reader, copy, out.size, &scratch) == 0)
			while (batch_reader_next(&reader, &record) > 0)
				is_bounded = is_bounded &&
				    record.value.size <= reader.records.size;
		free(copy);
	}
	CHECK(is_bounded, "damage without a checksum stays in bounds");
	buf_release(&out);
	buf_release(&scratch);
}

static void
test_truncations(enum codec codec)
{
	struct batch_header header;
	struct batch_reader reader;
	struct buf out = {0}, scratch = {0};
	int accepted = 0, opened = 0;

	build(&out, 60, codec);
	for (size_t size = 0; size < out.size; size++) {
		unsigned char *cut = malloc(size + 1);

		memcpy(cut, out.data, size);
		accepted += is_accepted(cut, size);
		opened += batch_reader_open(&reader, cut, size, &scratch) == 0;
		if (size >= BATCH_HEADER_SIZE) { /* a length to match the cut */
			batch_decode_header(cut, size, &header);
			header.length = (int32_t)size - BATCH_PREFIX_SIZE;
			batch_encode_header(cut, &header);
			batch_seal(cut, size);
			accepted += read_back(cut, size, 0) >= 0;
		}
		free(cut);
	}
	CHECK(accepted == 0 && opened == 0,
	    "a batch cut anywhere is never taken for whole");
	buf_release(&out);
	buf_release(&scratch);
}

static void
test_zeros(void)
{
	static const unsigned char zeros[4096];
	struct batch_header header;

	CHECK(batch_decode_header(zeros, sizeof(zeros), &header) < 0,
	    "zeros are no batch");
}

static void
test_hostile_counts(void)
{
	struct batch_header header;
	struct buf out = {0}, scratch = {0};
	struct batch_reader reader;

	build(&out, 3, CODEC_NONE);
	batch_decode_header(out.data, out.size, &header);
	header.record_count = INT32_MAX;
	header.last_offset_delta = INT32_MAX;
	batch_encode_header(out.data, &header);
	CHECK(batch_decode_header(out.data, out.size, &header) < 0,
	    "a count that cannot fit is refused");
	header.record_count = 0;
	header.length = INT32_MAX;
	batch_encode_header(out.data, &header);
	CHECK(batch_decode_header(out.data, out.size, &header) < 0,
	    "a length beyond the limit is refused");
	header.length = BATCH_HEADER_SIZE - BATCH_PREFIX_SIZE;
	header.base_offset = 10;
	header.last_offset_delta = 4;
	batch_encode_header(out.data, &header);
	batch_seal(out.data, BATCH_HEADER_SIZE);
	CHECK(batch_reader_open(&reader, out.data, BATCH_HEADER_SIZE,
	    &scratch) == 0 && batch_reader_next(&reader,
	    &(struct record){0}) == 0,
	    "a batch that only spans offsets is legal and holds nothing");
	buf_release(&out);
	buf_release(&scratch);
}

int
main(void)
{
	static const enum codec codecs[] = {CODEC_NONE, CODEC_GZIP,
		CODEC_SNAPPY, CODEC_LZ4, CODEC_ZSTD};

	test_round_trips();
	test_headers();
	test_zeros();
	test_hostile_counts();
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		test_flips(codecs[i]);
		test_flips_unchecked(codecs[i]);
		test_truncations(codecs[i]);
	}
	return unit_end();
}
