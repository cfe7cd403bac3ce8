/* Checksums and hashes of the formats we speak. */
#include "base/hash.h"

#include <pthread.h>
#include <string.h>

enum {
	CRC32C_POLYNOMIAL = 0x82f63b78, /* Castagnoli, bits reversed */
	STREAM_SIZE = 1024,
};

static uint64_t
load64(const unsigned char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t
load_le32(const unsigned char *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[3] << 24;
}

static uint32_t crc_tables[8][256];

static void
fill_tables(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
		crc_tables[0][i] = crc;
	}
	for (int t = 1; t < 8; t++) {
		for (int i = 0; i < 256; i++) {
			uint32_t crc = crc_tables[t - 1][i];

			crc_tables[t][i] = crc >> 8 ^
			    crc_tables[0][crc & 0xff];
		}
	}
}

/* Eight bytes a step, one table for each. */
static uint32_t
crc_portable(uint32_t crc, const unsigned char *at, size_t size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fill_tables);
	for (; size >= 8; at += 8, size -= 8) {
		uint32_t low = crc ^ load_le32(at);
		uint32_t high = load_le32(at + 4);

		crc = 0;
		for (int i = 0; i < 4; i++) {
			crc ^= crc_tables[7 - i][low >> 8 * i & 0xff];
			crc ^= crc_tables[3 - i][high >> 8 * i & 0xff];
		}
	}
	for (; size > 0; at++, size--)
		crc = crc >> 8 ^ crc_tables[0][(crc ^ *at) & 0xff];
	return crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define HARDWARE __attribute__((target("sse4.2,pclmul")))

static bool
has_hardware(void)
{
	return __builtin_cpu_supports("sse4.2") &&
	    __builtin_cpu_supports("pclmul");
}

/*
 * The checksum of what crc stands for, followed by zeros: a product in the
 * field. The factor for n bytes of zeros is x^(8n - 33) mod P, bits reversed;
 * the missing x^33 come from the crc32 instruction and the product's width.
 */
HARDWARE static uint64_t
crc_shift(uint64_t crc, uint32_t factor)
{
	__m128i product = _mm_clmulepi64_si128(
	    _mm_cvtsi64_si128((long long)crc),
	    _mm_cvtsi32_si128((int)factor), 0);

	return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

/* Three streams at once hide the three cycles that the instruction takes. */
HARDWARE static uint64_t
crc_three_streams(uint64_t crc, const unsigned char *at)
{
	uint64_t second = 0, third = 0;

	for (int i = 0; i < STREAM_SIZE; i += 8) {
		crc = _mm_crc32_u64(crc, load64(at + i));
		second = _mm_crc32_u64(second, load64(at + STREAM_SIZE + i));
		third = _mm_crc32_u64(third, load64(at + 2 * STREAM_SIZE + i));
	}
	return crc_shift(crc, 0xa51b6135) ^ crc_shift(second, 0x170076fa) ^
	    third;
}

HARDWARE static uint32_t
crc_hardware(uint32_t start, const unsigned char *at, size_t size)
{
	uint64_t crc = start;

	for (; size >= 3 * STREAM_SIZE; size -= 3 * STREAM_SIZE) {
		crc = crc_three_streams(crc, at);
		at += 3 * STREAM_SIZE;
	}
	for (; size >= 8; at += 8, size -= 8)
		crc = _mm_crc32_u64(crc, load64(at));
	for (; size > 0; at++, size--)
		crc = _mm_crc32_u8((uint32_t)crc, *at);
	return (uint32_t)crc;
}

#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

static bool
has_hardware(void)
{
	return getauxval(AT_HWCAP) & HWCAP_CRC32;
}

__attribute__((target("+crc"))) static uint32_t
crc_hardware(uint32_t crc, const unsigned char *at, size_t size)
{
	for (; size >= 8; at += 8, size -= 8)
		crc = __crc32cd(crc, load64(at));
	for (; size > 0; at++, size--)
		crc = __crc32cb(crc, *at);
	return crc;
}

#else
#define crc_hardware crc_portable

static bool
has_hardware(void)
{
	return false;
}
#endif

uint32_t
hash_crc32c(uint32_t crc, const void *data, size_t size)
{
	if (has_hardware())
		return ~crc_hardware(~crc, data, size);
	return ~crc_portable(~crc, data, size);
}

uint32_t
hash_crc32c_portable(uint32_t crc, const void *data, size_t size)
{
	return ~crc_portable(~crc, data, size);
}

uint32_t
hash_murmur2(const void *data, size_t size)
{
	const uint32_t factor = 0x5bd1e995;
	const unsigned char *at = data;
	uint32_t hash = 0x9747b28c ^ (uint32_t)size;

	for (; size >= 4; at += 4, size -= 4) {
		uint32_t word = load_le32(at) * factor;

		word = (word ^ word >> 24) * factor;
		hash = hash * factor ^ word;
	}
	if (size > 0) {
		for (size_t i = 0; i < size; i++)
			hash ^= (uint32_t)at[i] << 8 * i;
		hash *= factor;
	}
	hash = (hash ^ hash >> 13) * factor;
	return hash ^ hash >> 15;
}

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

uint64_t
hash_bytes(const void *data, size_t size)
{
	const unsigned char *at = data;
	uint64_t hash = mix(0x2545f4914f6cdd1d, size);
	uint64_t tail = 0;

	for (; size >= 8; at += 8, size -= 8)
		hash = mix(hash, load64(at));
	for (size_t i = 0; i < size; i++)
		tail |= (uint64_t)at[i] << 8 * i;
	return mix(mix(hash, tail), 0);
}
