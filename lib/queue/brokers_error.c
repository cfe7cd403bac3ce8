/* What error codes of the protocol mean to a user, and when to try again. */
#include "queue/brokers.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kafka/error.h"

static enum fail
meaning_of(int code)
{
	switch (code) {
	case ERROR_UNKNOWN_TOPIC_OR_PARTITION:
	case ERROR_UNKNOWN_TOPIC_ID:
	case ERROR_GROUP_ID_NOT_FOUND:
	case ERROR_RESOURCE_NOT_FOUND:
		return FAIL_MISSING;
	case ERROR_MESSAGE_TOO_LARGE:
	case ERROR_RECORD_LIST_TOO_LARGE:
	case ERROR_INVALID_RECORD:
	case ERROR_INVALID_TIMESTAMP:
	case ERROR_CORRUPT_MESSAGE:
	case ERROR_UNSUPPORTED_COMPRESSION_TYPE:
		return FAIL_DATA;
	case ERROR_INVALID_TOPIC_EXCEPTION:
	case ERROR_INVALID_GROUP_ID:
		return FAIL_USAGE;
	case ERROR_TOPIC_AUTHORIZATION_FAILED:
	case ERROR_GROUP_AUTHORIZATION_FAILED:
	case ERROR_CLUSTER_AUTHORIZATION_FAILED:
		return FAIL_PERMISSION;
	case ERROR_INVALID_CONFIG:
	case ERROR_INVALID_PARTITIONS:
	case ERROR_INVALID_REPLICATION_FACTOR:
	case ERROR_POLICY_VIOLATION:
		return FAIL_CONFIG;
	case ERROR_TOPIC_ALREADY_EXISTS:
		return FAIL_CREATE;
	case ERROR_NON_EMPTY_GROUP:
	case ERROR_GROUP_SUBSCRIBED_TO_TOPIC:
		return FAIL_AGAIN;
	case ERROR_INVALID_RECORD_STATE:
		return FAIL_NOTHING;
	case ERROR_UNKNOWN_SERVER_ERROR:
		return FAIL_IO;
	default:
		return is_error_retriable(code) ? FAIL_AGAIN : FAIL_PROTOCOL;
	}
}

int
brokers_error(int code, struct slice words, const char *what)
{
	if (words.size > 0)
		return fail(meaning_of(code), "%s: %.*s", what,
		    (int)words.size, (const char *)words.data);
	if (code == ERROR_UNKNOWN_TOPIC_OR_PARTITION)
		return fail(FAIL_MISSING, "topic %s: there is none", what);
	return fail(meaning_of(code), "%s: the broker says %s", what,
	    error_name(code));
}

int64_t
brokers_backoff_ms(int tries)
{
	enum { FIRST_MS = 50, LAST_MS = 1000 };
	int64_t wait_ms = FIRST_MS;

	while (--tries > 0 && wait_ms < LAST_MS)
		wait_ms *= 2;
	return wait_ms < LAST_MS ? wait_ms : LAST_MS;
}

bool
brokers_retry(struct brokers_retry *retry, int code)
{
	int64_t now_ms = clock_boot_ms();
	int64_t wait_ms = brokers_backoff_ms(++retry->tries);

	if (retry->tries == 1)
		retry->until_ms = now_ms + BROKERS_PATIENCE_MS;
	if (code <= 0 || !is_error_retriable(code) ||
	    now_ms + wait_ms > retry->until_ms)
		return false;
	clock_sleep_ms(wait_ms);
	return true;
}

int
brokers_judge(int code, struct slice words, const char *what)
{
	return code == 0 || is_error_retriable(code) ? code :
	    brokers_error(code, words, what);
}
