/* mq-stat: how many messages wait, are leased, delayed or dead, and how old. */
#include <stdlib.h>

#include "condition.h"
#include "tool_keeper.h"
#include "view.h"

struct options {
	const char *directory;
	const char *brokers;
	const char *group;
	struct option_list checks;
	bool json;
	bool leases;
	bool segments;
	bool dead;
};

#define AT(member) offsetof(struct options, member)
static const struct option_spec options_table[] = {
    TOOL_OPTION_DIRECTORY(struct options, directory),
    TOOL_OPTION_BROKERS(struct options, brokers),
    {'g', "group", OPTION_TEXT, AT(group), "GROUP", COMPLETE_GROUP,
	"only this group"},
    {0, "check", OPTION_LIST, AT(checks), "CONDITION", NULL,
	"print nothing, exit 1 unless every row fulfils it: 'lag<1000'"},
    {'j', "json", OPTION_FLAG, AT(json), NULL, NULL,
	"JSON Lines instead of a table"},
    {0, "leases", OPTION_FLAG, AT(leases), NULL, NULL,
	"list leased and delayed ranges instead"},
    {0, "segments", OPTION_FLAG, AT(segments), NULL, NULL,
	"list partitions, their offsets and segments instead"},
    {0, "dead", OPTION_FLAG, AT(dead), NULL, NULL,
	"list groups and their dead letters instead"},
    {0},
};
static const struct command command = {
    .name = "mq-stat",
    .operands = "[TOPIC...]",
    .summary = "show counts, lag and sizes of topics and groups",
    .complete = COMPLETE_TOPIC,
    .options = options_table,
};

enum { CHECKS_MAX = 64 };

struct check {
	struct condition conditions[CHECKS_MAX];
	size_t count;
	const char **texts;
	size_t rows;
	bool is_remote;
	bool is_false;
};

static int
check_row(const struct summary *row, void *context)
{
	struct check *check = context;
	struct buf why = {0};

	check->rows++;
	for (size_t i = 0; i < check->count; i++) {
		if (check->is_remote &&
		    !condition_is_told(&check->conditions[i], row))
			tool_usage("brokers do not tell what \"%s\" is about",
			    check->texts[i]);
		if (condition_test(&check->conditions[i], row, &why))
			continue;
		tool_note("%s", buf_text(&why));
		buf_clear(&why);
		check->is_false = true;
	}
	buf_release(&why);
	return 0;
}

/* Returns the exit status. */
static int
run_checks(const struct options *options, const struct view *view)
{
	struct check check = {.count = options->checks.count,
	    .texts = options->checks.items,
	    .is_remote = keeper_spool(view->keeper) == NULL};
	int result = 0;

	if (check.count > CHECKS_MAX)
		tool_usage("at most %d conditions", CHECKS_MAX);
	for (size_t i = 0; i < check.count && result >= 0; i++)
		result = condition_parse(
		    options->checks.items[i], &check.conditions[i]);
	if (result >= 0)
		result = view_summaries(view, check_row, &check);
	if (result >= 0 && check.rows == 0 && options->group)
		result = fail(FAIL_MISSING, "no group %s", options->group);
	tool_must(result);
	return check.is_false ? FAIL_NOTHING : 0;
}

int
main(int argc, char **argv)
{
	struct options options = {0};
	struct view view = {0};
	struct buf out = {0};
	int operands, worker, result, status = 0, left_out = 0;

	tool_options(&command, argc, argv, &options, &operands, &worker);
	if (options.leases + options.segments + options.dead > 1)
		tool_usage("choose one of --leases, --segments and --dead");
	view.keeper = tool_keeper(options.directory, options.brokers,
	    SPOOL_READ);
	if (keeper_spool(view.keeper) == NULL &&
	    (options.leases || options.dead))
		tool_usage("brokers do not tell of leases and dead letters");
	view.group = options.group;
	view.topics = argv + operands;
	view.is_json = options.json;
	view.left_out = &left_out;
	if (options.checks.count > 0) {
		status = run_checks(&options, &view);
	} else {
		result = options.leases	    ? view_leases(&view, &out)
			 : options.segments ? view_segments(&view, &out)
			 : options.dead	    ? view_dead(&view, &out)
					    : view_table(&view, &out);
		tool_must(result);
		tool_write(&out);
	}
	buf_release(&out);
	keeper_close(view.keeper);
	option_release(&command, &options);
	return left_out ? left_out : status;
}
