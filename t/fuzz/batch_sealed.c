/* A record batch of any bytes, with the checksum that fits them. */
#include "records.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct batch_header header;
	unsigned char *bytes;

	if (batch_decode_header(data, size, &header) < 0 ||
	    batch_size(&header) > size)
		return 0;
	bytes = memory_alloc(batch_size(&header));
	memcpy(bytes, data, batch_size(&header));
	batch_seal(bytes, batch_size(&header));
	check_batch(bytes, batch_size(&header));
	free(bytes);
	return 0;
}
