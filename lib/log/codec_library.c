/* Compression libraries by dlopen: who does not use them does not pay. */
#include "log/codec_library.h"
#include "base/fail.h"
#include <dlfcn.h>
#include <string.h>

int
codec_library_load(const char *file, const struct codec_symbol *symbols)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (library == NULL)
		return fail(FAIL_SYSTEM, "compression needs %s: %s", file,
		    dlerror());
	for (; symbols->name != NULL; symbols++) {
		void *symbol = dlsym(library, symbols->name);

		if (symbol == NULL) {
			dlclose(library);
			return fail(FAIL_SYSTEM, "library %s has no %s", file,
			    symbols->name);
		}
		memcpy(symbols->slot, &symbol, sizeof(symbol));
	}
	dlclose(library); /* RTLD_NODELETE: the code stays */
	return 0;
}

void *
codec_library_find(const char *file, const char *name)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_NOLOAD);
	void *symbol = library != NULL ? dlsym(library, name) : NULL;

	if (library != NULL)
		dlclose(library);
	return symbol;
}

size_t
codec_library_room(struct buf *out, size_t start, size_t max)
{
	enum { PIECE = 64 * 1024 };
	size_t made = out->size - start;
	size_t left = made > max ? 0 : max - made + 1;
	size_t room = made > PIECE ? made : PIECE;

	if (room > left)
		room = left;
	buf_reserve(out, room);
	return room;
}
