/* What of the log goes into an answer: pieces of its files, or copies. */
#include "server/extents.h"

#include <unistd.h>

enum {
	FILES_MAX = 256,          /* in one answer */
	COPIED_MAX = 16 * 1024,   /* bytes of one answer */
};

static bool
add_copy(struct extents *extents, struct request *request,
    const struct partition_extent *found, struct extent *extent)
{
	struct slice bytes = {found->bytes, (size_t)found->size};

	if (bytes.data == NULL || extents->copied + found->size > COPIED_MAX)
		return false;
	extent->bytes = request_copy_bytes(request, bytes).data;
	extents->copied += found->size;
	return true;
}

static bool
add_file(struct extents *extents, const struct partition_extent *found,
    struct extent *extent)
{
	if (extents->files.size == FILES_MAX * sizeof extent->file)
		return false;
	extent->file = dup(found->file);
	if (extent->file < 0)
		return false;
	buf_append(&extents->files, &extent->file, sizeof extent->file);
	extents->file = found->file;
	return true;
}

/* A file that was closed meanwhile may have its number again, but nothing of it
 * lies behind another's piece: it begins at 0. */
static bool
extend_last(const struct extents *extents, const struct buf *list,
    const struct partition_extent *found)
{
	struct extent *last;

	if (list->size == 0 || extents->file != found->file)
		return false;
	last = (struct extent *)(void *)(list->data + list->size -
	    sizeof *last);
	if (last->bytes != NULL ||
	    last->byte + (int64_t)last->size != found->byte)
		return false;
	last->size += (size_t)found->size;
	return true;
}

bool
extents_add(struct extents *extents, struct request *request,
    const struct partition_extent *found, bool may_copy, struct buf *list)
{
	struct extent extent = {-1, found->byte, (size_t)found->size, NULL};

	if (extend_last(extents, list, found))
		return true;
	if (!(may_copy && add_copy(extents, request, found, &extent)) &&
	    !add_file(extents, found, &extent))
		return false;
	buf_append(list, &extent, sizeof extent);
	return true;
}

void
extents_close(struct extents *extents)
{
	const int *files = (const int *)(const void *)extents->files.data;

	for (size_t i = 0; i < extents->files.size / sizeof *files; i++)
		close(files[i]);
	buf_release(&extents->files);
}
