/* Composing: messages as bytes, as one payload or in a framing, native too. */
#include "queue/compose.h"

static bool
is_native(const struct composer *composer)
{
	return composer->framing != NULL &&
	    composer->framing->kind == FRAMING_NATIVE;
}

void
composer_init(struct composer *composer, const struct framing *framing)
{
	*composer = (struct composer){.framing = framing};
	if (is_native(composer))
		batch_builder_init(&composer->builder, CODEC_NONE);
}

void
composer_release(struct composer *composer)
{
	if (is_native(composer))
		batch_builder_release(&composer->builder);
}

int
composer_add(struct composer *composer, const struct message *message,
    struct buf *out)
{
	if (composer->framing == NULL) {
		buf_append_slice(out, message->record.value);
		return 0;
	}
	if (!is_native(composer))
		return framing_append(composer->framing, message, out);
	batch_builder_append(&composer->builder, &message->record);
	return 0;
}

int
composer_finish(struct composer *composer, struct buf *out)
{
	if (!is_native(composer))
		return 0;
	return batch_builder_finish(&composer->builder, out);
}

size_t
composer_pending(const struct composer *composer)
{
	if (!is_native(composer) || composer->builder.count == 0)
		return 0;
	return batch_builder_size(&composer->builder);
}
