/* Reading the rules. */
#include "rule.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void
refuse(const char *what)
{
	dprintf(STDERR_FILENO, "libfi: cannot understand '%s'\n", what);
	_exit(70);
}

static void
parse_call(struct rule *rule, const char *text)
{
#define CALL_ITEM(name) #name,
	static const char *const names[] = {CALLS(CALL_ITEM)};
#undef CALL_ITEM
	bool fits_one = false;

	for (int i = 0; i < CALL_COUNT; i++) {
		if (strcmp(text, "any") == 0)
			rule->fits[i] = !is_allocation((enum call)i);
		else if (strcmp(text, "alloc") == 0)
			rule->fits[i] = is_allocation((enum call)i);
		else
			rule->fits[i] = fnmatch(text, names[i],
			    FNM_EXTMATCH) == 0;
		fits_one |= rule->fits[i];
	}
	if (!fits_one)
		refuse(text);
}

static int
parse_error(const char *text)
{
	enum { ERRORS_MAX = 134 };
	int number = (int)strtol(text, NULL, 10);

	for (int i = 1; i < ERRORS_MAX && number == 0; i++) {
		const char *name = strerrorname_np(i);

		if (name != NULL && strcmp(name, text) == 0)
			number = i;
	}
	if (number <= 0)
		refuse(text);
	return number;
}

/* The bytes between the parentheses of "name(value)". */
static bool
is_call_of(const char *text, const char *name, char value[32])
{
	size_t size = strlen(name), rest = strlen(text);

	if (strncmp(text, name, size) != 0 || text[size] != '(' ||
	    text[rest - 1] != ')' || rest - size - 2 >= 32)
		return false;
	snprintf(value, 32, "%.*s", (int)(rest - size - 2), text + size + 1);
	return true;
}

static bool
parse_plain_action(struct rule *rule, const char *text)
{
	if (strcmp(text, "kill-before") == 0)
		rule->kills_before = true;
	else if (strcmp(text, "kill-after") == 0 || strcmp(text, "kill") == 0)
		rule->verdict.kills_after = true;
	else if (strcmp(text, "stop") == 0)
		rule->stops = true;
	else if (strcmp(text, "lie") == 0)
		rule->verdict.is_lie = true;
	else if (strcmp(text, "forever") == 0)
		rule->is_forever = true;
	else
		return false;
	return true;
}

static void
parse_action(struct rule *rule, const char *text)
{
	struct verdict *verdict = &rule->verdict;
	char value[32];

	if (parse_plain_action(rule, text))
		return;
	if (is_call_of(text, "errno", value)) {
		verdict->error = parse_error(value);
	} else if (is_call_of(text, "short", value) ||
	    is_call_of(text, "torn", value)) {
		verdict->is_limited = true;
		verdict->limit = strtoul(value, NULL, 10);
	} else if (is_call_of(text, "delay", value)) {
		rule->delay_us = strtol(value, NULL, 10);
	} else {
		refuse(text);
	}
}

static void
parse_actions(struct rule *rule, const char *text)
{
	char copy[PATTERN_MAX], *rest = copy;

	rule->actions = strdup(text);
	snprintf(copy, sizeof(copy), "%s", text);
	while (rest != NULL)
		parse_action(rule, strsep(&rest, "+"));
}

static void
parse_setting(struct rule *rule, char *text)
{
	const char *key = strsep(&text, "=");

	if (text == NULL || strlen(text) >= PATTERN_MAX)
		refuse(key);
	if (strcmp(key, "path") == 0)
		strcpy(rule->path, text);
	else if (strcmp(key, "program") == 0)
		strcpy(rule->program, text);
	else if (strcmp(key, "site") == 0)
		strcpy(rule->site, text);
	else if (strcmp(key, "do") == 0)
		parse_actions(rule, text);
	else if (strcmp(key, "nth") == 0)
		rule->nth = strtoull(text, NULL, 10);
	else
		refuse(key);
	if (strcmp(key, "nth") == 0 && rule->nth == 0)
		refuse(text);
}

size_t
rule_parse(const char *text, struct rule *rules)
{
	char *copy = strdup(text), *rest = copy;
	size_t count = 0;

	while (rest != NULL) {
		char *one = strsep(&rest, ";");

		if (*one == 0)
			continue;
		if (count == RULES_MAX)
			refuse("more than 8 rules");
		rules[count] = (struct rule){.actions = "-"};
		parse_call(&rules[count], strsep(&one, ":"));
		while (one != NULL)
			parse_setting(&rules[count], strsep(&one, ":"));
		count++;
	}
	free(copy);
	return count;
}
