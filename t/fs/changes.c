/* Changes of topics while the power goes. */
#include "changes.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 64 };

/* One change after another: makes a topic, alters it, deletes it. What is said
 * before each is what it may be; OK, what it is. */
void
changes_make(void *context)
{
	const struct changes *changes = context;
	int out = changes->actor->out;
	char name[TEXT_SIZE], value[TEXT_SIZE], said[TEXT_SIZE];

	for (int i = changes->next; i < changes->next + 4 && i < VALUES_MAX;
	     i++) {
		char *create[] = {"mq-topic", "create", "-X", value, name,
			NULL};
		char *alter[] = {"mq-topic", "alter", "-X", value, name, NULL};
		char *delete[] = {"mq-topic", "delete", "--yes", name, NULL};
		char **steps[] = {create, alter, alter, delete};

		snprintf(name, sizeof(name), "x%d", i);
		for (int step = 0; step < (i % 2 ? 3 : 4); step++) {
			int now = step == 3 ? 0 : 1000 * (i + 1) + step + 1;

			snprintf(value, sizeof(value), "retention.ms=%d", now);
			snprintf(said, sizeof(said), "%d %d", i, now);
			actor_say(out, said);
			if (actor_run(steps[step], out) != 0)
				return;
			actor_say(out, "OK");
		}
	}
}

/* A change that is told of before the power goes, may be done; if OK stands
 * behind it by then, it is. */
void
changes_note(struct changes *changes, struct buf *said, size_t certain)
{
	int number = -1, value = 0;
	const char *text = buf_text(said);

	changes->doubt_count = 0;
	for (char *line = strtok((char *)text, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		bool is_ok = strcmp(line, "OK") == 0;

		if (is_ok && number >= 0 &&
		    (size_t)(line - text) + sizeof("OK") <= certain) {
			changes->values[number] = value;
			changes->doubt_count = 0;
		}
		if (is_ok || sscanf(line, "%d %d", &number, &value) != 2 ||
		    number < 0 || number >= VALUES_MAX ||
		    changes->doubt_count == DOUBTS_MAX)
			continue;
		changes->doubts[changes->doubt_count].number = number;
		changes->doubts[changes->doubt_count++].value = value;
		if (number >= changes->next)
			changes->next = number + 1;
	}
}

/* topic.yaml is the truth, and readable. */
static int
read_value(const char *topics, int number)
{
	char path[512], line[256];
	FILE *file;
	int value = -1;

	snprintf(path, sizeof(path), "%s/x%d/topic.yaml", topics, number);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "retention.ms: %d", &value);
	fclose(file);
	return value;
}

static bool
is_doubtful(const struct changes *changes, int number, int value)
{
	for (int i = 0; i < changes->doubt_count; i++)
		if (changes->doubts[i].number == number &&
		    changes->doubts[i].value == value)
			return true;
	return false;
}

void
changes_check(struct changes *changes, struct ledger *ledger,
    const char *topics)
{
	for (int i = 0; i < changes->next; i++) {
		int value = read_value(topics, i);

		if (value != changes->values[i] &&
		    !is_doubtful(changes, i, value))
			ledger_problem(ledger, "topic x%d: %d, not %d", i,
			    value, changes->values[i]);
		changes->values[i] = value;
	}
	changes->doubt_count = 0;
}
