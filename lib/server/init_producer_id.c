/* InitProducerId: a name for a producer, so that its retries are known. */
#include "server/handlers.h"

#include "base/hash.h"
#include "kafka/produce.h"

/* Random, as nothing else is known to be new to every log: 62 bits do not come
 * twice. A known producer goes on with the next epoch. */
void
handle_init_producer_id(struct request *request)
{
	const struct init_producer_id_request *message = request->message;
	struct init_producer_id_response *answer = request->answer;
	uint64_t id;

	if (message->transactional_id.data != NULL) {
		answer->error_code =
		    ERROR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
	} else if (message->producer_id >= 0 &&
	    message->producer_epoch >= 0 &&
	    message->producer_epoch < INT16_MAX) {
		answer->producer_id = message->producer_id;
		answer->producer_epoch = message->producer_epoch + 1;
	} else {
		random_bytes(&id, sizeof id);
		answer->producer_id = (int64_t)(id >> 2);
		answer->producer_epoch = 0;
	}
	request_answer(request);
}
