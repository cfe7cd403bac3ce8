/* Checksums, hashes and encodings against known values. */
#include "base/fail.h"
#include "base/hash.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
crc_by_bits(const unsigned char *at, size_t size)
{
	uint32_t crc = ~0u;

	for (; size > 0; at++, size--) {
		crc ^= *at;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static void
test_crc(void)
{
	enum { SIZE = 20000 };
	unsigned char *data = malloc(SIZE);
	bool good = true;

	/* RFC 3720, B.4. */
	CHECK(hash_crc32c(0, "123456789", 9) == 0xe3069283,
	    "crc32c has its check value");
	random_bytes(data, SIZE);
	for (size_t size = 0; size < SIZE; size += size < 100 ? 1 : 977) {
		uint32_t expected = crc_by_bits(data + size % 8, size);

		good = good &&
		    hash_crc32c(0, data + size % 8, size) == expected &&
		    hash_crc32c_portable(0, data + size % 8, size) == expected;
	}
	CHECK(good, "crc32c by instruction and by tables, at every size");
	CHECK(hash_crc32c(hash_crc32c(0, data, 7001), data + 7001, 9000) ==
	        hash_crc32c(0, data, 16001),
	    "crc32c continues");
	free(data);
}

static void
test_murmur(void)
{
	/* The vectors of the Java client's own test, UtilsTest.testMurmur2. */
	static const struct {
		const char *key;
		int32_t hash;
	} vectors[] = {
		{"21", -973932308},
		{"foobar", -790332482},
		{"a-little-bit-long-string", -985981536},
		{"a-little-bit-longer-string", -1486304829},
		{"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
		{"abc", 479470107},
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++)
		good = good &&
		    (int32_t)hash_murmur2(vectors[i].key,
		        strlen(vectors[i].key)) == vectors[i].hash;
	CHECK(good, "murmur2 hashes keys as the Java client does");
}

static void
test_bytes(void)
{
	CHECK(hash_bytes("", 0) != hash_bytes("\0", 1) &&
	        hash_bytes("a", 1) != hash_bytes("b", 1),
	    "hash_bytes tells lengths and contents apart");
}

static void
test_hex(void)
{
	unsigned char bytes[4];
	char text[9];

	hex_encode("\x00\x7f\x80\xff", 4, text);
	CHECK(strcmp(text, "007f80ff") == 0, "hexadecimal is lower case");
	CHECK(hex_decode("007F80ff", bytes, 4) == 0 &&
	        memcmp(bytes, "\x00\x7f\x80\xff", 4) == 0,
	    "hexadecimal is read in either case");
	CHECK(hex_decode("00", bytes, 4) == -FAIL_DATA &&
	        hex_decode("007f80fg", bytes, 4) == -FAIL_DATA,
	    "bad hexadecimal is refused");
}

static void
test_base64(void)
{
	/* RFC 4648, section 10. */
	static const char *const vectors[][2] = {
		{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
		{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
	};
	static const char *const bad[] = {"Z", "Zg=", "Zg==Zg==", "Zh==",
	    "Zm9=", "=m9v", "Z===", "Zm 9", "Zm9v\n"};
	struct buf out = {0};
	bool good = true;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		buf_clear(&out);
		base64_encode(&out, slice_of(vectors[i][0]));
		good = good && strcmp(buf_text(&out), vectors[i][1]) == 0;
		buf_clear(&out);
		good = good &&
		    base64_decode(&out, slice_of(vectors[i][1])) == 0 &&
		    strcmp(buf_text(&out), vectors[i][0]) == 0;
	}
	CHECK(good, "base64 there and back");
	good = true;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		good = good &&
		    base64_decode(&out, slice_of(bad[i])) == -FAIL_DATA;
	CHECK(good, "bad base64 is refused");
	buf_release(&out);
}

int
main(void)
{
	test_crc();
	test_murmur();
	test_bytes();
	test_hex();
	test_base64();
	return unit_end();
}
