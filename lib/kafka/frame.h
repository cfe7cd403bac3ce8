/* Frames: the headers of requests and responses. */
#ifndef KAFKA_FRAME_H
#define KAFKA_FRAME_H

#include "kafka/api.h"

/* Every message is preceded by its size, four bytes. */
enum { FRAME_SIZE_BYTES = 4 };

struct request_header {
	int16_t key;
	int16_t version;
	int32_t correlation;
	struct slice client_id; /* data NULL: none */
};

/* Decodes the header of a request (without its size), version 1 or 2 as the
 * API and version ask, which may be ones we do not speak: then only
 * key, version and correlation are taken. -FAIL_PROTOCOL. */
int frame_decode_request(struct cursor *input, struct request_header *header);

/* Begins a frame: reserves its size and writes the header. The message itself
 * is appended by schema_encode, then frame_end sets the size. A response to
 * ApiVersions never has the newer header, so that any client can read it. */
void frame_begin_request(const struct api *api,
    const struct request_header *header, struct buf *output);
void frame_begin_response(const struct api *api, int version,
    int32_t correlation, struct buf *output);

/* start: size of the buffer before frame_begin; extent_bytes: what goes in
 * between. */
void frame_end(struct buf *output, size_t start, size_t extent_bytes);

/* Decodes the header of a response to that API. */
int frame_decode_response(const struct api *api, int version,
    struct cursor *input, int32_t *correlation);

#endif
