/* What handlers share. */
#include "server/request.h"

#include "base/fail.h"
#include "server/connection.h"

#include <string.h>

void *
request_new_list(struct request *request, const struct schema *schema,
    struct list *list, int32_t count)
{
	request->arena.limit = SIZE_MAX;
	return schema_new_list(schema, &request->arena, list, count);
}

struct slice
request_copy_bytes(struct request *request, struct slice bytes)
{
	char *copy;

	request->arena.limit = SIZE_MAX;
	copy = arena_take(&request->arena, 1, bytes.size + 1);
	if (bytes.size > 0)
		memcpy(copy, bytes.data, bytes.size);
	return (struct slice){copy, bytes.size};
}

struct slice
request_copy(struct request *request, const char *text)
{
	return request_copy_bytes(request, slice_of(text));
}

bool
is_request_large(const struct request *request)
{
	const struct server *server = request->server;
	size_t taken = request->arena.taken;
	size_t others = __atomic_load_n(&server->memory, __ATOMIC_RELAXED) +
	    __atomic_load_n(&server->growing, __ATOMIC_RELAXED);

	return taken > SERVER_ANSWER_MAX ||
	    (taken > SERVER_ROOM && others + taken > SERVER_MEMORY_MAX);
}

enum error_code
request_error(int failed)
{
	switch (-failed) {
	case FAIL_MISSING:
		return ERROR_UNKNOWN_TOPIC_OR_PARTITION;
	case FAIL_USAGE:
		return ERROR_INVALID_TOPIC_EXCEPTION;
	case FAIL_DATA:
		return ERROR_MESSAGE_TOO_LARGE;
	case FAIL_CORRUPT:
		return ERROR_CORRUPT_MESSAGE;
	case FAIL_AGAIN:
	case FAIL_STOPPED:
	case FAIL_IO:
	case FAIL_SYSTEM: /* as no descriptor that is free */
		return ERROR_KAFKA_STORAGE_ERROR;
	case FAIL_CONFIG:
		return ERROR_INVALID_CONFIG;
	case FAIL_CREATE:
		return ERROR_TOPIC_ALREADY_EXISTS;
	case FAIL_PERMISSION:
		return ERROR_TOPIC_AUTHORIZATION_FAILED;
	default:
		return failed >= 0 ? ERROR_NONE : ERROR_UNKNOWN_SERVER_ERROR;
	}
}
