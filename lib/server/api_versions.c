/* ApiVersions: what we speak. */
#include "server/handlers.h"

#include "kafka/metadata.h"

#include <string.h>

/* KIP-511: letters, digits, and dots and dashes between them. */
static bool
is_software_name(struct slice name)
{
	static const char edge[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *text = name.data;

	if (name.size == 0)
		return false;
	for (size_t i = 0; i < name.size; i++) {
		bool is_edge = i == 0 || i == name.size - 1;

		if (text[i] == 0 || (strchr(edge, text[i]) == NULL &&
		    (is_edge || strchr("-.", text[i]) == NULL)))
			return false;
	}
	return true;
}

void
handle_api_versions(struct request *request)
{
	const struct api_versions_request *message = request->message;
	struct api_versions_response *answer = request->answer;
	struct api_versions_response_api_key *keys;
	int32_t count = 0;

	if (request->header.version >= 3 &&
	    (!is_software_name(message->client_software_name) ||
	    !is_software_name(message->client_software_version)))
		answer->error_code = ERROR_INVALID_REQUEST;
	keys = request_new_list(request,
	    &api_versions_response_api_key_schema, &answer->api_keys,
	    (int32_t)api_count);
	for (size_t i = 0; i < api_count; i++) {
		if (handlers_find(api_table[i]->key) == NULL)
			continue;
		keys[count].api_key = api_table[i]->key;
		keys[count].min_version = api_table[i]->first;
		keys[count].max_version = api_table[i]->last;
		count++;
	}
	answer->api_keys.count = count;
	request_answer(request);
}
