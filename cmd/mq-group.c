/* mq-group: list groups, show where they stand, alter, reset or delete them. */
#include <stdlib.h>

#include "group_view.h"
#include "tool_keeper.h"
#include "tool_settings.h"
#include "base/clock.h"
#include "base/parse.h"

struct options {
	const char *directory;
	const char *brokers;
	bool to_start;
	bool to_end;
	const char *to_offset;
	const char *to_time;
	const char *shift;
	struct option_list settings;
	bool is_dry_run;
	bool yes;
	bool verbose;
	bool json;
};

#define AT(member) offsetof(struct options, member)
static const struct option_spec options_table[] = {
    TOOL_OPTION_DIRECTORY(struct options, directory),
    TOOL_OPTION_BROKERS(struct options, brokers),
    {0, "to-start", OPTION_FLAG, AT(to_start), NULL, NULL,
	"reset: to the first message that is kept"},
    {0, "to-end", OPTION_FLAG, AT(to_end), NULL, NULL,
	"reset: to the end, skipping everything"},
    {0, "to-offset", OPTION_TEXT, AT(to_offset), "N", NULL,
	"reset: to this offset"},
    {0, "to-time", OPTION_TEXT, AT(to_time), "TIME", NULL,
	"reset: to the first message at or after a time"},
    {0, "shift", OPTION_TEXT, AT(shift), "N", NULL,
	"reset: forward by N messages, or back by -N"},
    {'X', "set", OPTION_LIST, AT(settings), "KEY=VALUE", NULL,
	"alter: set this, or without a VALUE forget it"},
    {'n', "dry-run", OPTION_FLAG, AT(is_dry_run), NULL, NULL,
	"alter: only say whether it could be done"},
    {0, "yes", OPTION_FLAG, AT(yes), NULL, NULL,
	"do it; without, reset and delete only say what they would do"},
    {'v', "verbose", OPTION_FLAG, AT(verbose), NULL, NULL,
	"show: members, settings and what members left at commits, too"},
    {'j', "json", OPTION_FLAG, AT(json), NULL, NULL,
	"JSON Lines instead of a table"},
    {0},
};
static const struct command command = {
    .name = "mq-group",
    .operands = "list | show GROUP [TOPIC] | alter GROUP | "
		"reset GROUP [TOPIC] | delete GROUP [TOPIC]",
    .summary = "list, show, alter, reset or delete groups",
    .complete = COMPLETE_GROUP,
    .options = options_table,
    .subcommands = "list|show|alter|reset|delete",
};

/* What a subcommand works on; group and topic NULL if not given. */
struct job {
	const struct options *options;
	struct keeper *keeper;
	const char *group;
	const char *topic;
	struct buf *out;
};

static int
run_list(const struct job *job)
{
	return group_view_list(job->keeper, job->options->json, job->out);
}

static int
run_show(const struct job *job)
{
	struct group_view view = {.is_json = job->options->json,
	    .is_verbose = job->options->verbose};

	return group_view_show(
	    &view, job->keeper, job->group, job->topic, job->out);
}

static int
run_alter(const struct job *job)
{
	const struct option_list *list = &job->options->settings;
	struct admin_setting *settings = tool_settings_named(list);
	int result;

	if (list->count == 0)
		tool_usage("alter needs -X KEY=VALUE");
	result = keeper_alter_group(job->keeper, job->group, settings,
	    list->count, job->options->is_dry_run);
	free(settings);
	return result;
}

/* Exactly one of the reset options, with its value. */
static enum reset
choose_reset(const struct options *options, int64_t *value)
{
	enum reset kind = RESET_START;
	int given = 0, result = 0;

	*value = 0;
	if (options->to_start)
		given++;
	if (options->to_end)
		given++, kind = RESET_END;
	if (options->to_offset) {
		given++, kind = RESET_OFFSET;
		result = parse_integer(
		    options->to_offset, "--to-offset", 0, INT64_MAX, value);
	}
	if (options->to_time) {
		given++, kind = RESET_TIME;
		result = parse_time(
		    options->to_time, "--to-time", clock_wall_ms(), value);
	}
	if (options->shift) {
		given++, kind = RESET_SHIFT;
		result = parse_integer(
		    options->shift, "--shift", -INT64_MAX, INT64_MAX, value);
	}
	if (given != 1)
		tool_usage("reset needs one of --to-start, --to-end, "
			   "--to-offset, --to-time and --shift");
	tool_must(result);
	return kind;
}

static int
run_reset(const struct job *job)
{
	struct keeper_reset reset = {.group = job->group,
	    .topic = job->topic,
	    .is_dry_run = !job->options->yes};
	struct group_view view = {.is_json = job->options->json};
	int result;

	reset.kind = choose_reset(job->options, &reset.value);
	group_view_start_changes(&view, job->group, job->out);
	result = keeper_reset(job->keeper, &reset, group_view_add_change,
	    &view);
	group_view_end_changes(&view, result >= 0);
	return result;
}

/* A dry run shows what would go. */
static int
run_delete(const struct job *job)
{
	struct group_view view = {.is_json = job->options->json};
	int result = 0;

	if (!job->options->yes)
		result = group_view_show(
		    &view, job->keeper, job->group, job->topic, job->out);
	if (result < 0)
		return result;
	return keeper_delete_group(
	    job->keeper, job->group, job->topic, !job->options->yes);
}

/* In the order of command.subcommands. */
static const struct subcommand {
	int (*run)(const struct job *job);
	int operands_min, operands_max;
	enum { READS, CHANGES, CHANGES_IF_SURE } what;
} subcommands[] = {
    {run_list, 0, 0, READS},
    {run_show, 1, 2, READS},
    {run_alter, 1, 1, CHANGES},
    {run_reset, 1, 2, CHANGES_IF_SURE},
    {run_delete, 1, 2, CHANGES_IF_SURE},
};

static bool
is_to_change(const struct subcommand *subcommand,
    const struct options *options)
{
	return subcommand->what == CHANGES ? !options->is_dry_run :
	    subcommand->what == CHANGES_IF_SURE && options->yes;
}

static const struct subcommand *
find_subcommand(const char *name, int operands)
{
	const struct subcommand *found =
	    &subcommands[tool_subcommand(&command, name)];

	if (operands < found->operands_min)
		tool_usage("%s needs a GROUP", name);
	if (operands > found->operands_max)
		tool_usage("too many operands for %s", name);
	return found;
}

int
main(int argc, char **argv)
{
	struct options options = {0};
	struct buf out = {0};
	struct job job = {.options = &options, .out = &out};
	const struct subcommand *subcommand;
	int operands, worker;

	tool_options(&command, argc, argv, &options, &operands, &worker);
	subcommand = find_subcommand(argv[operands], argc - operands - 1);
	job.group = operands + 1 < argc ? argv[operands + 1] : NULL;
	job.topic = operands + 2 < argc ? argv[operands + 2] : NULL;
	job.keeper = tool_keeper(options.directory, options.brokers,
	    is_to_change(subcommand, &options) ? SPOOL_WRITE : SPOOL_READ);
	tool_must(subcommand->run(&job));
	if (subcommand->what == CHANGES_IF_SURE && !options.yes)
		tool_note("nothing is changed without --yes");
	tool_write(&out);
	buf_release(&out);
	keeper_close(job.keeper);
	option_release(&command, &options);
	return 0;
}
