/* crash: records marks, and tries all that a crash may leave of a trace.
 *
 *   crash make TRACE                 an empty trace
 *   crash mark TRACE WORD...         a mark
 *   crash list TRACE                 what is in it
 *   crash forget TRACE PATTERN       makes it lie: files and directories that
 *                                    were made with such a name never synced
 *   crash try TRACE ROOT SCRATCH SPOOL [SEED [RANDOM [SINGLE [DEEP [ONE-IN
 *       [DEPTH]]]]]]
 *
 * With CRASH_ALL set it goes on behind a failure; with CRASH_SPOIL it damages
 * each disk between two looks at it, which must not go unnoticed.
 *
 * try: ROOT is the directory, empty again, where TRACE began; SCRATCH one for
 * traces of recoveries. Prints what was counted; exits 1 if a state breaks a promise. */
#include "enumerate.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
mark(int argc, char **argv)
{
	struct buf text = {0};

	if (trace_start(argv[2]) < 0)
		return 66;
	for (int i = 3; i < argc; i++)
		buf_printf(&text, "%s%s", i == 3 ? "" : " ", argv[i]);
	trace_mark(buf_text(&text));
	trace_start(NULL);
	buf_release(&text);
	return 0;
}

static int
list(const char *path)
{
	static const char *const ops[] = {"?", "create", "mkdir", "unlink",
		"rename", "write", "mapped", "truncate", "sync", "synced",
		"mark"};
	struct model *model = memory_alloc(sizeof(*model));
	const struct trace_record *it;

	model->trace = trace_read(path);
	while (model->trace != NULL && (it = model_step(model)) != NULL)
		printf("%llu %d %s file %llu dir %llu %s %s %lld +%llu %s\n",
		    (unsigned long long)model->number - 1, it->pid,
		    ops[it->op], (unsigned long long)it->file,
		    (unsigned long long)it->dir,
		    it->name_size ? record_name(it) : "",
		    it->to_name_size ? record_to_name(it) : "",
		    (long long)it->offset,
		    (unsigned long long)it->data_size,
		    it->op == TRACE_MARK ? (const char *)record_data(it)
		                         : "");
	free(model);
	return 0;
}

static bool
is_made_as(const struct trace *trace, uint64_t file, const char *pattern)
{
	struct model model = {.trace = trace};
	const struct trace_record *it;

	for (; (it = model_next(&model)) != NULL; model.at += it->size) {
		if ((it->op == TRACE_CREATE ||
		        it->op == TRACE_MAKE_DIRECTORY) && it->file == file &&
		    fnmatch(pattern, record_name(it), 0) == 0)
			return true;
	}
	return false;
}

static int
forget(const char *path, const char *pattern)
{
	static struct model model;
	const uint16_t nothing = TRACE_SYNC_BEGIN;
	const struct trace_record *it;
	int fd = open(path, O_RDWR | O_CLOEXEC), count = 0;

	model.trace = trace_read(path);
	if (fd < 0 || model.trace == NULL)
		return 66;
	for (; (it = model_next(&model)) != NULL; model.at += it->size) {
		const char *at = (const char *)&it->op;

		if (it->op != TRACE_SYNC_END ||
		    !is_made_as(model.trace, it->file, pattern))
			continue;
		if (pwrite(fd, &nothing, sizeof(nothing),
		        at - (const char *)model.trace) < 0)
			return 74;
		count++;
	}
	close(fd);
	return count > 0 ? 0 : 66;
}

static int
number(int argc, char **argv, int index, int otherwise)
{
	return argc > index ? atoi(argv[index]) : otherwise;
}

static int
try(int argc, char **argv)
{
	static struct promises promises;
	struct model *model = memory_alloc(sizeof(*model));
	struct enumeration all = {
		.scratch = argv[4],
		.spool = argv[5],
		.seed = (unsigned long)number(argc, argv, 6, 1),
		.random_states = number(argc, argv, 7, 10),
		.single_ops = number(argc, argv, 8, 16),
		.deep_every = number(argc, argv, 9, 0),
		.one_in = number(argc, argv, 10, 1),
		.depth_max = number(argc, argv, 11, 2),
		.stops_at_first = getenv("CRASH_ALL") == NULL,
	};
	int rc = model_open(model, trace_read(argv[2]), argv[3]);

	if (rc < 0 || model->trace == NULL)
		return 66;
	rc = enumerate(&all, model, &promises, 0);
	printf("%ld prefixes, %ld states (%ld and %ld of them after crashes in "
	    "%ld recoveries), %ld made again, %ld left out, %d promises, "
	    "%ld failed\n",
	    all.prefixes, all.states, all.deep[1], all.deep[2],
	    all.recordings, all.repeated, all.left_out, promises.count,
	    all.failures);
	return rc < 0 ? 70 : all.failures > 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (strcmp(what, "make") == 0)
		return trace_make(argv[2]) < 0 ? 73 : 0;
	if (strcmp(what, "mark") == 0)
		return mark(argc, argv);
	if (strcmp(what, "list") == 0)
		return list(argv[2]);
	if (strcmp(what, "forget") == 0 && argc > 3)
		return forget(argv[2], argv[3]);
	if (strcmp(what, "try") == 0 && argc > 5)
		return try(argc, argv);
	fprintf(stderr, "crash: see the head of t/crash/main.c\n");
	return 64;
}
