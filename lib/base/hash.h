/* Checksums and hashes of the formats we speak. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/buf.h"

/* CRC-32C (Castagnoli), hardware where present. Continue with the former
 * result as crc; start with 0. */
uint32_t hash_crc32c(uint32_t crc, const void *data, size_t size);

/* The same, by tables only; what other machines use. */
uint32_t hash_crc32c_portable(uint32_t crc, const void *data, size_t size);

/* 32-bit murmur2 with Kafka's seed, as its Java client hashes keys. */
uint32_t hash_murmur2(const void *data, size_t size);

/* 64-bit hash for tables and key locks (not for untrusted equality). */
uint64_t hash_bytes(const void *data, size_t size);

/* Random bytes from the kernel. */
void random_bytes(void *data, size_t size);

/* Lower-case hexadecimal; out has 2 * size + 1 bytes. hex_decode returns 0,
 * or -FAIL_DATA if text is not exactly 2 * size digits. */
void hex_encode(const void *data, size_t size, char *out);
int hex_decode(const char *text, void *data, size_t size);

/* RFC 4648 base64 with padding. decode appends to out; -FAIL_DATA. */
void base64_encode(struct buf *out, struct slice data);
int base64_decode(struct buf *out, struct slice text);

#endif
