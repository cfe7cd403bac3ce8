/* Errands: requests that a thread carries out from end to end. */
#ifndef SERVER_ERRAND_H
#define SERVER_ERRAND_H

#include "server/request.h"

/* What is done: run in the thread; finish there too, when all that were sent
 * before are run; end in the loop. The last two may be NULL. Then the request
 * is answered. What may be long has steps in place of run: each does a little,
 * keeps in request->steps how far it is, and is true if there is more to do.
 * Others have their turns in between. */
struct errand {
	void (*run)(struct request *request, struct storage *storage);
	void (*finish)(struct request *request, struct storage *storage);
	void (*end)(struct request *request);
	bool (*step)(struct request *request, struct storage *storage);
};

/* tasks is server->index for what needs the index, server->errands for what
 * looks at topics. errand is kept until the end. */
void errand_send(struct request *request, struct tasks *tasks,
    const struct errand *errand);

#endif
