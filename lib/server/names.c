/* A table of names, with as many slots again as there may be names. */
#include "server/names.h"

#include "base/hash.h"

void
names_init(struct names *names, struct request *request, int32_t most)
{
	struct list list;

	names->count = 2;
	while (names->count < 2 * (size_t)most)
		names->count *= 2;
	names->slots = request_new_list(request, &schema_string, &list,
	    (int32_t)names->count);
	for (size_t i = 0; i < names->count; i++)
		names->slots[i] = (struct slice){NULL, 0};
}

bool
names_add(struct names *names, struct slice name)
{
	size_t at = hash_bytes(name.data, name.size);

	for (;; at++) {
		struct slice *slot = &names->slots[at & (names->count - 1)];

		if (slot->data == NULL) {
			*slot = name;
			return true;
		}
		if (slice_equal(*slot, name))
			return false;
	}
}
