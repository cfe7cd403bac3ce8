/* All the states a crash may leave, prefix by prefix of a trace. */
#include "enumerate.h"
#include "base/hash.h"
#include "choose.h"
#include "known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KNOWN_SLOTS = 1 << 23 };

/* All states that were checked. */
static struct known tried;

struct prefix {
	struct enumeration *all;
	struct model *model;
	struct promises *promises;
	int depth;
	uint64_t key;      /* of the promises */
	struct trial *trials;
	int count;
};

static uint64_t
hash_promises(const struct promises *promises)
{
	return hash_bytes(promises->list,
	    sizeof(*promises->list) * (size_t)promises->count);
}

static uint64_t
hash_key(const struct prefix *prefix, const struct trial *trial)
{
	const char *boot = trial->boot;
	uint64_t parts[3] = {prefix->key, trial->is_killed,
		boot == NULL ? 0 : hash_bytes(boot, strlen(boot))};

	return hash_bytes(parts, sizeof(parts));
}

static bool
is_tried(struct trial *trial)
{
	uint64_t parts[2] = {image_hash(&trial->image), trial->key};
	uint64_t hash = hash_bytes(parts, sizeof(parts)) | 1;

	if (is_known(&tried, hash))
		return true;
	if (!known_add(&tried, hash)) {
		fprintf(stderr, "crash: more states than can be told apart\n");
		exit(70);
	}
	return false;
}

static void
tell(const struct prefix *prefix, const struct trial *trial)
{
	const struct state *state = trial->state;
	const struct model *model = prefix->model;

	printf("# FAILED: %s\n#   %s, depth %d, before record %llu, of what "
	    "was not durable:\n", trial->why,
	    trial->is_killed ? "killed" : "power cut", prefix->depth,
	    (unsigned long long)model->number);
	for (int i = 0; i < model->op_count; i++) {
		const struct trace_record *record = model->ops[i].record;
		static const char *const fates[] = {
			"dropped", "kept", "torn at", "zeros from",
			"only from", "only size",
		};
		static const char *const ops[] = {"", "create", "mkdir",
			"unlink", "rename", "write", "mapped", "truncate"};

		printf("#   %llu: %s %s at %lld +%llu: %s %zu\n",
		    (unsigned long long)model->ops[i].number, ops[record->op],
		    is_name_op(record) ? record_name(record)
		                       : model_name(model, model->ops[i].node),
		    (long long)record->offset,
		    (unsigned long long)record->data_size,
		    fates[state->fates[i]], state->bytes[i]);
	}
	fflush(stdout);
}

static void
go_deeper(const struct prefix *prefix, const struct trial *trial)
{
	struct enumeration *all = prefix->all;
	struct model *model = memory_alloc(sizeof(*model));
	struct buf path = {0};

	buf_printf(&path, "%s/trace%d", all->scratch, prefix->depth);
	model_open_image(model, &trial->image);
	model->trace = trial_record(trial, all->spool, buf_text(&path));
	if (model->trace != NULL) {
		all->recordings++;
		enumerate(all, model, prefix->promises, prefix->depth + 1);
		trace_close(model->trace);
	}
	model_close(model);
	free(model);
	buf_release(&path);
}

static bool
is_to_go_deeper(const struct prefix *prefix)
{
	const struct enumeration *all = prefix->all;

	return all->deep_every > 0 && prefix->depth + 1 < all->depth_max &&
	    all->states % (all->deep_every << 2 * prefix->depth) == 0;
}

static void
release_trial(struct trial *trial)
{
	image_release(&trial->image);
	free(trial->state);
	free(trial->why);
}

/* Tries what was collected. */
static void
run(struct prefix *prefix)
{
	struct enumeration *all = prefix->all;

	trial_run(prefix->trials, prefix->count, all->spool, prefix->promises);
	for (int i = 0; i < prefix->count; i++) {
		struct trial *trial = &prefix->trials[i];

		all->states++;
		all->deep[prefix->depth]++;
		if (trial->has_failed) {
			if (++all->failures == 1 || !all->stops_at_first)
				tell(prefix, trial);
		} else if (is_to_go_deeper(prefix)) {
			go_deeper(prefix, trial);
		}
		release_trial(trial);
	}
	prefix->count = 0;
}

/* Of a run that is to be short only some states are tried, by chance, and the
 * same ones for the same seed. The first of each place, a kill, always is. */
static bool
is_left_out(struct enumeration *all, bool is_killed)
{
	uint64_t parts[2] = {all->seed, (uint64_t)++all->offered};

	return all->one_in > 1 && !is_killed &&
	    hash_bytes(parts, sizeof(parts)) % (unsigned)all->one_in != 0;
}

static void
check(void *context, struct state *state, bool is_killed)
{
	struct prefix *prefix = context;
	struct enumeration *all = prefix->all;
	struct trial *trial = &prefix->trials[prefix->count];

	if (all->failures > 0 && all->stops_at_first)
		return;
	if (is_left_out(all, is_killed)) {
		all->left_out++;
		return;
	}
	*trial = (struct trial){.is_killed = is_killed};
	trial->boot = trial_boot(prefix->depth,
	    promises_boot(prefix->promises), &trial->is_killed);
	trial->clocks = prefix->model->clocks;
	trial->key = hash_key(prefix, trial);
	model_apply(prefix->model, state, &trial->image);
	if (is_tried(trial)) {
		all->repeated++;
		image_release(&trial->image);
		return;
	}
	trial->state = memory_alloc(sizeof(*state));
	*trial->state = *state;
	if (++prefix->count == TRIALS_MAX)
		run(prefix);
}

/* A crash between an operation and what was said of it is less strict than one
 * behind both. */
static bool
is_place(const struct model *model, const struct trace_record *last)
{
	const struct trace_record *next = model_next(model);

	if (last->op != TRACE_MARK && !model->is_changed)
		return false;
	return next == NULL || next->op != TRACE_MARK ||
	    strncmp((const char *)record_data(next), "try-", 4) == 0;
}

static void
try_place(struct enumeration *all, struct model *model,
    struct promises *promises, int depth)
{
	struct prefix prefix = {
		.all = all,
		.model = model,
		.promises = promises,
		.depth = depth,
		.key = hash_promises(promises),
		.trials = memory_alloc(sizeof(*prefix.trials) * TRIALS_MAX),
	};

	all->prefixes++;
	choose(model, &(struct choices){all->seed + model->number,
	    all->random_states >> 2 * depth,
	    all->single_ops >> 2 * depth}, check, &prefix);
	run(&prefix);
	free(prefix.trials);
}

int
enumerate(struct enumeration *all, struct model *model,
    struct promises *promises, int depth)
{
	const struct trace_record *record;

	if (tried.size == 0)
		known_share(&tried, KNOWN_SLOTS);
	while ((record = model_step(model)) != NULL) {
		if (record->op == TRACE_MARK && promises_add(promises,
		        (const char *)record_data(record)) < 0) {
			printf("# not a mark: %s\n", record_data(record));
			return -1;
		}
		if (is_place(model, record))
			try_place(all, model, promises, depth);
	}
	return 0;
}
