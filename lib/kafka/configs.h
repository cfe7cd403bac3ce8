/* Settings of topics and groups: DescribeConfigs, AlterConfigs,
 * IncrementalAlterConfigs.
 *
 * Fields as in the message schemas of Apache Kafka; configs.c says which
 * version has which. */
#ifndef KAFKA_CONFIGS_H
#define KAFKA_CONFIGS_H

#include "kafka/schema.h"

/* Kinds of resources; where a value is from; what it is; what is done to it. */
enum { CONFIGS_TOPIC = 2, CONFIGS_BROKER = 4, CONFIGS_GROUP = 32 };
enum { CONFIGS_SOURCE_TOPIC = 1, CONFIGS_SOURCE_BROKER = 4,
	CONFIGS_SOURCE_DEFAULT = 5, CONFIGS_SOURCE_GROUP = 8 };
enum { CONFIGS_TYPE_BOOL = 1, CONFIGS_TYPE_STRING = 2, CONFIGS_TYPE_INT = 3,
	CONFIGS_TYPE_LONG = 5 };
enum { CONFIGS_SET, CONFIGS_DELETE, CONFIGS_APPEND, CONFIGS_SUBTRACT };

struct describe_configs_request_resource {
	int8_t resource_type;
	struct slice resource_name;
	struct list configuration_keys; /* struct slice */
};

struct describe_configs_request {
	struct list resources; /* struct describe_configs_request_resource */
	bool include_synonyms;
	bool include_documentation;
};

struct describe_configs_response_synonym {
	struct slice name;
	struct slice value;
	int8_t source;
};

struct describe_configs_response_config {
	struct slice name;
	struct slice value;
	bool read_only;
	bool is_default;
	int8_t config_source;
	bool is_sensitive;
	struct list synonyms; /* struct describe_configs_response_synonym */
	int8_t config_type;
	struct slice documentation;
};

struct describe_configs_response_result {
	int16_t error_code;
	struct slice error_message;
	int8_t resource_type;
	struct slice resource_name;
	struct list configs; /* struct describe_configs_response_config */
};

struct describe_configs_response {
	int32_t throttle_time_ms;
	struct list results; /* struct describe_configs_response_result */
};

/* AlterConfigs has these, too: without config_operation. */
struct change_configs_request_config {
	struct slice name;
	int8_t config_operation;
	struct slice value;
};

struct change_configs_request_resource {
	int8_t resource_type;
	struct slice resource_name;
	struct list configs; /* struct change_configs_request_config */
};

struct change_configs_request {
	struct list resources; /* struct change_configs_request_resource */
	bool validate_only;
};

struct change_configs_response_topic {
	int16_t error_code;
	struct slice error_message;
	int8_t resource_type;
	struct slice resource_name;
};

struct change_configs_response {
	int32_t throttle_time_ms;
	struct list responses; /* struct change_configs_response_topic */
};

extern const struct schema describe_configs_request_resource_schema;
extern const struct schema describe_configs_request_schema;
extern const struct schema describe_configs_response_synonym_schema;
extern const struct schema describe_configs_response_config_schema;
extern const struct schema describe_configs_response_result_schema;
extern const struct schema describe_configs_response_schema;
extern const struct schema alter_configs_request_config_schema;
extern const struct schema alter_configs_request_resource_schema;
extern const struct schema alter_configs_request_schema;
extern const struct schema alter_configs_response_schema;
extern const struct schema change_configs_request_config_schema;
extern const struct schema change_configs_request_resource_schema;
extern const struct schema change_configs_request_schema;
extern const struct schema change_configs_response_topic_schema;
extern const struct schema change_configs_response_schema;

#endif
