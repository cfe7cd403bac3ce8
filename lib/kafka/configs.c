/* The fields of settings of topics and groups, by version. */
#include "kafka/configs.h"

static const struct field describe_configs_request_resource_fields[] = {
	FIELD(describe_configs_request_resource, INT8, resource_type),
	FIELD(describe_configs_request_resource, STRING, resource_name),
	FIELD(describe_configs_request_resource, ARRAY, configuration_keys,
	    OF_STRING, NULLABLE(0)),
};
const struct schema describe_configs_request_resource_schema =
    SCHEMA(describe_configs_request_resource);

static const struct field describe_configs_request_fields[] = {
	FIELD(describe_configs_request, ARRAY, resources,
	    OF(describe_configs_request_resource)),
	FIELD(describe_configs_request, BOOL, include_synonyms, .since = 1),
	FIELD(describe_configs_request, BOOL, include_documentation,
	    .since = 3),
};
const struct schema describe_configs_request_schema =
    SCHEMA(describe_configs_request);

static const struct field describe_configs_response_synonym_fields[] = {
	FIELD(describe_configs_response_synonym, STRING, name),
	FIELD(describe_configs_response_synonym, STRING, value, NULLABLE(0)),
	FIELD(describe_configs_response_synonym, INT8, source),
};
const struct schema describe_configs_response_synonym_schema =
    SCHEMA(describe_configs_response_synonym);

static const struct field describe_configs_response_config_fields[] = {
	FIELD(describe_configs_response_config, STRING, name),
	FIELD(describe_configs_response_config, STRING, value, NULLABLE(0)),
	FIELD(describe_configs_response_config, BOOL, read_only),
	FIELD(describe_configs_response_config, BOOL, is_default, .before = 1),
	FIELD(describe_configs_response_config, INT8, config_source,
	    .since = 1, .preset = -1),
	FIELD(describe_configs_response_config, BOOL, is_sensitive),
	FIELD(describe_configs_response_config, ARRAY, synonyms,
	    OF(describe_configs_response_synonym), .since = 1),
	FIELD(describe_configs_response_config, INT8, config_type, .since = 3),
	FIELD(describe_configs_response_config, STRING, documentation,
	    .since = 3, NULLABLE(0)),
};
const struct schema describe_configs_response_config_schema =
    SCHEMA(describe_configs_response_config);

static const struct field describe_configs_response_result_fields[] = {
	FIELD(describe_configs_response_result, INT16, error_code),
	FIELD(describe_configs_response_result, STRING, error_message,
	    NULLABLE(0)),
	FIELD(describe_configs_response_result, INT8, resource_type),
	FIELD(describe_configs_response_result, STRING, resource_name),
	FIELD(describe_configs_response_result, ARRAY, configs,
	    OF(describe_configs_response_config)),
};
const struct schema describe_configs_response_result_schema =
    SCHEMA(describe_configs_response_result);

static const struct field describe_configs_response_fields[] = {
	FIELD(describe_configs_response, INT32, throttle_time_ms),
	FIELD(describe_configs_response, ARRAY, results,
	    OF(describe_configs_response_result)),
};
const struct schema describe_configs_response_schema =
    SCHEMA(describe_configs_response);

static const struct field change_configs_request_config_fields[] = {
	FIELD(change_configs_request_config, STRING, name),
	FIELD(change_configs_request_config, INT8, config_operation),
	FIELD(change_configs_request_config, STRING, value, NULLABLE(0)),
};
const struct schema change_configs_request_config_schema =
    SCHEMA(change_configs_request_config);

static const struct field change_configs_request_resource_fields[] = {
	FIELD(change_configs_request_resource, INT8, resource_type),
	FIELD(change_configs_request_resource, STRING, resource_name),
	FIELD(change_configs_request_resource, ARRAY, configs,
	    OF(change_configs_request_config)),
};
const struct schema change_configs_request_resource_schema =
    SCHEMA(change_configs_request_resource);

static const struct field change_configs_request_fields[] = {
	FIELD(change_configs_request, ARRAY, resources,
	    OF(change_configs_request_resource)),
	FIELD(change_configs_request, BOOL, validate_only),
};
const struct schema change_configs_request_schema =
    SCHEMA(change_configs_request);

static const struct field change_configs_response_topic_fields[] = {
	FIELD(change_configs_response_topic, INT16, error_code),
	FIELD(change_configs_response_topic, STRING, error_message,
	    NULLABLE(0)),
	FIELD(change_configs_response_topic, INT8, resource_type),
	FIELD(change_configs_response_topic, STRING, resource_name),
};
const struct schema change_configs_response_topic_schema =
    SCHEMA(change_configs_response_topic);

static const struct field change_configs_response_fields[] = {
	FIELD(change_configs_response, INT32, throttle_time_ms),
	FIELD(change_configs_response, ARRAY, responses,
	    OF(change_configs_response_topic)),
};
const struct schema change_configs_response_schema =
    SCHEMA(change_configs_response);

/* AlterConfigs: the same without config_operation. */
static const struct field alter_configs_request_config_fields[] = {
	FIELD(change_configs_request_config, STRING, name),
	FIELD(change_configs_request_config, STRING, value, NULLABLE(0)),
};
const struct schema alter_configs_request_config_schema = {
	sizeof(struct change_configs_request_config),
	alter_configs_request_config_fields, 2, false};

static const struct field alter_configs_request_resource_fields[] = {
	FIELD(change_configs_request_resource, INT8, resource_type),
	FIELD(change_configs_request_resource, STRING, resource_name),
	FIELD(change_configs_request_resource, ARRAY, configs,
	    OF(alter_configs_request_config)),
};
const struct schema alter_configs_request_resource_schema = {
	sizeof(struct change_configs_request_resource),
	alter_configs_request_resource_fields, 3, false};

static const struct field alter_configs_request_fields[] = {
	FIELD(change_configs_request, ARRAY, resources,
	    OF(alter_configs_request_resource)),
	FIELD(change_configs_request, BOOL, validate_only),
};
const struct schema alter_configs_request_schema = {
	sizeof(struct change_configs_request),
	alter_configs_request_fields, 2, false};

const struct schema alter_configs_response_schema =
    SCHEMA(change_configs_response);
