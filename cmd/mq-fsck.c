/* mq-fsck: check a spool, and mend what can be mended. */
#include <stdlib.h>
#include <unistd.h>

#include "findings.h"
#include "tool.h"
#include "base/file.h"
#include "spool/check.h"
#include "spool/state.h"

struct options {
	const char *directory;
	bool no;
	bool yes;
	bool rebuild_index;
	bool json;
};

#define AT(member) offsetof(struct options, member)
static const struct option_spec options_table[] = {
    TOOL_OPTION_DIRECTORY(struct options, directory),
    {'n', "dry-run", OPTION_FLAG, AT(no), NULL, NULL,
	"only check; the spool may be in use (default)"},
    {'y', "yes", OPTION_FLAG, AT(yes), NULL, NULL, "mend what can be mended"},
    {0, "rebuild-index", OPTION_FLAG, AT(rebuild_index), NULL, NULL,
	"derive the index from the log again, groups are kept; then check"},
    {'j', "json", OPTION_FLAG, AT(json), NULL, NULL,
	"JSON Lines, one object a finding"},
    {0},
};
static const struct command command = {
    .name = "mq-fsck",
    .operands = "[TOPIC...]",
    .summary = "check a spool: 0 clean, 1 corrected, 4 errors left, "
	       "8 could not run",
    .complete = COMPLETE_TOPIC,
    .options = options_table,
};

/* As fsck(8) has them: a sum. */
enum { FSCK_CLEAN = 0, FSCK_CORRECTED = 1, FSCK_LEFT = 4, FSCK_FAILED = 8 };

/* What is checked: these topics (NULL-ended), or the whole spool if empty. */
struct job {
	const char *directory;
	char **topics;
	struct spool *spool;
	struct findings *findings;
};

static _Noreturn void
give_up(void)
{
	tool_note("%s", fail_message());
	exit(FSCK_FAILED);
}

static void
open_spool(struct job *job, enum spool_mode mode)
{
	struct buf path = {0};
	int result;

	spool_choose_path(job->directory, &path);
	result = spool_open(&job->spool, buf_text(&path), mode, true);
	buf_release(&path);
	if (result < 0)
		give_up();
	tool_listen(job->spool);
}

/* A topic that was listed may be deleted by the time we look at it. */
static bool
is_vanished(const struct job *job, int result)
{
	return result == -FAIL_MISSING && !*job->topics;
}

static int
check_one(const char *name, void *context)
{
	struct job *job = context;
	int result = check_topic(job->spool, name, findings_add, job->findings);

	return result < 0 && !is_vanished(job, result) ? result : 0;
}

static int
mend_one(const char *name, void *context)
{
	struct job *job = context;
	int result = check_mend_topic(job->spool, name);

	return is_vanished(job, result) ? 0 : result;
}

/* Calls each with every topic of the job. */
static int
each_topic(struct job *job, int (*each)(const char *name, void *context))
{
	int result = 0;

	if (!*job->topics)
		return spool_list_topics(job->spool, each, job);
	for (char **name = job->topics; *name && result >= 0; name++)
		result = each(*name, job);
	return result;
}

static void
check_all(struct job *job, struct findings *findings)
{
	int result;

	open_spool(job, SPOOL_READ);
	job->findings = findings;
	result = each_topic(job, check_one);
	if (result >= 0)
		result = check_spool(job->spool, findings_add, findings);
	if (result < 0)
		give_up();
	spool_close(job->spool);
}

static void
mend_all(struct job *job)
{
	open_spool(job, SPOOL_WRITE);
	if (each_topic(job, mend_one) < 0 || check_mend_spool(job->spool) < 0)
		give_up();
	spool_close(job->spool);
}

static void
rebuild_index(struct job *job)
{
	open_spool(job, SPOOL_WRITE);
	if (state_rebuild(job->spool) < 0)
		give_up();
	spool_close(job->spool);
}

static void
print(struct buf *out)
{
	int result = out->size == 0
	    ? 0 : file_write(STDOUT_FILENO, out->data, out->size);

	if (result < 0 && result != -FAIL_NOTHING)
		give_up();
}

int
main(int argc, char **argv)
{
	struct options options = {0};
	struct findings before = {0}, after = {0};
	struct job job = {0};
	struct buf out = {0};
	int operands, worker, status = FSCK_CLEAN;

	tool_options(&command, argc, argv, &options, &operands, &worker);
	if (options.no && (options.yes || options.rebuild_index))
		tool_usage("-n changes nothing: it excludes -y and "
			   "--rebuild-index");
	job.directory = options.directory;
	job.topics = argv + operands;
	if (options.rebuild_index)
		rebuild_index(&job);
	check_all(&job, &before);
	if (options.yes && before.count > 0) {
		mend_all(&job);
		check_all(&job, &after);
		findings_compare(&before, &after);
		status = findings_mended(&before) > 0 ? FSCK_CORRECTED : 0;
		status |= after.count > 0 ? FSCK_LEFT : 0;
	} else if (before.count > 0) {
		status = FSCK_LEFT;
	}
	findings_format(&before, options.json, &out);
	print(&out);
	findings_release(&before);
	findings_release(&after);
	buf_release(&out);
	return status;
}
