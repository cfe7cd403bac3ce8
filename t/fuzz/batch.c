/* A record batch of any bytes; its checksum is respected. */
#include "records.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_batch(data, size);
	return 0;
}
