/* What a workload was promised, and what it tried, from its marks. */
#include "promise.h"

#include <stdio.h>
#include <string.h>

/* The words of each mark: t topic, w word, p partition, f first, l last. */
static const struct {
	const char *name;
	enum promise_kind kind;
	const char *words;
} marks[] = {
	{"try-put", TRY_PUT, "tw"},
	{"put", PUT, "tpfw"},
	{"keep", KEEP, "tpfw"},
	{"refused", REFUSED, "tw"},
	{"try-settle", TRY_SETTLE, "twpfl"},
	{"settle", SETTLE, "twpfl"},
	{"end-settle", END_SETTLE, "tw"},
	{"try-dead", TRY_DEAD, "twpf"},
	{"dead", DEAD, "twpf"},
	{"try-topic", TRY_TOPIC, "t"},
	{"topic", TOPIC, "tf"},
	{"try-gone", TRY_GONE, "t"},
	{"gone", GONE, "t"},
	{"try-reset", TRY_RESET, "tw"},
	{"try-boot", TRY_BOOT, "w"},
	{"try-stop", TRY_STOP, "t"},
	{"try-trim", TRY_TRIM, "tpf"},
	{"trim", TRIM, "tpf"},
	{"held", HELD, "twpf"},
};

static void
set_word(struct promise *promise, char which, const char *word)
{
	long long number = 0;

	if (which == 't')
		snprintf(promise->topic, WORD_MAX, "%s", word);
	else if (which == 'w')
		snprintf(promise->word, WORD_MAX, "%s", word);
	sscanf(word, "%lld", &number);
	if (which == 'p')
		promise->partition = (int)number;
	if (which == 'f')
		promise->first = number;
	if (which == 'f' || which == 'l')
		promise->last = number;
}

/* What was said of the group before is now of another kind. */
static void
turn(struct promises *promises, const struct promise *of,
    enum promise_kind from, enum promise_kind to)
{
	for (int i = 0; i < promises->count; i++) {
		struct promise *it = &promises->list[i];

		if (it->kind == from && strcmp(it->topic, of->topic) == 0 &&
		    strcmp(it->word, of->word) == 0)
			it->kind = to;
	}
}

int
promises_add(struct promises *promises, const char *mark)
{
	struct promise *it = &promises->list[promises->count];
	char copy[512], *rest = copy, *name;

	snprintf(copy, sizeof(copy), "%s", mark);
	name = strsep(&rest, " ");
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (strcmp(marks[i].name, name) != 0)
			continue;
		*it = (struct promise){.kind = marks[i].kind};
		for (const char *w = marks[i].words; *w; w++) {
			const char *word = strsep(&rest, " ");

			if (word == NULL)
				return -1;
			set_word(it, *w, word);
		}
		if (it->kind == END_SETTLE)
			turn(promises, it, TRY_SETTLE, END_SETTLE);
		if (it->kind == TRY_RESET)
			turn(promises, it, SETTLE, TRY_SETTLE);
		if (promises->count == PROMISES_MAX - 1)
			return -1;
		promises->count++;
		return 0;
	}
	return -1;
}

bool
is_promise_void(const struct promises *promises, int index)
{
	const struct promise *it = &promises->list[index];
	enum promise_kind end = it->kind == GONE ? TRY_TOPIC : TRY_GONE;

	for (int i = index + 1; i < promises->count; i++) {
		if (promises->list[i].kind == end &&
		    strcmp(promises->list[i].topic, it->topic) == 0)
			return true;
	}
	return false;
}

static bool
covers(const struct promise *it, const char *topic, const char *group,
    int partition, int64_t offset)
{
	return strcmp(it->topic, topic) == 0 && strcmp(it->word, group) == 0 &&
	    it->partition == partition && it->first <= offset &&
	    offset <= it->last;
}

bool
is_settle_tried(const struct promises *promises, const char *topic,
    const char *group, int partition, int64_t offset)
{
	for (int i = 0; i < promises->count; i++) {
		const struct promise *it = &promises->list[i];

		if ((it->kind == TRY_SETTLE || it->kind == SETTLE ||
		        it->kind == TRY_DEAD || it->kind == DEAD) &&
		    covers(it, topic, group, partition, offset) &&
		    !is_promise_void(promises, i))
			return true;
	}
	return false;
}

bool
is_settled(const struct promises *promises, const char *topic,
    const char *group, int partition, int64_t offset)
{
	for (int i = 0; i < promises->count; i++) {
		const struct promise *it = &promises->list[i];

		if ((it->kind == SETTLE || it->kind == DEAD) &&
		    covers(it, topic, group, partition, offset) &&
		    !is_promise_void(promises, i))
			return true;
	}
	return false;
}

int
promises_count_tries(const struct promises *promises, const char *topic,
    const char *value)
{
	int count = 0;

	for (int i = 0; i < promises->count; i++) {
		const struct promise *it = &promises->list[i];

		if (strcmp(it->topic, topic) != 0 ||
		    strcmp(it->word, value) != 0)
			continue;
		if (it->kind == REFUSED)
			return 0;
		count += it->kind == TRY_PUT;
	}
	return count;
}

static bool
is_below(const struct promises *promises, enum promise_kind kind,
    const char *topic, int partition, int64_t offset)
{
	for (int i = 0; i < promises->count; i++) {
		const struct promise *it = &promises->list[i];

		if (it->kind == kind && strcmp(it->topic, topic) == 0 &&
		    it->partition == partition && offset < it->first)
			return true;
	}
	return false;
}

bool
is_trim_tried(const struct promises *promises, const char *topic,
    int partition, int64_t offset)
{
	return is_below(promises, TRY_TRIM, topic, partition, offset);
}

bool
is_trimmed(const struct promises *promises, const char *topic, int partition,
    int64_t offset)
{
	return is_below(promises, TRIM, topic, partition, offset);
}

const char *
promises_boot(const struct promises *promises)
{
	for (int i = promises->count - 1; i >= 0; i--) {
		if (promises->list[i].kind == TRY_BOOT)
			return promises->list[i].word;
	}
	return NULL;
}

bool
is_stop_tried(const struct promises *promises)
{
	for (int i = 0; i < promises->count; i++) {
		if (promises->list[i].kind == TRY_STOP)
			return true;
	}
	return false;
}
