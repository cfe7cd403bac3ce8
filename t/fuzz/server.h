/* For entries of a whole server: one on a spool of its own, where nobody waits
 * for more than there is. */
#ifndef FUZZ_SERVER_H
#define FUZZ_SERVER_H

#include "base/file.h"
#include "fuzz.h"
#include "server/connection.h"
#include "server/parked.h"
#include "spool/tree.h"

#include <fcntl.h>
#include <unistd.h>

static struct server *server;
static char server_path[256];

/* name tells its directory from those of other entries. */
static inline void
server_begin(const char *name)
{
	static const char *const listen_at[] = {"127.0.0.1:0"};
	struct server_options options = {
		.spool = server_path,
		.listen = listen_at,
		.listen_count = 1,
		.force = true,
	};
	/* Syncs cost nothing there. */
	const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" :
	    "/tmp";

	snprintf(server_path, sizeof server_path, "%s/%s.XXXXXX", parent, name);
	MUST(mkdtemp(server_path) != NULL, "a directory is made");
	MUST(server_open(&server, &options) == 0, "a server begins");
	parking_end(server->parking); /* so that nobody waits for long */
}

static inline void
server_end(void)
{
	char *name = strrchr(server_path, '/');
	int parent;

	if (server == NULL)
		return;
	server_close(server);
	server = NULL;
	*name = 0;
	parent = file_open_directory(AT_FDCWD, server_path);
	if (parent >= 0)
		tree_remove(parent, name + 1);
	close(parent);
}

#endif
