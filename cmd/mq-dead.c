/* mq-dead: list dead letters, show them, send them back or drop them. */
#include "dead_view.h"
#include "tool.h"

struct options {
	const char *directory;
	const char *group;
	bool all;
	bool dry_run;
	bool json;
	bool quiet;
};

#define AT(member) offsetof(struct options, member)
static const struct option_spec options_table[] = {
    TOOL_OPTION_DIRECTORY(struct options, directory),
    {'g', "group", OPTION_TEXT, AT(group), "GROUP", COMPLETE_GROUP,
	"only letters of this group"},
    {0, "all", OPTION_FLAG, AT(all), NULL, NULL,
	"redrive or drop every letter of the topic"},
    {'n', "dry-run", OPTION_FLAG, AT(dry_run), NULL, NULL,
	"say how many would be redriven or dropped, change nothing"},
    {'j', "json", OPTION_FLAG, AT(json), NULL, NULL,
	"JSON Lines instead of text"},
    {'q', "quiet", OPTION_FLAG, AT(quiet), NULL, NULL,
	"do not say how many were redriven or dropped"},
    {0},
};
static const struct command command = {
    .name = "mq-dead",
    .operands = "list|show|redrive|drop TOPIC [ID...]",
    .summary = "list, show, redrive or drop the dead letters of a topic",
    .complete = COMPLETE_TOPIC,
    .options = options_table,
    .subcommands = "list|show|redrive|drop",
};

struct job {
	const struct options *options;
	struct spool *spool;
	const char *topic;
	char **ids; /* NULL-ended */
	struct buf *out;
};

static int
run_view(const struct job *job, bool is_whole)
{
	struct dead_view view = {.group = job->options->group,
	    .ids = job->ids,
	    .is_json = job->options->json,
	    .is_whole = is_whole,
	    .out = job->out};

	return dead_view_list(job->spool, job->topic, &view);
}

static int
run_list(const struct job *job)
{
	return run_view(job, false);
}

static int
run_show(const struct job *job)
{
	return run_view(job, true);
}

/* Applies a change to the letters named, or to all. Returns how many. */
static int
change_letters(const struct job *job,
    int (*change)(struct spool *spool, const char *topic,
	const struct dead_choice *choice, bool dry_run))
{
	struct dead_choice choice = {job->options->group, -1, -1};
	int changed = 0, result;

	if (job->options->all != !*job->ids)
		tool_usage("name letters by their ID, or all by --all");
	if (job->options->all)
		return change(job->spool, job->topic, &choice,
		    job->options->dry_run);
	result = dead_view_check_ids(job->ids);
	for (char **id = job->ids; *id && result >= 0; id++) {
		dead_view_parse_id(*id, &choice.partition, &choice.id);
		result = change(job->spool, job->topic, &choice,
		    job->options->dry_run);
		changed += result;
	}
	return result < 0 ? result : changed;
}

static int
run_redrive(const struct job *job)
{
	int count = change_letters(job, dead_redrive);

	if (count >= 0 && !job->options->quiet)
		tool_note("%d %sredriven", count,
		    job->options->dry_run ? "would be " : "");
	return count;
}

static int
run_drop(const struct job *job)
{
	int count = change_letters(job, dead_drop);

	if (count >= 0 && !job->options->quiet)
		tool_note("%d %sdropped", count,
		    job->options->dry_run ? "would be " : "");
	return count;
}

/* In the order of command.subcommands. */
static const struct subcommand {
	int (*run)(const struct job *job);
	bool is_change;
} subcommands[] = {
    {run_list, false},
    {run_show, false},
    {run_redrive, true},
    {run_drop, true},
};

int
main(int argc, char **argv)
{
	struct options options = {0};
	struct buf out = {0};
	struct job job = {.options = &options, .out = &out};
	const struct subcommand *subcommand;
	int operands, worker, result;
	bool is_write;

	tool_options(&command, argc, argv, &options, &operands, &worker);
	subcommand = &subcommands[tool_subcommand(&command, argv[operands])];
	if (argc - operands < 2)
		tool_usage("%s: which topic?", argv[operands]);
	job.topic = argv[operands + 1];
	job.ids = argv + operands + 2;
	is_write = subcommand->is_change && !options.dry_run;
	job.spool =
	    tool_spool(options.directory, is_write ? SPOOL_WRITE : SPOOL_READ);
	result = subcommand->run(&job);
	if (result < 0 && result != -FAIL_NOTHING)
		tool_fail(result);
	tool_write(&out);
	buf_release(&out);
	spool_close(job.spool);
	return result > 0 ? 0 : FAIL_NOTHING;
}
