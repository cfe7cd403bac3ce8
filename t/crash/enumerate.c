/* All the states a crash may leave, prefix by prefix of a trace. */
#include "enumerate.h"
#include "base/hash.h"
#include "choose.h"
#include "trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { KNOWN_SLOTS = 1 << 22 };

/* The hashes of all states that were checked. */
static bool
is_known(uint64_t hash)
{
	static uint64_t *known;
	size_t at = hash % KNOWN_SLOTS;

	if (known == NULL) {
		known = memory_alloc(KNOWN_SLOTS * sizeof(*known));
		/* Children need none of it. */
		madvise((void *)(((uintptr_t)known + 4095) & ~4095UL),
		    (KNOWN_SLOTS - 1024) * sizeof(*known), MADV_DONTFORK);
	}
	while (known[at] != 0 && known[at] != hash)
		at = (at + 1) % KNOWN_SLOTS;
	if (known[at] == hash)
		return true;
	known[at] = hash;
	return false;
}

struct prefix {
	struct enumeration *all;
	const struct model *model;
	struct promises *promises;
	int depth;
};

static uint64_t
hash_state(const struct prefix *prefix, const struct image *image,
    bool is_killed)
{
	uint64_t parts[4] = {
		image_hash(image),
		(uint64_t)prefix->promises->count,
		hash_bytes(prefix->promises->list,
		    sizeof(struct promise) * (size_t)prefix->promises->count),
		(uint64_t)prefix->depth * 2 + is_killed,
	};

	return hash_bytes(parts, sizeof(parts)) | 1;
}

static void
tell(const struct prefix *prefix, const struct state *state,
    const struct trial *trial)
{
	const struct model *model = prefix->model;

	printf("# FAILED: %s\n#   %s, depth %d, before record %llu, of what "
	    "was not durable:\n", trial->why,
	    trial->is_killed ? "killed" : "power cut", prefix->depth,
	    (unsigned long long)model->number);
	for (int i = 0; i < model->op_count; i++) {
		const struct trace_record *record = model->ops[i].record;
		static const char *const fates[] = {
			"dropped", "kept", "torn at", "only from", "only size",
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
go_deeper(const struct prefix *prefix, const struct image *image,
    const struct trial *trial)
{
	struct enumeration *all = prefix->all;
	struct model *model = memory_alloc(sizeof(*model));
	long before = all->states;
	struct trial below = *trial;

	if (trial_record(&below, image, model) == 0) {
		all->deep_every = -all->deep_every;
		enumerate(all, model, prefix->promises, prefix->depth + 1);
		all->deep_every = -all->deep_every;
		all->deep += all->states - before;
		trace_close(model->trace);
	}
	model_close(model);
	free(model);
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
	const struct prefix *prefix = context;
	struct enumeration *all = prefix->all;
	struct image image;
	uint64_t hash;
	struct trial trial = {
		.scratch = all->scratch,
		.spool = all->spool,
		.promises = prefix->promises,
		.is_killed = is_killed,
		.boot = trial_boot(prefix->depth, is_killed),
	};

	if (all->failures > 0 && all->stops_at_first)
		return;
	if (is_left_out(all, is_killed)) {
		all->left_out++;
		return;
	}
	model_apply(prefix->model, state, &image);
	hash = hash_state(prefix, &image, is_killed);
	if (is_known(hash)) {
		all->repeated++;
	} else {
		all->states++;
		if (trial_run(&trial, &image) != 0) {
			all->failures++;
			tell(prefix, state, &trial);
		}
		if (all->deep_every > 0 &&
		    all->states % all->deep_every == 0)
			go_deeper(prefix, &image, &trial);
	}
	image_release(&image);
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

int
enumerate(struct enumeration *all, struct model *model,
    struct promises *promises, int depth)
{
	const struct trace_record *record;
	struct prefix prefix = {all, model, promises, depth};

	while ((record = model_step(model)) != NULL) {
		if (record->op == TRACE_MARK && promises_add(promises,
		        (const char *)record_data(record)) < 0) {
			printf("# not a mark: %s\n", record_data(record));
			return -1;
		}
		if (!is_place(model, record))
			continue;
		all->prefixes++;
		choose(model, &(struct choices){all->seed + model->number,
		    all->random_states >> 2 * depth,
		    all->single_ops >> 2 * depth}, check, &prefix);
	}
	return 0;
}
