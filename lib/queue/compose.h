/* Composing: messages as bytes, as one payload or in a framing, native too. */
#ifndef QUEUE_COMPOSE_H
#define QUEUE_COMPOSE_H

#include "queue/framing.h"

/* The framing stays the caller's; NULL writes bare payloads, back to back. */
struct composer {
	const struct framing *framing;
	struct batch_builder builder; /* of FRAMING_NATIVE */
};

void composer_init(struct composer *composer, const struct framing *framing);
void composer_release(struct composer *composer);

/* Appends a message to out; natively it is kept back for the batch that
 * composer_finish appends. */
int composer_add(struct composer *composer, const struct message *message,
    struct buf *out);
int composer_finish(struct composer *composer, struct buf *out);

/* Bytes that are kept back. */
size_t composer_pending(const struct composer *composer);

#endif
