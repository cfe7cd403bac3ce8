/* The environment of a worker: ours, and what it should know of its message. */
#include "queue/environment.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

static const char *const names[] = {
	"MQ_TOPIC=", "MQ_PARTITION=", "MQ_OFFSET=", "MQ_TIMESTAMP=",
	"MQ_ATTEMPT=", "MQ_RECEIPT=", "MQ_KEY=", "MQ_TAG=", "MQ_COUNT=",
};

static bool
is_ours(const char *variable, bool has_place)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	}
	return has_place && (strncmp(variable, "MQ_SPOOL=", 9) == 0 ||
	    strncmp(variable, "MQ_BROKERS=", 11) == 0);
}

static void
add_pointer(struct environment *environment, char *variable)
{
	buf_append(&environment->pointers, &variable, sizeof(variable));
}

void
environment_init(struct environment *environment, const char *place)
{
	*environment = (struct environment){0};
	for (char **at = environ; at != NULL && *at != NULL; at++) {
		if (!is_ours(*at, place != NULL))
			add_pointer(environment, memory_copy_text(*at));
	}
	if (place != NULL)
		add_pointer(environment, memory_copy_text(place));
	environment->inherited = environment->pointers.size / sizeof(char *);
}

void
environment_release(struct environment *environment)
{
	char **list = (char **)environment->pointers.data;

	for (size_t i = 0; i < environment->inherited; i++)
		free(list[i]);
	buf_release(&environment->text);
	buf_release(&environment->pointers);
	environment->inherited = 0;
}

static void
add_value(struct environment *environment, const char *name,
    struct slice value)
{
	if (value.data == NULL || value.size > ENVIRONMENT_VALUE_MAX ||
	    memchr(value.data, 0, value.size) != NULL)
		return;
	buf_append_text(&environment->text, name);
	buf_append_slice(&environment->text, value);
	buf_append_byte(&environment->text, 0);
}

static void
add_number(struct environment *environment, const char *name, int64_t number)
{
	buf_printf(&environment->text, "%s%lld", name, (long long)number);
	buf_append_byte(&environment->text, 0);
}

void
environment_set(struct environment *environment, const struct message *message)
{
	const struct record *record = &message->record;
	struct slice tag;

	buf_clear(&environment->text);
	add_value(environment, "MQ_TOPIC=", slice_of(message->topic));
	add_number(environment, "MQ_PARTITION=", message->partition);
	add_number(environment, "MQ_OFFSET=", record->offset);
	add_number(environment, "MQ_TIMESTAMP=", record->timestamp);
	add_number(environment, "MQ_ATTEMPT=", message->attempt);
	add_value(environment, "MQ_RECEIPT=", slice_of(message->receipt));
	add_value(environment, "MQ_KEY=", record->key);
	if (record_find_header(record, RECORD_TAG, &tag))
		add_value(environment, "MQ_TAG=", tag);
}

void
environment_add_count(struct environment *environment, int64_t count)
{
	add_number(environment, "MQ_COUNT=", count);
}

/* Only here, where the text does not move any more, it is pointed into. */
char **
environment_list(struct environment *environment)
{
	char *at = (char *)environment->text.data;
	char *end = at + environment->text.size;

	environment->pointers.size = environment->inherited * sizeof(char *);
	for (; at < end; at += strlen(at) + 1)
		add_pointer(environment, at);
	add_pointer(environment, NULL);
	return (char **)environment->pointers.data;
}
