/* Errands: requests that a thread carries out from end to end. */
#ifndef SERVER_ERRAND_H
#define SERVER_ERRAND_H

#include "server/request.h"

/* What is done: run in the thread; finish there too, when all that were sent
 * before are run; end in the loop. The last two may be NULL. Then the request is
 * answered. */
struct errand {
	void (*run)(struct request *request, struct storage *storage);
	void (*finish)(struct request *request, struct storage *storage);
	void (*end)(struct request *request);
};

/* tasks is server->index for what needs the index, server->errands for what
 * looks at topics. errand is kept until the end. */
void errand_send(struct request *request, struct tasks *tasks,
    const struct errand *errand);

#endif
