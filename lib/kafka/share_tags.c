/* The fields that share groups have between our tools and servers. */
#include "kafka/share_tags.h"

static const struct field share_limits_fields[] = {
	FIELD(share_limits, INT64, lease_ms),
	FIELD(share_limits, INT64, max_attempts),
};
const struct schema share_limits_schema = SCHEMA(share_limits);

static const struct field share_start_fields[] = {
	FIELD(share_start, UUID, topic_id),
	FIELD(share_start, ARRAY, offsets, OF_INT64),
};
const struct schema share_start_schema = SCHEMA(share_start);

static const struct field share_terms_fields[] = {
	FIELD(share_terms, INT64, lease_ms),
	FIELD(share_terms, INT64, max_attempts),
	FIELD(share_terms, INT64, backoff_low_ms, .preset = -1),
	FIELD(share_terms, INT64, backoff_high_ms, .preset = -1),
	FIELD(share_terms, INT8, order),
	FIELD(share_terms, BOOL, is_manual),
	FIELD(share_terms, ARRAY, starts, OF(share_start)),
};
const struct schema share_terms_schema = SCHEMA(share_terms);

static const struct field share_details_fields[] = {
	FIELD(share_details, INT64, token),
	FIELD(share_details, INT64, delay_ms),
	FIELD(share_details, INT64, lease_ms),
	FIELD(share_details, BOOL, is_attempt, .preset = 1),
	FIELD(share_details, STRING, reason, NULLABLE(0),
	    .may_have_nul = true),
	FIELD(share_details, INT32, exit_status, .preset = -1),
	FIELD(share_details, INT32, signal),
	FIELD(share_details, INT64, started_ms),
	FIELD(share_details, INT64, ended_ms),
	FIELD(share_details, BYTES, errors, NULLABLE(0)),
};
const struct schema share_details_schema = SCHEMA(share_details);
